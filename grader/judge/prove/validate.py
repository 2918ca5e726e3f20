"""Prove that an exercise grades fairly: what must pass passes, what must not does not."""

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from grader.course import translation
from grader.course.model import Exercise
from grader.course.scaffold import unwritten
from grader.errors import UsageError
from grader.judge.effort import Effort
from grader.judge.explain.diagnosis import Wrong, load
from grader.judge.grading import Grading, default_seed, grade
from grader.judge.processes.workers import Forkserver
from grader.judge.prove import calibrate as calibration
from grader.judge.prove import translated, traps
from grader.judge.prove.jobs import Task, each
from grader.judge.prove.mutants import EQUIVALENT
from grader.judge.prove.mutants import declared as declared_equivalent
from grader.judge.prove.mutants import mutants as all_mutants
from grader.judge.wrong import wrong_answers
from grader.report import PropertyStatus, Report, Status
from grader.submission import limited
from grader.submission.text import Submission, read

SEEDS = 20
HINTS = 3
MISCONCEPTIONS = 5
FEWER = 3  # where there are no tensors
RIGHT = 3
WRONG = 1
TRAINS = "left out: it trains, which takes seconds a time; see --calibrate"
PATIENCE = 5  # for traps, which take no longer than the reference


@dataclass(frozen=True)
class Check:
    """One thing that was checked, whether it holds, and what was seen."""

    text: str
    holds: bool


def validate(
    exercises: Sequence[Exercise], jobs: int = 1, *, seeds: int = SEEDS
) -> Iterator[tuple[int, Iterable[Check]]]:
    """The checks of each exercise in order: one by one as they are made, or with several `jobs`,
    processes that share the exercises, an exercise at a time.

    `seeds` is how many the reference is tried on.
    """
    return _numbered(partial(checks, seeds=seeds), exercises, jobs)


def calibrate(
    exercises: Sequence[Exercise], *, seeds: int = SEEDS
) -> Iterator[tuple[int, Iterable[Check]]]:
    """Measure every known answer of those that train, and say whether the bar lies well."""
    for exercise in exercises:
        if (capstone := calibration.capstone_of(exercise)) is None:
            continue
        with Forkserver() as forkserver:
            for line in calibration.calibrate(exercise, forkserver, capstone, seeds):
                yield exercise.number, [Check(line, holds=True)]
        yield exercise.number, _calibrated(exercise, seeds)


def _calibrated(exercise: Exercise, seeds: int) -> Iterator[Check]:
    """Whether the bar of one that trains keeps its distance, where it is one."""
    capstone = calibration.capstone_of(exercise)
    for text, holds in calibration.checks(exercise, capstone, seeds) if capstone else ():
        yield Check(text, holds)


def validate_mutants(
    exercises: Sequence[Exercise], jobs: int = 1
) -> Iterator[tuple[int, Iterable[Check]]]:
    """Whether the reference, changed in one place at a time, loses points."""
    return _numbered(_mutant_checks, exercises, jobs)


def validate_traps(
    exercises: Sequence[Exercise], jobs: int = 1
) -> Iterator[tuple[int, Iterable[Check]]]:
    """Whether the reference, made wrong in one situation at a time, loses points."""
    return _numbered(_trap_checks, exercises, jobs)


def validate_translations(
    exercises: Sequence[Exercise], jobs: int = 1
) -> Iterator[tuple[int, Iterable[Check]]]:
    """Whether every text of the exercises is there in each language of their course."""
    return _numbered(_translations, exercises, jobs)


def _numbered(
    task: Task[Iterable[Check]], exercises: Sequence[Exercise], jobs: int
) -> Iterator[tuple[int, Iterable[Check]]]:
    found = each(task, exercises, jobs)
    return zip((exercise.number for exercise in exercises), found, strict=True)


def validate_titles(folder: Path) -> Iterator[tuple[str, Iterable[Check]]]:
    """The same for the titles of the course in `folder`, a language at a time."""
    for to in translation.languages(folder):
        yield to, _whole(translated.lacking_in_course(folder, to), "every title is", to)


