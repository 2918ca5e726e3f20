"""`[*GRADE, "exercise", "3"]` is the command `grade exercise 3`, in a process of its own.

A command that grades begins with a clean process which imports torch (`grader.judge.processes`).
That takes a second, more than most gradings, so the tests have two that all their commands share,
one for workers and one for judges. They were begun ahead, as the program itself begins its own
while a command line is read. All else is the program's own, and ends with the command. What is
begun, and by which environment, is tested with `python -m grader`.
"""

import contextlib
import os
import socket
import sys
import tempfile
from pathlib import Path

from grader.judge.processes import origin
from grader.judge.processes.forked import JUDGES, Forked
from grader.systems import clean
from grader.systems.here import SYSTEM
from grader.worker.walls import processes

# The tests make the folder; a command, which this file is too, is told of it.
_LENDS = origin.chosen() == origin.FORKED and __name__ != "__main__"
_FOLDER = tempfile.TemporaryDirectory(prefix="lent-") if _LENDS else None
_ADDRESS = str(Path(_FOLDER.name, "origin")) if _FOLDER else ""
GRADE = (sys.executable, __file__, _ADDRESS) if _FOLDER else (sys.executable, "-m", "grader")


class Prepared(Forked):
    """A clean process that has imported what judges take too: theirs are ready at once."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._judges = None
        command = clean.command(begun := "grader.worker.origin")
        first = f"import gc; gc.disable(); import {JUDGES}; from {begun}"
        command = [part.replace(f"from {begun}", first) for part in command]
        with theirs:
            self._process = SYSTEM.start(command, clean.environment(), theirs, errors=None)


def lend(workers: Forked, judges: Forked) -> None:
    """Lend clean processes to every command of this process's tests, until this process ends: one
    that its workers come from, and one that its judges do."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(_ADDRESS)
    listening.listen()
    if os.fork() == 0:
        try:
            processes.die_with_parent()
            while True:
                with contextlib.suppress(OSError), listening.accept()[0] as command:
                    lent = [workers._control.fileno(), judges._control.fileno()]
                    socket.send_fds(command, [b"."], lent)
        finally:
            os._exit(1)
    listening.close()


class Lent(Forked):
    """Clean processes that others use too: what was forked for this command ends with it."""

    def __init__(self, address: str) -> None:
        with socket.socket(socket.AF_UNIX) as lender:
            lender.connect(address)
            _, descriptors, _, _ = socket.recv_fds(lender, 1, 2)
        self._lent = [socket.socket(fileno=each) for each in descriptors]
        self._judges = None

    def _forked(self, name: str) -> socket.socket:
        self._control = self._lent[name == JUDGES]
        return super()._forked(name)

    def close(self) -> None:
        for each in filter(None, (self._judges, *self._lent)):
            each.close()


def take(address: str) -> None:
    """Have what this process begins from now on be what is lent there."""
    begin = origin.begin
    origin.begin = lambda: Lent(address) if origin.chosen() == origin.FORKED else begin()


def main() -> None:
    """The program, as `python -m grader` is."""
    take(sys.argv.pop(1))
    sys.path[0] = os.getcwd()
    from grader import __main__ as program

    sys.argv[0] = str(program.__file__)
    program.main()


if __name__ == "__main__":
    main()
