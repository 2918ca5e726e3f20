"""The hold on the clean process that workers and judges descend from (`grader.worker.origin`).

Nothing here imports torch. The process starts at once and imports it in the background; what is
asked of it meanwhile waits in its socket.
"""

import contextlib
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from grader.errors import UsageError

WORKERS = "grader.worker.forkserver"
JUDGES = "grader.grading.prefork"
# What Python, torch and its libraries read, and nothing that a person keeps there: what stands in
# the environment of a process can be read in all that descend from it.
KEPT = re.compile(
    r"LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|SYSTEMROOT|LD_LIBRARY_PATH|DYLD_\w+|ATEN_CPU_CAPABILITY"
    r"|(?:OMP|KMP|MKL|OPENBLAS|CUDA|NVIDIA|HIP|ROCR)_\w+"
)
ROOT = Path(__file__).resolve().parent.parent.parent.parent
# The grader that started it comes first, the other folders last.
BEGIN = (
    "import sys; root, *more = sys.argv[1:]; del sys.argv[1:];"
    " root in sys.path or sys.path.insert(0, root);"
    " sys.path.extend(path for path in more if path not in sys.path);"
    " from grader.worker.origin import main; main()"
)
STATUS = struct.Struct("=i")


class Origin:
    """A clean process, and what is forked from it. Use it as a context manager, or `close` it.

    What descends from it ends with it, and with the process that started it.
    """

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            raise UsageError(
                "Nothing can be graded on Windows itself: it cannot fork.",
                "Install grade in the Windows Subsystem for Linux (wsl --install).",
            )
        self._control, theirs = socket.socketpair()
        self._judges: socket.socket | None = None
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *_flags(), "-c", BEGIN, str(ROOT), *_libraries()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=_environment(),
                start_new_session=True,  # a Ctrl-C is for whoever started it
            )

    def workers(self) -> socket.socket:
        """Have a process forked that workers are forked from; the socket to command it by."""
        return self._forked(WORKERS)

    def judge(self, module: str) -> "JudgeProcess":
        """Have a process forked that is a judge: `module.serve(connection, workers)` runs in it.

        `workers` is the socket of a process of its own that workers are forked from.
        """
        if self._judges is None:
            self._judges = self._forked(JUDGES)
        ours, theirs = socket.socketpair()
        ended, status = socket.socketpair()
        with theirs, status, self.workers() as workers, contextlib.suppress(OSError):
            descriptors = [each.fileno() for each in (theirs, status, workers)]
            socket.send_fds(self._judges, [module.encode()], descriptors)
        return JudgeProcess(Connection(ours.detach()), ended)

    def _forked(self, name: str) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs, contextlib.suppress(OSError):  # it has ended, which `ours` will tell
            socket.send_fds(self._control, [name.encode()], [theirs.fileno()])
        return ours

    def close(self) -> None:
        """End it, and what has descended from it but workers: these go when their judge has."""
        for each in filter(None, (self._judges, self._control)):
            each.close()
        self._process.kill()  # it may be busy importing
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class JudgeProcess:
    """A judge that was asked for: `connection` speaks with it."""

    def __init__(self, connection: Connection, status: socket.socket) -> None:
        self.connection = connection
        self._status = status  # tells its process number, and when it has ended how it did
        self._pid: int | None = None
        self._code: int | None = None

    def kill(self) -> None:
        """End it at once. One that has not begun yet finds nobody at the other end, and ends."""
        if self._pid is None:
            self._pid = self._told(0)
        if self._pid is not None and self._code is None and self.join(0) is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def join(self, seconds: float | None = None) -> int | None:
        """Wait until it has ended, `seconds` at most. Its exit code, negative for a signal; None
        while it lives."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while self._code is None:
            told = self._told(None if deadline is None else max(0.0, deadline - time.monotonic()))
            if told is None:
                break
            if self._pid is None:
                self._pid = told
            else:
                self._code = told
        return self._code

    def _told(self, seconds: float | None) -> int | None:
        """The next number that is told of it within some seconds."""
        self._status.settimeout(seconds)
        try:
            told = self._status.recv(STATUS.size)
        except (TimeoutError, BlockingIOError):
            return None
        except OSError:
            told = b""
        if len(told) == STATUS.size:
            return int(STATUS.unpack(told)[0])
        # Whoever could tell has gone, and has taken it along where it had begun.
        self._code = 1 if self._pid is None else -signal.SIGKILL
        self._pid = self._pid or 0
        return self._code

    def close(self) -> None:
        """End it, where it has not."""
        self.connection.close()
        self.kill()
        if self._pid is not None:
            self.join()
        self._status.close()


def _flags() -> list[str]:
    """Python's own, none of which depends on what is graded."""
    flags = ["-I"]  # no folder of anybody's on the path, no PYTHON* variable
    if sys.dont_write_bytecode:
        flags.append("-B")
    if sys.pycache_prefix:
        flags += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return flags


def _libraries() -> list[str]:
    """Where libraries are that this process sees; isolated Python leaves out the user's own."""
    return [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if KEPT.fullmatch(name)}
    return {"PATH": os.defpath, "PYTHONUTF8": "1", **kept}
