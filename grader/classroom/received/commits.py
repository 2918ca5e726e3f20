"""When a file of a clone was committed last, read from the clone's history without trusting it.

A clone's own configuration can name programs that `git` would run, so it is never in force: only
the objects of the clone are read, from a repository of ours that is empty otherwise.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

SECONDS = 20  # for the history of one clone
MOST_BYTES = 16 << 20  # of what git says of it
MOST_ENTRIES = 100_000  # below a clone's objects
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class Commits:
    """The commits of the clones below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, Mapping[str, datetime]] = {}
        self._clones: dict[Path, Path | None] = {}

    def moment(self, path: Path) -> datetime | None:
        """When the file at `path` was committed last; None where no commit says."""
        clone = self._clone(path.parent)
        if clone is None:
            return None
        if clone not in self._known:
            self._known[clone] = _read(clone)
        return self._known[clone].get(path.relative_to(clone).as_posix())

    def _clone(self, folder: Path) -> Path | None:
        """The clone that a folder is in, below the one of all."""
        if folder not in self._clones:
            if folder == self._folder or self._folder not in folder.parents:
                found = None
            # `os.path` says no where a path is too long to be asked of.
            elif os.path.isdir(folder / ".git") and not os.path.islink(folder / ".git"):
                found = folder
            else:
                found = self._clone(folder.parent)
            self._clones[folder] = found
        return self._clones[folder]


def _read(clone: Path) -> Mapping[str, datetime]:
    """By path, the date of the newest commit that changed it; nothing where git does not say."""
    head = _head(clone / ".git")
    objects = clone / ".git" / "objects"
    if head is None or not _holds_files_alone(objects):
        return {}
    with tempfile.TemporaryDirectory(prefix="grade-git-") as own:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": own,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "LC_ALL": "C",
        }
        say = [
            "-c", "core.commitGraph=false", "-c", "core.quotePath=false", "log",
            "--no-show-signature", "--no-renames", "--no-ext-diff", "--no-textconv", "-m",
            "--first-parent", "--name-only", "-z", "--format=%x01%cI", head,
        ]  # fmt: skip
        try:
            _git(["init", "--quiet", "--bare", own], environment)
            environment["GIT_DIR"] = own
            environment["GIT_OBJECT_DIRECTORY"] = str(objects.absolute())
            return _parsed(_git(say, environment))
        except (OSError, subprocess.SubprocessError):
            return {}


def _holds_files_alone(folder: Path) -> bool:
    """Whether it is a folder of folders and files: git would wait at a pipe, and follow a link."""
    waiting, count = [folder], 0
    if folder.is_symlink():
        return False
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    elif count > MOST_ENTRIES or not entry.is_file(follow_symlinks=False):
                        return False
        except OSError:
            return False
    return True


def _git(arguments: list[str], environment: Mapping[str, str]) -> bytes:
    done = subprocess.run(
        ["git", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
    )
    return done.stdout[:MOST_BYTES]


def _parsed(said: bytes) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for commit in said.decode("utf-8", "replace").split("\x01")[1:]:
        date, _, names = commit.partition("\0")
        first, _, rest = date.partition("\n")
        try:
            moment = datetime.fromisoformat(first.strip())
        except ValueError:
            continue
        for name in (rest, *names.split("\0")):
            if name := name.strip("\n"):
                found.setdefault(name, moment)
    return found


def _head(git: Path) -> str | None:
    """The commit that a clone is at."""
    text = _line(git / "HEAD")
    if text.startswith("ref: refs/"):
        ref = text.removeprefix("ref: ")
        if ".." in ref.split("/"):
            return None
        text = _line(git / ref)
        if not text:
            packed = (line.split(" ") for line in _text(git / "packed-refs").splitlines())
            text = next((line[0] for line in packed if line[1:] == [ref]), "")
    return text if _COMMIT.fullmatch(text) else None


def _line(path: Path) -> str:
    return _text(path).partition("\n")[0].strip()


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file():
            return ""
        with path.open("rb") as file:
            return file.read(1 << 20).decode("utf-8", "replace")
    except OSError:
        return ""
