"""Grade one submission after another in a judge of its own: for a terminal, and for a notebook.

Whoever asks holds neither torch nor any answer, and goes on whatever becomes of the judge.
"""

from collections.abc import Callable
from typing import Self

from grader.course import model as course
from grader.grading.engine import Task
from grader.grading.local import LocalEngine
from grader.judge.grading import Grading
from grader.judge.script import Script
from grader.report import PropertyResult, Report, Trained
from grader.submission.text import Submission


class Alone:
    """A judge, which starts at once. Use it as a context manager: it ends with it."""

    def __init__(self) -> None:
        self.progress: Callable[[PropertyResult | Trained], None] = lambda _: None
        self.tick: Callable[[], None] = lambda: None  # called each second in which nothing is told
        self._engine = LocalEngine(log=None, progress=self._tell, tick=lambda: self.tick())
        self._engine.warm_up()

    def _tell(self, result: PropertyResult | Trained) -> None:
        self.progress(result)

    def grade(
        self,
        exercise: course.Exercise,
        submission: Submission,
        *,
        seed: int | None = None,
        device: str = "auto",
        speed: bool = True,
        require_sandbox: bool = False,
        only: str | None = None,
    ) -> Report:
        """The report on `submission`; see `grader.judge.grading.grade`."""
        report, _ = self._graded(
            exercise,
            submission,
            seed=seed,
            device=device,
            speed=speed,
            require_sandbox=require_sandbox,
            only=only,
        )
        return report

    def debug(
        self,
        exercise: course.Exercise,
        submission: Submission,
        *,
        only: str | None = None,
        seed: int | None = None,
        device: str = "auto",
    ) -> tuple[Report, Script | None]:
        """The report without the running time, and the call that fails as a script; None where no
        call is to blame. `only`: of the property of that name."""
        return self._graded(
            exercise, submission, seed=seed, device=device, speed=False, debugs=True, only=only
        )

    def _graded(
        self,
        exercise: course.Exercise,
        submission: Submission,
        *,
        seed: int | None,
        device: str,
        speed: bool,
        require_sandbox: bool = False,
        debugs: bool = False,
        only: str | None = None,
    ) -> tuple[Report, Script | None]:
        early = Grading(exercise, submission, seed=seed, device=device, speed=speed)
        if early.verdict is not None:  # what the source alone tells, nobody has to wait for
            return early.verdict, None
        exercise.require_answers()
        task = Task(
            0,
            exercise,
            submission,
            early.seed,
            speed,
            device,
            require_sandbox,
            debugs=debugs,
            only=only,
        )
        (graded,) = self._engine.run([task])
        return graded.report, graded.script

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()
