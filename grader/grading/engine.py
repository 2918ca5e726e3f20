"""What grades a class: tasks go in, graded ones come out as each is done.

An engine decides where the work is done; its result depends on the task alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, Self

from grader import language
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.judge.script import Script
from grader.report import Report, Status
from grader.submission.text import Submission

SLACK_SECONDS = 60.0


@dataclass(frozen=True)
class Begin:
    """How a judge is to begin: its working directory, the file that what it prints goes to (None:
    standard error), and whether it may keep a core while it waits for its worker."""

    folder: str
    log: str | None
    spins: bool


@dataclass(frozen=True)
class Task:
    """One submission to one exercise, to be graded on one seed; it can be pickled.

    `number` is the driver's own name for it. `only`: the one property to try. `debugs`: the call
    that fails is wanted as a script too.
    """

    number: int
    exercise: Exercise
    submission: Submission
    seed: int
    speed: bool = False
    device: str = "cpu"
    require_sandbox: bool = False
    debugs: bool = False
    language: str = field(default_factory=language.current)  # of the report
    only: str | None = None  # the one property to try

    @property
    def most_seconds(self) -> float:
        """How long it may take in all, on the wall clock, before something must be wrong.

        The worker has limits of its own, and these end first; what a judge does besides (inputs,
        truths, smaller counterexamples) takes a fraction of theirs on a machine that is not busy.
        """
        limits = self.exercise.limits
        timing = 10 * limits.property_seconds if self.speed else 0
        return SLACK_SECONDS + 3 * limits.submission_seconds + timing


@dataclass(frozen=True)
class Reply:
    """What a judge says of a task: its report, or what kept it from one.

    `refusal` is for the person who runs the class. `fault` is the grader's own. `is_worn`: the
    submission has ended the judge's forkserver, and so the judge.
    """

    report: Report | None = None
    refusal: UsageError | None = None
    fault: str | None = None
    is_worn: bool = False
    script: Script | None = None


@dataclass(frozen=True)
class Graded:
    """A task's report; `tries` is how often it took a judge."""

    number: int
    report: Report
    tries: int = 1
    script: Script | None = None


class Engine(Protocol):
    """Where a class is graded. Use it as a context manager: its processes end with it."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Graded]:
        """Grade the tasks, in any order; each comes out once, when it is done.

        UsageError where nothing can be graded here: no such device, a layer of the sandbox missing.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def without_grading(
    exercise: Exercise,
    path: str,
    sha256: str,
    status: Status,
    reason: str,
    next_step: str | None = None,
    *,
    seed: int,
) -> Report:
    """A report without points on what was not graded through, and the reason."""
    return Report(
        number=exercise.number,
        slug=exercise.slug,
        title=exercise.title,
        path=path,
        sha256=sha256,
        status=status,
        score=0,
        max_score=exercise.points,
        reason=reason,
        next_step=next_step,
        seed=seed,
    )
