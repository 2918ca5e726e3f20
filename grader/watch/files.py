"""Tell when a file may have changed."""

import contextlib
import os
import re
import socket
import threading
from pathlib import Path

from watchfiles import Change, watch
from watchfiles._rust_notify import WatchfilesRustInternalError

LOOK_SECONDS = 1.0
POLL_SECONDS = 0.1
# Events that follow each other sooner belong to one save.
QUIET_MS = 30
MOST_LOOKED_AT = 1 << 20  # bytes of a file
MOST_MODULES = 40

# In a notebook a line begins within a string of JSON.
_IMPORTED = re.compile(r"""^[ \t"]*(?:from|import)[ \t]+\.?(\w+)""", re.MULTILINE)


class Saves:
    """Becomes readable, as `select` understands it, when the file at `path` may have changed.

    Its folder is watched and not the file itself, so that the file may be replaced, deleted and
    made anew; and so is the folder that a link leads to. Besides, there is a look every
    `look_seconds`: a folder may be replaced too. With `poll` no event of the system is waited for,
    and there is a look ten times a second.
    """

    def __init__(
        self, path: Path, *, poll: bool = False, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._path = path.absolute()
        self._look_seconds = look_seconds
        self._reader, self._writer = socket.socketpair()  # for Windows waits for nothing else
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll if poll else self._watch, daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """What to wait for."""
        return self._reader.fileno()

    def drain(self) -> None:
        """Forget what has come so far."""
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(64):
                pass

    def close(self) -> None:
        """Watch no longer."""
        self._stop.set()
        self._thread.join()
        self._reader.close()
        self._writer.close()

    def _poll(self) -> None:
        # Not by watchfiles, to which two saves within one second are the same.
        seen = None
        while not self._stop.wait(POLL_SECONDS):
            if seen != (seen := state(self._path)):
                self._wake()

    def _watch(self) -> None:
        while not self._stop.is_set():
            folders = self._folders()
            names = {self._path.name, self._path.resolve().name}
            names |= {module.name for module in modules_beside(self._path)}

            def concerns(_: Change, path: str, names: set[str] = names) -> bool:
                return os.path.basename(path) in names

            try:
                for _ in watch(
                    *folders,
                    watch_filter=concerns,
                    step=QUIET_MS,
                    stop_event=self._stop,
                    rust_timeout=round(self._look_seconds * 1000),
                    yield_on_timeout=True,
                    raise_interrupt=False,
                    recursive=False,
                ):
                    self._wake()
                    now = {module.name for module in modules_beside(self._path)}
                    if folders != self._folders() or not now <= names:
                        break
            except (OSError, WatchfilesRustInternalError):
                # The folder is away, or the system gives no more events: look now and then.
                self._stop.wait(self._look_seconds)
                self._wake()

    def _folders(self) -> dict[Path, tuple[int, int]]:
        """The folders to watch, with what tells each from another of its name."""
        folders = {}
        for folder in (self._path.parent, self._path.resolve().parent):
            with contextlib.suppress(OSError):
                status = folder.stat()
                folders[folder] = (status.st_dev, status.st_ino)
        return folders

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._writer.send(b".")


State = tuple[tuple[str, int, int, int], ...]


def state(path: Path) -> State | None:
    """What differs after a save of the file, or of a module beside it that it imports; None where
    there is no file."""
    own = _state(path)
    if own is None:
        return None
    return (own, *filter(None, map(_state, modules_beside(path))))


def modules_beside(path: Path) -> list[Path]:
    """The files in its folder that a file imports by name; what they import in turn is not looked
    for at every save."""
    try:
        text = path.read_bytes()[:MOST_LOOKED_AT].decode("utf-8", "replace")
    except OSError:
        return []
    names = dict.fromkeys(_IMPORTED.findall(text.replace("\\n", "\n")))
    files = (path.with_name(f"{name}.py") for name in names)
    return [file for file in files if file.is_file() and file != path][:MOST_MODULES]


def _state(path: Path) -> tuple[str, int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return path.name, status.st_mtime_ns, status.st_size, status.st_ino
