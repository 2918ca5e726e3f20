"""What the watching process and its judge say to each other. A leaf."""

from dataclasses import dataclass
from pathlib import Path

from grader.course.model import Exercise
from grader.report import PropertyResult, PropertyStatus, Report


@dataclass(frozen=True)
class Begin:
    """What a judge is told first: its working directory."""

    folder: str


@dataclass(frozen=True)
class Task:
    """One grading that is asked for."""

    number: int
    exercise: Exercise
    path: Path
    device: str
    speed: bool
    language: str


@dataclass(frozen=True)
class Ready:
    """The judge has what it needs, and waits for a task."""


@dataclass(frozen=True)
class Begun:
    """The judge has taken the task up."""


@dataclass(frozen=True)
class Again:
    """What became of the input that an earlier grading failed on."""

    result: PropertyResult

    @property
    def holds(self) -> bool:
        """Whether it no longer fails."""
        return self.result.status is PropertyStatus.PASSED


@dataclass(frozen=True)
class Trying:
    """The first of `total` properties is tried now: its title."""

    now: str
    total: int


@dataclass(frozen=True)
class InTraining:
    """A model is trained: how far it is, in words."""

    what: str


@dataclass(frozen=True)
class Tried:
    """One property was tried; `values_hold` where only the running time is left to look at.

    `now` is the title of the one that is tried now, empty after the last of `total`.
    """

    result: PropertyResult
    values_hold: bool
    now: str = ""
    total: int = 0


@dataclass(frozen=True)
class Graded:
    """The grading is done."""

    report: Report


@dataclass(frozen=True)
class Unreadable:
    """There is no submission to grade: it is missing, empty, half-written, no notebook."""

    problem: str
    advice: str


@dataclass(frozen=True)
class Unable:
    """Nothing can be graded on this system, or not as it was asked for."""

    problem: str
    advice: str


@dataclass(frozen=True)
class Leaving:
    """The judge ends: its forkserver was killed by an answer."""


@dataclass(frozen=True)
class Died:
    """The judge ended in the midst of a grading; another has begun. `how`: in words."""

    how: str


Answer = (
    Ready
    | Begun
    | Again
    | Trying
    | InTraining
    | Tried
    | Graded
    | Unreadable
    | Unable
    | Leaving
    | Died
)
