"""The reverse check of the diagnosis: what known wrong answers are told, and whether it is so.

Each answer of a room is graded once, untimed, and diagnosed: with all that the room knows, or as if
nobody had foreseen it. A name is right where it is the answer's own; any other must do what the
answer does, on calls that the diagnosis has not seen too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache, partial
from pathlib import Path

from grader.course.model import Exercise
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.explain.diagnosis import Named, Witness, Wrong, observed
from grader.judge.explain.probes import probes
from grader.judge.grading import Grading
from grader.judge.processes.workers import Forkserver
from grader.judge.prove.calibrate import capstone_of
from grader.judge.prove.jobs import each
from grader.judge.prove.mutants import mutants
from grader.judge.student import Record
from grader.judge.wrong import WrongAnswer, misconceptions, wrong_answers
from grader.report import Status, overall
from grader.submission.text import read

SEED = 1  # of the calls that the diagnosis has not seen
EXAMPLES = 12
MOST = 250


class Asked(Enum):
    """Which wrong answers are graded: those that the room holds, the same as if it did not hold the
    one at hand, or mutants of the reference."""

    KNOWN = auto()
    NOVEL = auto()
    MUTANTS = auto()


@dataclass(frozen=True)
class Told:
    """What one wrong answer was told: nothing, or a name, and whether that is what it is.

    `people` says whether it is one of the room's misconceptions, which people really write.
    """

    answer: str
    named: str | None
    is_right: bool
    people: bool = False


@dataclass(frozen=True)
class Names:
    """One exercise: what its wrong answers were told, and how many lost no points to speak of."""

    number: int
    slug: str
    told: tuple[Told, ...]
    passed: int

    @property
    def right(self) -> int:
        """How many were told what they are."""
        return sum(told.named is not None and told.is_right for told in self.told)

    @property
    def wrong(self) -> list[Told]:
        """Those that were told what they are not."""
        return [told for told in self.told if told.named is not None and not told.is_right]

    @property
    def unnamed(self) -> list[Told]:
        """Those that were told nothing."""
        return [told for told in self.told if told.named is None]


def measure(
    exercises: Sequence[Exercise], jobs: int = 1, asked: Asked = Asked.KNOWN
) -> Iterator[Names]:
    """What the wrong answers of each exercise are told."""
    return each(partial(_names, asked=asked), exercises, jobs)


def _names(exercise: Exercise, forkserver: Forkserver, *, asked: Asked) -> Names:
    if capstone_of(exercise):  # named by what training shows, which `--calibrate` counts
        return Names(exercise.number, exercise.slug, (), 0)
    base = read(exercise.room / "reference.py")
    people = {each.source for each in misconceptions(exercise.room)}
    told: list[Told] = []
    passed = 0
    for answer in _mutants(base.source) if asked is Asked.MUTANTS else _known(exercise):
        grading = Grading(
            exercise,
            base.with_source(answer.source),
            device="cpu",
            speed=False,
            forkserver=forkserver,
            effort=Effort.NAMED,
        )
        try:
            if grading.verdict is None:
                grading.start()
            if grading.verdict is None:
                grading.run()
            if grading.verdict is None and _has_failed(grading):
                found = _told(answer, grading, asked)
                told.append(replace(found, people=answer.source in people))
            else:
                passed += 1
        finally:
            grading.close()
    return Names(exercise.number, exercise.slug, tuple(told), passed)


def _known(exercise: Exercise) -> Iterable[WrongAnswer]:
    return [*misconceptions(exercise.room), *wrong_answers(exercise.room)]


def _mutants(source: str) -> Iterator[WrongAnswer]:
    for mutant in mutants(source):
        name = f"line {mutant.line}: {mutant.before} -> {mutant.after}"
        yield WrongAnswer(name, "", mutant.source)


def _has_failed(grading: Grading) -> bool:
    status = overall(tuple(grading.harness.results.values()))
    return status in (Status.PARTIAL, Status.FAILED)


def _told(answer: WrongAnswer, grading: Grading, asked: Asked) -> Told:
    case = grading.case()
    unknown = answer.source if asked is Asked.NOVEL else ""
    named = diagnosis.find(case, grading.suspects(case, unknown))
    if named is None:
        return Told(answer.name, None, is_right=False)

    @cache
    def unseen() -> list[Witness]:
        """What the answer does on calls that the diagnosis has not made."""
        properties, student = grading.properties, grading.student
        rights = probes(
            properties, student, case.reference, seed=SEED, examples=EXAMPLES, most=MOST
        )
        return [_witness(answer, right) for right in rights]

    return Told(answer.name, named.name, is_right=_is_right(answer, named, unseen))


def _is_right(answer: WrongAnswer, named: Named, unseen: Callable[[], list[Witness]]) -> bool:
    """Whether a mistake that is meant is the answer itself, or does the same."""
    if any(isinstance(each, Wrong) and each.source == answer.source for each in named.meant):
        return True
    return any(all(map(each.explains, unseen())) for each in named.meant)


def _witness(answer: WrongAnswer, right: Record) -> Witness:
    functions = diagnosis.functions_of(answer.source, Path(answer.name))
    return Witness(observed(functions[right.call.function], right.call), right)
