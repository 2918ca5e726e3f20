"""Measure where the bar of a capstone lies: every known answer, on as many seeds as it takes.

What comes of it stands in `calibrated.toml` of the exercise's room, with the date and the machine.
It is written after every grading, and goes on where it was left: only what has changed since, the
answer itself or the budget, is measured anew. `checks` says whether the bar is far enough from both
sides; it reads, and trains nothing.
"""

import hashlib
import json
import platform
import statistics
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.course.model import Exercise
from grader.judge import room
from grader.judge.capstone.base import CALIBRATED, Capstone, height
from grader.judge.effort import Effort
from grader.judge.grading import default_seed, environment, grade
from grader.judge.processes.workers import Forkserver
from grader.judge.wrong import misconceptions
from grader.measure import BLEU, MOST, PERPLEXITY, Measure
from grader.report import Report, Status
from grader.submission import limited
from grader.submission.text import Submission, read
from grader.writing import put

REFERENCE, RIGHT, MISCONCEPTION = "reference", "right", "misconception"
SPREADS = 4.0  # between the bar and the mean of an answer, at least
LEAST_SPREAD = 1e-3  # of what hardly varies
# What stands above the figures, by the measure.
ABOUT = {
    PERPLEXITY.name: (
        "# Written by `grade validate --calibrate`: what each known answer reaches, as a multiple",
        "# of the source's own perplexity, seed by seed. Means and spreads are of the logarithms.",
    ),
    BLEU.name: (
        "# Written by `grade validate --calibrate`: the mean BLEU that each known answer reaches",
        "# on fresh sentences, seed by seed.",
    ),
}
CURVE = {
    PERPLEXITY.name: "# The reference's curve: 0 is the source itself, 1 who knows nothing.",
    BLEU.name: "# The reference's curve: 0 knows nothing, 1 has every sentence right.",
}


@dataclass
class Answer:
    """One known answer: for each seed what it reaches, over the best, as far as it was measured.

    `ratios` has None where it fell before it was trained in full; `lost` counts the seeds on which
    it lost points, `named` those on which it was named as it should be.
    """

    name: str
    kind: str
    digest: str
    seeds: int = 0
    lost: int = 0
    named: int = 0
    ratios: list[float] = field(default_factory=list)
    heights: list[list[float]] = field(default_factory=list)  # of the curve
    measure: Measure = PERPLEXITY  # not written: it is the capstone's

    @property
    def scaled(self) -> list[float]:
        """The ratios in the form in which spreads are counted: logarithms of perplexities."""
        return [self.measure.scaled(ratio) for ratio in self.ratios]

    @property
    def mean(self) -> float:
        """The mean ratio; that of perplexities is exp of the mean logarithm, and what is above MOST
        counts as that."""
        return self.measure.share(statistics.fmean(self.scaled))

    @property
    def spread(self) -> float:
        """The standard deviation of that form."""
        return statistics.stdev(self.scaled) if len(self.scaled) > 1 else 0.0

    def distance(self, bar: float) -> float:
        """How many spreads lie between it and the bar; negative on the wrong side."""
        gap = self.measure.scaled(bar) - statistics.fmean(self.scaled)
        gap = -gap if self.measure.more_is_better else gap
        gap = -gap if self.kind == MISCONCEPTION else gap
        return gap / max(self.spread, LEAST_SPREAD)


def capstone_of(exercise: Exercise) -> Capstone | None:
    """The contract of an exercise that trains; None for another."""
    path = exercise.room / "properties.py"
    if "grader.judge.capstone" not in path.read_text(encoding="utf-8"):
        return None  # without running it: this is asked of every exercise
    found = vars(room.load(path)).values()
    return next((each for each in found if isinstance(each, Capstone)), None)


def calibrate(
    exercise: Exercise, forkserver: Forkserver, capstone: Capstone, seeds: int
) -> Iterator[str]:
    """Measure what is not measured yet, and say what each answer came to."""
    path = exercise.room / CALIBRATED
    known = {answer.name: answer for answer in _read(path, capstone.measure)}
    found: list[Answer] = []
    wanted = list(_wanted(exercise, capstone))
    for blank, submission in wanted:
        before = known.get(blank.name)
        answer = before if before and before.digest == blank.digest else blank
        found.append(answer)
        for number in range(answer.seeds, seeds):
            with limited.own():
                report = grade(
                    exercise,
                    submission,
                    seed=default_seed(exercise) + number,
                    device="cpu",
                    speed=False,
                    forkserver=forkserver,
                    effort=Effort.NAMED,
                    remembers=False,
                )
            _note(answer, report)
            later = [known[each.name] for each, _ in wanted if each.name in known]
            rest = [each for each in later if each.name not in {one.name for one in found}]
            _write(path, capstone, [*found, *rest])
        yield _line(answer, capstone.bar)
    _write(path, capstone, found)


