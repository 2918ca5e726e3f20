"""Where the grading happens while somebody watches: a judge that stays warm."""

import contextlib
import os
from multiprocessing.connection import Connection

import nbformat  # noqa: F401  (a submission may be a notebook)

from grader import language
from grader.errors import UsageError
from grader.judge.grading import Grading
from grader.judge.processes.workers import Forkserver
from grader.judge.retry import Falsified
from grader.report import PropertyResult, Report, Trained
from grader.submission import text as submission
from grader.watch.messages import (
    Again,
    Answer,
    Begin,
    Begun,
    Died,
    Graded,
    InTraining,
    Leaving,
    Ready,
    Task,
    Tried,
    Trying,
    Unable,
    Unreadable,
)


def serve(connection: Connection, forkserver: Forkserver) -> None:
    """Grade what is asked for until nobody listens, or the forkserver is gone."""
    nothing = os.open(os.devnull, os.O_RDWR)  # the screen is the watching process's
    for standard in (1, 2):
        os.dup2(nothing, standard)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        begin: Begin = connection.recv()
        os.chdir(begin.folder)
        try:
            _ = forkserver.pid  # once it is there
            connection.send((0, Ready()))
            bench = Bench(connection, forkserver)
            while bench.serve_one():
                pass
        except UsageError as error:
            connection.send((connection.recv().number, Unable(error.problem, error.advice)))


class Bench:
    """Grades one task after another, and remembers what each exercise failed on."""

    def __init__(self, connection: Connection, forkserver: Forkserver) -> None:
        self._connection = connection
        self._forkserver = forkserver
        self._falsified: dict[str, Falsified] = {}

    def serve_one(self) -> bool:
        """Wait for a task and do it; a newer one that comes meanwhile is done next.

        False, and the task is not taken up, where an answer has killed the forkserver.
        """
        task: Task = self._connection.recv()
        while self._connection.poll():
            task = self._connection.recv()
        if not self._forkserver.is_alive:
            self._connection.send((0, Leaving()))
            return False
        self._tell(task, Begun())
        language.use(task.language)
        with contextlib.suppress(KeyboardInterrupt):  # a newer task is waiting
            self._tell(task, self._answer(task))
        return True

    def _answer(self, task: Task) -> Answer:
        try:
            found = submission.read_with_modules(submission.find(task.path), task.exercise.packages)
        except UsageError as error:
            return Unreadable(error.problem, error.advice)
        try:
            return Graded(self._grade(task, found))
        except UsageError as error:
            return Unable(error.problem, error.advice)
        except Exception as error:
            return Died(f"{type(error).__name__}: {error}")

    def _grade(self, task: Task, found: submission.Submission) -> Report:
        def tried(result: PropertyResult | Trained) -> None:
            if self._connection.poll():
                raise KeyboardInterrupt
            if isinstance(result, Trained):
                self._tell(task, InTraining(result.in_words))
                return
            now, total = grading.harness.ahead
            self._tell(task, Tried(result, grading.harness.only_time_is_left, now, total))

        def begun() -> None:
            now, total = grading.harness.ahead
            self._tell(task, Trying(now, total))

        grading = Grading(
            task.exercise,
            found,
            device=task.device,
            speed=task.speed,
            forkserver=self._forkserver,
            progress=tried,
        )
        with contextlib.closing(grading):
            if grading.verdict is None:
                grading.start()
            if grading.verdict is None:
                self._retry(task, grading)
                grading.harness.on_begin = begun
                grading.run()
                if (falsified := grading.harness.falsified) is not None:
                    self._falsified[task.exercise.slug] = falsified
            return grading.report()

    def _retry(self, task: Task, grading: Grading) -> None:
        """Try what failed before, and tell how it went."""
        falsified = self._falsified.get(task.exercise.slug)
        result = grading.retry(falsified) if falsified else None
        if result is not None:
            self._tell(task, Again(result))

    def _tell(self, task: Task, answer: Answer) -> None:
        self._connection.send((task.number, answer))
