"""The process that grades while somebody watches, as the watching process sees it.

It holds torch and whatever else takes seconds to import, so that a grading takes none. It is a
fork of a process that holds the same and nothing secret (`grader.grading.prefork`), and that lives
as long as the watch: where an answer brings the judge down, another is there at once.
"""

import contextlib
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from grader import language
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.judge.processes.origin import JudgeProcess, begin
from grader.language import say
from grader.watch.messages import Answer, Begin, Died, Graded, Leaving, Task, Unable, Unreadable

BENCH = "grader.watch.bench"
# How long a grading that is no longer wanted may take to end by itself.
PATIENCE_SECONDS = 1.0


class Judge:
    """Grades one thing at a time, and the newest counts. Use it as a context manager."""

    def __init__(self) -> None:
        self._origin = begin()
        self._task: Task | None = None
        self._asked = 0
        self._has_begun = False  # the task, that is
        self._deadline: float | None = None
        self._process: JudgeProcess | None = None

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._origin.close()

    def grade(self, exercise: Exercise, path: Path, *, device: str, speed: bool) -> None:
        """Ask for a grading; one that is in progress is given up."""
        if self._task is not None and self._has_begun:
            self._deadline = time.monotonic() + PATIENCE_SECONDS
        self._asked += 1
        self._has_begun = False
        self._task = Task(self._asked, exercise, path, device, speed, language.current())
        self._send()

    @property
    def is_warm(self) -> bool:
        """Whether it has torch by now."""
        return self._is_warm

    def fileno(self) -> int:
        """What to wait for."""
        return self._connection.fileno()

    @property
    def _connection(self) -> Connection:
        assert self._process is not None
        return self._process.connection

    @property
    def patience(self) -> float | None:
        """How many seconds to wait at most before `hurry`; None where there is no need for it."""
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())

    def hurry(self) -> None:
        """Begin with the newest task, whatever is going on."""
        if self.patience == 0.0:
            self._restart()

    def hear(self) -> Answer | None:
        """What the judge says of the newest task; None where it speaks of another.

        UsageError where nothing can be graded on this system, or not as it was asked for, and where
        no judge can be started.
        """
        try:
            number: int
            answer: Answer
            number, answer = self._connection.recv()
        except (EOFError, OSError):
            return self._mourn()
        self._is_warm = True
        if isinstance(answer, Leaving):
            self._restart()
        if self._task is None or number != self._task.number:
            return None
        self._has_begun, self._deadline = True, None
        if isinstance(answer, Unable):
            raise UsageError(answer.problem, answer.advice)
        if isinstance(answer, Graded | Unreadable | Died):
            self._task = None
        return answer

    def _mourn(self) -> Died | None:
        """Go on after the judge ended without a word."""
        assert self._process is not None
        code = self._process.join() or 0
        if not self._is_warm:  # another would end the same way
            raise UsageError(
                say("The grader cannot start: {how}.", how=_ended(code)),
                say("What this system has: {command}", command="grade doctor"),
            )
        unfinished = self._task is not None and self._has_begun
        if unfinished:
            self._task = None
        self._restart()
        return Died(_ended(code)) if unfinished else None

    def _restart(self) -> None:
        self._end()
        self._begin()
        self._deadline = None
        self._send()

    def _send(self) -> None:
        if self._task is not None:
            with contextlib.suppress(OSError):  # it has ended, which `hear` will find
                self._connection.send(self._task)

    def _begin(self) -> None:
        self._is_warm = False
        self._process = self._origin.judge(BENCH)
        with contextlib.suppress(OSError):  # it has ended, which `hear` will find
            self._connection.send(Begin(os.getcwd()))

    def _end(self) -> None:
        """End it at once: its forkserver then clears up after it."""
        if self._process is not None:
            self._process.close()


def _ended(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