def validate_right(exercise: Exercise, answers: Sequence[Path]) -> Iterator[Check]:
    """Whether each of `answers` gets full marks, on as many seeds as the reference."""
    submissions = [read(path) for path in answers]
    base = default_seed(exercise)
    with Forkserver() as forkserver:
        for submission in submissions:
            for seed in range(base, base + SEEDS):
                report = grade(
                    exercise,
                    submission,
                    seed=seed,
                    device="cpu",
                    speed=seed == base,
                    forkserver=forkserver,
                    effort=Effort.VERDICT,
                )
                if report.status is not Status.PASSED:
                    break
            yield _full_marks(f"{submission.path} (seed {seed})", report)


def checks(
    exercise: Exercise,
    forkserver: Forkserver,
    seeds: int = SEEDS,
    *,
    named: bool = True,
    every: int = 1,
    speed: bool = True,
) -> Iterator[Check]:
    """Those of one exercise, as they are made.

    Without `named` it is not asked what the diagnosis calls each misconception, which is most of
    the work: only whether the property that should catch it does. Of all known answers only each
    `every`-th of its kind is tried, from another one on in each exercise. Without `speed` the
    reference is not timed, and the points are not added up.
    """
    missing = [
        path
        for path in (exercise.stub, exercise.room / "reference.py", exercise.room / "properties.py")
        if not path.is_file()
    ]
    if missing:
        yield Check(f"{missing[0]} is missing", holds=False)
        return

    def graded(
        submission: Submission,
        seed: int | None = None,
        *,
        speed: bool = False,
        effort: Effort = Effort.FULL,
    ) -> Report:
        with limited.own():
            return grade(
                exercise,
                submission,
                seed=seed,
                device="cpu",
                speed=speed,
                forkserver=forkserver,
                effort=effort,
            )

    yield from _translations(exercise, forkserver)
    for path, line, what in unwritten(exercise):
        where = path.relative_to(exercise.course)
        yield Check(f"{where}, line {line} is yours to write: {what}", holds=False)
    yield _hints(exercise)
    stub = graded(read(exercise.stub))
    yield Check(f"the stub is {stub.status}", stub.status is Status.NOT_STARTED)
    yield _signatures(exercise)

    reference = read(exercise.room / "reference.py")
    first = graded(reference, speed=speed)
    if speed:
        points = sum(result.max_score for result in first.properties)
        yield Check(f"the points sum to {points}", points == exercise.points)
    yield _full_marks("the reference", first)
    if first.status is not Status.PASSED:
        return
    base = default_seed(exercise)
    others = [(seed, graded(reference, seed)) for seed in range(base + 1, base + seeds)]
    bad = [(seed, report) for seed, report in others if report.status is not Status.PASSED]
    text = f"the reference gets every point for {seeds} seeds"
    yield Check(text if not bad else f"{text}; not for {bad[0][0]}: {_failed(bad[0][1])}", not bad)

    yield from _calibrated(exercise, seeds)
    rights = sorted((exercise.room / "right").glob("*.py"))
    try:
        wrongs, losers = load(exercise.room), wrong_answers(exercise.room)
    except UsageError as error:
        yield Check(f"{error}", holds=False)
        return
    yield from _enough(exercise, len(wrongs), len(rights), len(losers))
    trials = _Trials(exercise, forkserver)
    some = slice(exercise.number % every, None, every)
    if named:
        yield from _misconceptions(exercise, wrongs[some], graded)
    else:
        for wrong in wrongs[some]:
            report = trials.verdict(reference.with_source(wrong.source), wrong.caught_by)
            yield _caught(wrong, report)
    for path in rights[some]:
        yield _full_marks(f"right/{path.name}", graded(read(path)))
    for other in losers[some]:
        report = trials.verdict(reference.with_source(other.source))
        lost = report.status in (Status.PARTIAL, Status.FAILED, Status.REJECTED)
        yield Check(f"wrong answer {other.name} does not pass: {_failed(report)}", lost)


def _translations(exercise: Exercise, _: Forkserver) -> Iterator[Check]:
    for to in translation.languages(exercise.course):
        yield from _whole(translated.lacking(exercise, to), "every text is", to)
        untold, count = translated.untold(exercise, to)
        if untold:
            names = ", ".join(untold)
            text = f"not named in {to} are {len(untold)} of {count} other wrong answers: {names}"
            yield Check(text, holds=True)


