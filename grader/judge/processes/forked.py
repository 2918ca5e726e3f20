"""Workers and judges that are forked from one clean process (`grader.worker.origin`).

Nothing here imports torch. The process starts at once and imports it in the background; what is
asked of it meanwhile waits in its socket.
"""

import contextlib
import os
import signal
import socket
import struct
import time
from typing import TYPE_CHECKING

from grader.systems import clean
from grader.systems.here import SYSTEM

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

WORKERS = "grader.worker.forkserver"
JUDGES = "grader.grading.prefork"
STATUS = struct.Struct("=i")


class Forked:
    """A clean process, and what is forked from it.

    What descends from it ends with it, and with the process that started it.
    """

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._judges: socket.socket | None = None
        with theirs:
            self._process = SYSTEM.start(
                clean.command("grader.worker.origin"), clean.environment(), theirs, errors=None
            )

    def workers(self) -> socket.socket:
        """Have a process forked that workers are forked from; the socket to command it by."""
        return self._forked(WORKERS)

    def judge(self, module: str) -> "ForkedJudge":
        """Have a process forked that is a judge: `module.serve(connection, workers)` runs in it.

        `workers` is the socket of a process of its own that workers are forked from.
        """
        from multiprocessing.connection import Connection  # meanwhile torch is imported

        if self._judges is None:
            self._judges = self._forked(JUDGES)
        ours, theirs = socket.socketpair()
        ended, status = socket.socketpair()
        with theirs, status, self.workers() as workers, contextlib.suppress(OSError):
            descriptors = [each.fileno() for each in (theirs, status, workers)]
            socket.send_fds(self._judges, [module.encode()], descriptors)
        return ForkedJudge(Connection(ours.detach()), ended)

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


class ForkedJudge:
    """A judge that was asked for: `connection` speaks with it."""

    def __init__(self, connection: "Connection", status: socket.socket) -> None:
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
