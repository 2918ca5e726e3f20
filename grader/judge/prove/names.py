"""The reverse check of the diagnosis: every wrong answer that is known is told its own mistake.

Each answer of a room is graded once, and diagnosed twice: with all that the room knows, and as if
nobody had foreseen it, without itself. What it is told is then held against what it is, on calls
that the diagnosis has not seen: a mistake that is named must do there what the answer does.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from grader.course.model import Exercise
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.explain.diagnosis import Case, Named, Witness, observed
from grader.judge.explain.probes import probes
from grader.judge.grading import Grading
from grader.judge.processes.workers import Forkserver
from grader.judge.prove.jobs import each
from grader.judge.prove.mutants import mutants
from grader.judge.student import Record
from grader.judge.wrong import WrongAnswer, misconceptions, wrong_answers
from grader.report import Status, overall
from grader.submission.text import read

SEED = 1  # of the calls that the diagnosis has not seen
EXAMPLES = 12
MOST = 250


@dataclass(frozen=True)
class Told:
    """What one wrong answer was told: nothing, or the names, and whether that is what it is.

    `alone` and `is_right_alone` are the same for the diagnosis that does not know the answer.
    """

    answer: str
    named: str | None
    is_right: bool
    alone: str | None
    is_right_alone: bool


@dataclass(frozen=True)
class Names:
    """One exercise: what its wrong answers that lose points were told, and how many passed."""

    number: int
    slug: str
    told: tuple[Told, ...]
    passed: int

    def count(self, *, right: bool, alone: bool = False) -> int:
        """How many were told a name that is right, or wrong."""
        found = [(t.alone, t.is_right_alone) if alone else (t.named, t.is_right) for t in self.told]
        return sum(name is not None and holds == right for name, holds in found)

    def unnamed(self, *, alone: bool = False) -> int:
        """How many were told no name."""
        return sum((t.alone if alone else t.named) is None for t in self.told)


def measure(
    exercises: Sequence[Exercise], jobs: int = 1, *, mutated: bool = False
) -> Iterator[Names]:
    """What the wrong answers of each exercise are told; of its mutants, where they are `mutated`,
    in place of those that its room holds."""
    return each(partial(_names, mutated=mutated), exercises, jobs)


def _names(exercise: Exercise, forkserver: Forkserver, *, mutated: bool) -> Names:
    base = read(exercise.room / "reference.py")
    told: list[Told] = []
    passed = 0
    unseen: list[Record] | None = None
    for answer in _mutants(base.source) if mutated else _known(exercise):
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
            if grading.verdict is not None or not _has_failed(grading):
                passed += 1
                continue
            case = grading.case()
            if unseen is None:
                unseen = probes(
                    grading.properties,
                    grading.student,
                    case.reference,
                    seed=SEED,
                    examples=EXAMPLES,
                    most=MOST,
                )
            told.append(_told(answer, case, grading, unseen))
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


def _told(answer: WrongAnswer, case: Case, grading: Grading, unseen: Sequence[Record]) -> Told:
    functions = diagnosis.functions_of(answer.source, Path(answer.name))

    @cache
    def done() -> list[Witness]:
        """What the answer does on calls that the diagnosis has not seen."""
        return [
            Witness(observed(functions[right.call.function], right.call), right) for right in unseen
        ]

    def is_right(named: Named | None) -> bool:
        return named is not None and any(
            all(map(suspect.explains, done())) for suspect in named.meant
        )

    named = diagnosis.find(case, grading.suspects(case))
    alone = diagnosis.find(case, grading.suspects(case, unknown=answer.source))
    return Told(
        answer.name,
        named and named.name,
        is_right(named),
        alone and alone.name,
        is_right(alone),
    )
