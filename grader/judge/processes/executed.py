"""Workers and judges that are interpreters of their own, each started from nothing.

Nothing here imports torch. Where descriptors can be sent, workers come from a process that keeps a
few ahead (`grader.worker.keeper`) and is commanded as a forkserver is; elsewhere this process keeps
them itself (`grader.judge.processes.beside`).
"""

import contextlib
import os
import socket
import subprocess
from typing import TYPE_CHECKING

from grader.systems import clean
from grader.systems.here import SYSTEM
from grader.worker.stock import Idle, Stock

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

EXECUTED = "executed"
KEEPER = "grader.worker.keeper"
WORKER = "grader.worker.executed"
JUDGE = "grader.grading.executed"

Stocked = socket.socket | Stock
PATIENCE_SECONDS = 5.0


class Executed:
    """Interpreters that were started for a worker or a judge each."""

    def __init__(self) -> None:
        self._keepers: list[subprocess.Popen[bytes]] = []

    def workers(self) -> Stocked:
        """Have workers started; what to command them by."""
        if not SYSTEM.sends_descriptors:
            return Stock(worker_beside)
        ours, theirs = socket.socketpair()
        with theirs:
            command, environment = clean.command(KEEPER), clean.environment()
            self._keepers.append(SYSTEM.start(command, environment, theirs, errors=None))
        return ours

    def judge(self, module: str) -> "ExecutedJudge":
        """Have a judge: `module.serve(connection, workers)` runs in an interpreter of its own."""
        from multiprocessing.connection import Connection  # meanwhile torch is imported

        ours, theirs = socket.socketpair()
        with theirs:
            command, environment = clean.command(JUDGE, module), clean.environment()
            process = SYSTEM.start(command, environment, theirs, errors=None)
        return ExecutedJudge(Connection(ours.detach()), process)

    def close(self) -> None:
        """End what keeps workers. It clears up when whoever commands it has gone; that one has."""
        for keeper in self._keepers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                keeper.wait(PATIENCE_SECONDS)
            keeper.kill()
            keeper.wait()
        self._keepers.clear()


def worker_beside() -> Idle:
    """Start an interpreter that will be a worker; what it prints is read by this process."""
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    try:
        with theirs:
            command, environment = clean.command(WORKER, "here"), clean.environment()
            process = SYSTEM.start(command, environment, theirs, writing)
    finally:
        os.close(writing)
    return Idle(process, ours, reading)


class ExecutedJudge:
    """A judge in a process of its own: `connection` speaks with it."""

    def __init__(self, connection: "Connection", process: "subprocess.Popen[bytes]") -> None:
        self.connection = connection
        self._process = process

    def kill(self) -> None:
        """End it at once; what it started sees that it has gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def join(self, seconds: float | None = None) -> int | None:
        """Wait until it has ended, `seconds` at most. Its exit code, negative for a signal; None
        while it lives."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.returncode

    def close(self) -> None:
        """End it, where it has not."""
        self.connection.close()
        self.kill()
        self._process.wait()
