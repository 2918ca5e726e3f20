"""Where workers and judges come from: forks of one clean process, or interpreters of their own.

Both ways start from nothing that a grading ever knew. `forked` imports torch once for all; it is
taken where a fork of a process that holds torch is safe. `executed` is for everywhere else: a few
interpreters are started ahead, so that nobody waits for torch. GRADE_WORKERS can name either.
"""

import contextlib
import os
from typing import TYPE_CHECKING, Protocol

from grader.errors import UsageError
from grader.judge.processes.executed import EXECUTED, Executed, Stocked
from grader.judge.processes.forked import Forked
from grader.language import say
from grader.systems.here import SYSTEM

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

FORKED = "forked"
VARIABLE = "GRADE_WORKERS"

_ahead: "list[Origin]" = []


class JudgeProcess(Protocol):
    """A judge that was asked for: `connection` speaks with it."""

    connection: "Connection"

    def kill(self) -> None:
        """End it at once, if it has not ended."""

    def join(self, seconds: float | None = None) -> int | None:
        """Wait until it has ended, `seconds` at most. Its exit code, negative for a signal; None
        while it lives."""

    def close(self) -> None:
        """End it, where it has not."""


class Origin(Protocol):
    """What workers and judges come from; what comes of it ends with it."""

    def workers(self) -> Stocked:
        """Have workers made ready; what to command them by."""

    def judge(self, module: str) -> JudgeProcess:
        """Have a judge: `module.serve(connection, workers)` runs in a process of its own."""

    def close(self) -> None:
        """End it, and what has come of it but workers: these go when their judge has."""


def chosen() -> str:
    """The way that fits this system, or that GRADE_WORKERS names; UsageError where there is none
    of that name here."""
    way = os.environ.get(VARIABLE) or (FORKED if SYSTEM.forks else EXECUTED)
    if way not in (FORKED, EXECUTED):
        raise UsageError(
            say("{variable}={way} is no way to start workers.", variable=VARIABLE, way=way),
            say("It is `forked` or `executed`; leave it out, and the one that fits is taken."),
        )
    if way == FORKED and not hasattr(os, "fork"):
        raise UsageError(
            say("Workers cannot be forked on this system."),
            say("Leave {variable} out: they are then executed.", variable=VARIABLE),
        )
    return way


def begin() -> Origin:
    """Have it begun, if it was not ahead. UsageError as for `chosen`."""
    if _ahead:
        return _ahead.pop()
    return Executed() if chosen() == EXECUTED else Forked()


def begin_ahead() -> None:
    """Have it begun for whoever asks first: torch is imported while the command line is read."""
    with contextlib.suppress(UsageError):  # whoever asks hears of it
        _ahead.append(begin())


def give_up() -> None:
    """End what was begun ahead and nobody asked for."""
    while _ahead:
        _ahead.pop().close()
