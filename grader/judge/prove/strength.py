"""How strong the properties of an exercise are: what each of them kills among the mutants."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.course.model import Exercise
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.judge.processes.workers import Forkserver
from grader.judge.prove.jobs import each
from grader.judge.prove.mutants import mutants
from grader.report import PropertyStatus, Report
from grader.submission.text import Submission, read

DEATHS = (PropertyStatus.FAILED, PropertyStatus.ERROR)


@dataclass(frozen=True)
class PropertyStrength:
    """One property: how many mutants it kills, how many that no other kills, and the seconds that
    it takes on the reference."""

    name: str
    points: int
    kills: int
    alone: int
    seconds: float


@dataclass(frozen=True)
class Strength:
    """One exercise: its mutants, how many of them die, and its properties in order.

    Mutants that do not load, or are refused, die without a property.
    """

    number: int
    slug: str
    mutants: int
    killed: int
    properties: tuple[PropertyStrength, ...]


def measure(exercises: Sequence[Exercise], jobs: int = 1) -> Iterator[Strength]:
    """The strength of each exercise's properties, each tried on every mutant."""
    return each(_strength, exercises, jobs)


def _strength(exercise: Exercise, forkserver: Forkserver) -> Strength:
    base = read(exercise.room / "reference.py")

    def graded(submission: Submission) -> Report:
        return grade(
            exercise,
            submission,
            device="cpu",
            speed=False,
            forkserver=forkserver,
            effort=Effort.EVERY,
        )

    right = graded(base)
    kills: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    found = mutants(base.source)
    killed = 0
    for mutant in found:
        report = graded(base.with_source(mutant.source))
        killers = [result.name for result in report.properties if result.status in DEATHS]
        killed += bool(killers) or not report.properties
        kills.update(killers)
        if len(killers) == 1:
            alone.update(killers)
    properties = tuple(
        PropertyStrength(r.name, r.max_score, kills[r.name], alone[r.name], r.seconds)
        for r in right.properties
    )
    return Strength(exercise.number, exercise.slug, len(found), killed, properties)