def checks(exercise: Exercise, capstone: Capstone, seeds: int) -> Iterator[tuple[str, bool]]:
    """Whether what is calibrated is of these answers, and keeps its distance from the bar."""
    known = {answer.name: answer for answer in _read(exercise.room / CALIBRATED, capstone.measure)}
    for blank, _ in _wanted(exercise, capstone):
        answer = known.get(blank.name)
        if answer is None or answer.digest != blank.digest or answer.seeds < seeds:
            command = f"grade validate {exercise.number} --calibrate"
            yield f"{blank.name} is not calibrated on {seeds} seeds as it is now: {command}", False
            continue
        yield _line(answer, capstone.bar), _holds(answer, capstone.bar)


def _holds(answer: Answer, bar: float) -> bool:
    if answer.kind != MISCONCEPTION:
        whole = len(answer.ratios) == answer.seeds
        return answer.lost == 0 and whole and answer.distance(bar) >= SPREADS
    if answer.lost < answer.seeds or answer.named < answer.seeds:
        return False
    # One that breaks the contract falls for that, however well it predicts.
    predicts = [ratio for ratio in answer.ratios if answer.measure.is_enough(ratio, bar)]
    if not answer.ratios or len(predicts) == len(answer.ratios):
        return True
    return answer.distance(bar) >= SPREADS


def _line(answer: Answer, bar: float) -> str:
    said = f"{answer.name}: "
    if answer.ratios:
        if answer.measure.more_is_better:
            said += f"{answer.mean:.3f} of the best, spread {answer.spread:.3f}"
        else:
            more = " or more" if max(answer.ratios) > MOST else ""
            said += f"{answer.mean:.4g} times the floor{more}, spread {answer.spread:.1%}"
        said += f", {answer.distance(bar):.1f} spreads from the bar"
    else:
        said += "falls before it is trained"
    said += f"; {answer.seeds} seeds"
    if answer.kind == MISCONCEPTION:
        return f"{said}, lost points on {answer.lost}, named on {answer.named}"
    return f"{said}, full marks on {answer.seeds - answer.lost}"


def _wanted(exercise: Exercise, capstone: Capstone) -> Iterator[tuple[Answer, Submission]]:
    """Every known answer, without figures, and its text."""
    base = read(exercise.room / "reference.py")

    def blank(name: str, kind: str, submission: Submission) -> tuple[Answer, Submission]:
        text = f"{capstone.contract}\n{submission.source}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return Answer(name, kind, digest, measure=capstone.measure), submission

    yield blank(REFERENCE, REFERENCE, base)
    for path in sorted((exercise.room / "right").glob("*.py")):
        yield blank(f"right/{path.name}", RIGHT, read(path))
    for wrong in misconceptions(exercise.room):
        yield blank(wrong.name, MISCONCEPTION, base.with_source(wrong.source))


def _note(answer: Answer, report: Report) -> None:
    answer.seeds += 1
    answer.lost += report.status is not Status.PASSED
    answer.named += report.misconception is not None and report.misconception.name == answer.name
    training = report.training
    if training is not None:
        answer.ratios.append(round(training.student[-1] / training.floor, 4))
        if answer.kind == REFERENCE:
            heights = [height(each, training) for each in training.student]
            answer.heights.append([round(each, 4) for each in heights])


def _read(path: Path, measure: Measure = PERPLEXITY) -> list[Answer]:
    if not path.is_file():
        return []
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    names = Answer.__dataclass_fields__
    return [
        Answer(**{n: value for n, value in entry.items() if n in names}, measure=measure)
        for entry in table.get("answers", ())
    ]


def _write(path: Path, capstone: Capstone, answers: Sequence[Answer]) -> None:
    about = environment("cpu")
    machine = f"{platform.machine()}, {about['system']}, torch {about['torch']}"
    curves = next((each.heights for each in answers if each.kind == REFERENCE), [])
    curve = [round(statistics.fmean(column), 4) for column in zip(*curves, strict=True)]
    lines = [
        *ABOUT[capstone.measure.name],
        f"date = {datetime.now(UTC).date().isoformat()}",
        f"machine = {json.dumps(machine)}",
        f"steps = {capstone.steps}",
        f"bar = {capstone.bar}",
        CURVE[capstone.measure.name],
        f"curve = {curve}",
    ]
    for answer in answers:
        table: Mapping[str, Any] = {
            **{name: getattr(answer, name) for name in ("name", "kind", "digest")},
            **{name: getattr(answer, name) for name in ("seeds", "lost", "named")},
            **({"mean": float(f"{answer.mean:.6g}")} if answer.ratios else {}),
            **({"spread": round(answer.spread, 4)} if answer.ratios else {}),
            "ratios": answer.ratios,
            **({"heights": answer.heights} if answer.heights else {}),
        }
        lines += [
            "",
            "[[answers]]",
            *(f"{key} = {json.dumps(value)}" for key, value in table.items()),
        ]
    put(path, "\n".join(lines) + "\n")
