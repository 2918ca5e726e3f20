"""The process that grades while somebody watches, as the watching process sees it.

It holds torch and whatever else takes seconds to import, so that a grading takes none. It is a
fork of a process that holds the same and nothing secret, and that lives as long as the watch: where
an answer brings the judge down, another is there at once.
"""

import contextlib
import multiprocessing
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Self

from grader import language
from grader.course import Exercise
from grader.errors import UsageError
from grader.language import say
from grader.watch.messages import Answer, Died, Graded, Leaving, Task, Unable, Unreadable

BENCH = "grader.watch.bench"
# How long a grading that is no longer wanted may take to end by itself.
PATIENCE_SECONDS = 1.0


class Judge:
    """Grades one thing at a time, and the newest counts. Use it as a context manager."""

    def __init__(self) -> None:
        self._context: BaseContext = multiprocessing.get_context("spawn")
        if "forkserver" in multiprocessing.get_all_start_methods():
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload([BENCH, "__main__"])
            with _interrupts_ignored():  # there, that is: Ctrl-C is for the watching process
                forkserver.ensure_running()
        self._task: Task | None = None
        self._asked = 0
        self._has_begun = False  # the task, that is
        self._deadline: float | None = None
        self._process: BaseProcess | None = None
        self._connection: Connection

    def __enter__(self) -> Self:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

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
        self._process.join()
        code = self._process.exitcode or 0
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
        self._connection, theirs = self._context.Pipe()
        # A daemon may have no children of multiprocessing's; its forkserver is none of these.
        self._process = self._context.Process(target=_run, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
        self._process.start()
        theirs.close()

    def _end(self) -> None:
        """End it at once: its forkserver then clears up after it."""
        if self._process is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()


def _run(connection: Connection) -> None:
    from grader.watch import bench

    bench.serve(connection)


def _ended(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Have the processes that begin meanwhile ignore Ctrl-C for good."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