def _whole(problems: Iterable[str], what: str, to: str) -> Iterator[Check]:
    """A check for each problem, or one that says that there is none."""
    none = True
    for problem in problems:
        none = False
        yield Check(problem, holds=False)
    if none:
        yield Check(f"{what} there in {to}", holds=True)


def _hints(exercise: Exercise) -> Check:
    return Check(f"{len(exercise.hints)} hints", len(exercise.hints) >= HINTS)


def _signatures(exercise: Exercise) -> Check:
    """Stub and reference define the same functions and methods with the same parameters."""
    stub, reference = (_parameters(p) for p in (exercise.stub, exercise.room / "reference.py"))
    names = set(exercise.unwritten)
    public = {name for name in reference if not name.startswith("_") and "." not in name}
    holds = public == set(exercise.names) and all(
        name in reference and stub.get(name) == reference[name] for name in names
    )
    return Check(f"stub and reference agree on {', '.join(sorted(names))}", holds)


def _parameters(path: Path) -> dict[str, str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = _bare(node.args)
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found[node.name] = ""
            found |= {f"{node.name}.{each.name}": _bare(each.args) for each in methods}
    return found


def _bare(arguments: ast.arguments) -> str:
    """Parameters and defaults without annotations."""
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        argument.annotation = None
    return ast.unparse(arguments)


def _full_marks(what: str, report: Report) -> Check:
    holds = report.status is Status.PASSED
    return Check(f"{what} gets {report.score}" + ("" if holds else f": {_failed(report)}"), holds)


def _failed(report: Report) -> str:
    """The first property that did not pass, and why."""
    for result in report.properties:
        if result.status is not PropertyStatus.PASSED:
            return f"{result.name}, {result.message}".split("\n")[0]
    return report.reason or report.status


def _enough(exercise: Exercise, wrongs: int, rights: int, others: int) -> Iterator[Check]:
    """An exercise is tried on answers enough to speak of its fairness."""
    least = MISCONCEPTIONS if "Tensor" in exercise.stub.read_text(encoding="utf-8") else FEWER
    yield Check(f"{wrongs} misconceptions, of at least {least}", wrongs >= least)
    yield Check(f"{rights} other right answers, of at least {RIGHT}", rights >= RIGHT)
    yield Check(f"{others} other wrong answers, of at least {WRONG}", others >= WRONG)


def _misconceptions(
    exercise: Exercise, wrongs: Sequence[Wrong], graded: Callable[..., Report]
) -> Iterator[Check]:
    base = read(exercise.room / "reference.py")
    for wrong in wrongs:
        report = graded(base.with_source(wrong.source), effort=Effort.NAMED)
        named = report.misconception.name if report.misconception else None
        caught = _caught(wrong, report)
        if caught.holds and wrong.name not in (named or "").split(" or "):
            yield Check(f"{wrong.name} is diagnosed as {named}", holds=False)
        else:
            yield caught


def _caught(wrong: Wrong, report: Report) -> Check:
    """Whether a misconception loses points by the property that should catch it."""
    by_name = {result.name: result for result in report.properties}
    caught = by_name.get(wrong.caught_by)
    if report.score >= report.max_score:
        return Check(f"{wrong.name} gets {report.score}", holds=False)
    if caught is None or caught.status not in (PropertyStatus.FAILED, PropertyStatus.ERROR):
        text = f"{wrong.name} is not caught by {wrong.caught_by or 'any property it names'}"
        return Check(f"{text}, but {_failed(report)}", holds=False)
    return Check(f"{wrong.name} gets {report.score}, caught by {wrong.caught_by}", holds=True)


class _Trials:
    """Many wrong answers to one exercise, each tried until something tells that it is wrong.

    What told that the last ones are is tried first: most of the time it tells of the next one too.
    With `patience` they have so many times the time, so that on a crowded machine none is spared
    the larger inputs for being slow.
    """

    def __init__(self, exercise: Exercise, forkserver: Forkserver, patience: int = 1) -> None:
        limits = exercise.limits
        limits = replace(
            limits,
            property_seconds=patience * limits.property_seconds,
            submission_seconds=patience * limits.submission_seconds,
        )
        self._exercise, self._forkserver = replace(exercise, limits=limits), forkserver
        self._told: list[str] = []

    def verdict(self, submission: Submission, caught_by: str = "") -> Report:
        """Whether it passes, untimed; what else there is to say of it is left out. The property
        `caught_by` is tried before all."""
        with limited.own():
            report = grade(
                self._exercise,
                submission,
                device="cpu",
                speed=False,
                forkserver=self._forkserver,
                effort=Effort.VERDICT,
                first=[caught_by, *self._told],
            )
        for result in report.properties:
            if result.status in (PropertyStatus.FAILED, PropertyStatus.ERROR):
                self._told = [result.name, *(name for name in self._told if name != result.name)]
        return report


def _mutant_checks(exercise: Exercise, forkserver: Forkserver) -> Iterator[Check]:
    """Every mutant of the reference dies, except those that are declared, and these live."""
    if calibration.capstone_of(exercise):
        yield Check(TRAINS, holds=True)
        return
    base = read(exercise.room / "reference.py")
    declared = declared_equivalent(exercise.room)
    used, killed, lived = set(), 0, 0
    mutants, trials = all_mutants(base.source), _Trials(exercise, forkserver)
    for mutant in mutants:
        report = trials.verdict(base.with_source(mutant.source))
        lives = report.status is Status.PASSED
        killed, lived = killed + (not lives), lived + lives
        known = next((entry for entry in declared if entry.covers(mutant)), None)
        used.add(known)
        where = f"line {mutant.line}: {mutant.before}  ->  {mutant.after}"
        if report.status is Status.UNGRADED:
            yield Check(f"a mutant breaks the grader, {where}\n{report.reason}", holds=False)
        elif lives and known is None:
            yield Check(f"a mutant lives ({mutant.operator}), {where}", holds=False)
        elif known is not None and not lives:
            yield Check(f"a mutant is declared equivalent and dies, {where}", holds=False)
    for entry in declared:
        if entry not in used:
            yield Check(f"no mutant is what {EQUIVALENT} declares: {entry}", holds=False)
    text = f"{len(mutants)} mutants: {killed} die, {lived} live"
    yield Check(f"{text}; {len(declared)} declarations say why", holds=True)


def _trap_checks(exercise: Exercise, forkserver: Forkserver) -> Iterator[Check]:
    """Every trap is found, except those that are declared, and these are not."""
    if calibration.capstone_of(exercise):
        yield Check(TRAINS, holds=True)
        return
    base = read(exercise.room / "reference.py")
    silent = traps.declared(exercise.room)
    used, found, lived = set(), 0, 0
    all_traps = traps_of(exercise, base, forkserver)
    trials = _Trials(exercise, forkserver, PATIENCE)
    for trap in all_traps:
        report = trials.verdict(base.with_source(trap.source))
        lives = report.status is Status.PASSED
        found, lived = found + (not lives), lived + lives
        known = next((entry for entry in silent if entry.covers(trap)), None)
        if report.status in (Status.UNGRADED, Status.REJECTED):
            yield Check(f"a trap cannot be graded, {trap.name}: {report.reason}", holds=False)
        elif lives and known is None:
            yield Check(f"a trap is not found: {trap.name}", holds=False)
        elif lives:
            used.add(known)
    for entry in silent:
        if entry not in used:
            text = f"no trap lives that {EQUIVALENT} declares: {entry.where}"
            yield Check(text, holds=False)
    text = f"{len(all_traps)} traps: {found} are found, {lived} live"
    yield Check(f"{text}; {len(silent)} declarations say why", holds=True)


def traps_of(exercise: Exercise, base: Submission, forkserver: Forkserver) -> list[traps.Trap]:
    """The traps of the reference, by what the properties ask of it."""
    grading = Grading(exercise, base, device="cpu", speed=False, forkserver=forkserver)
    grading.finish()
    reference = grading.student.reference
    functions = {name: reference.functions[name] for name in exercise.names}
    grading.close()
    methods = dict(exercise.classes)
    return traps.traps(base.source, functions, grading.harness.records, methods)
