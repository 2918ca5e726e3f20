"""Prove that an exercise grades fairly: what must pass passes, what must not does not."""

import ast
import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path

from grader.course import Exercise
from grader.judge.diagnosis import load
from grader.judge.grading import default_seed, grade
from grader.judge.mutants import EQUIVALENT
from grader.judge.mutants import declared as declared_equivalent
from grader.judge.mutants import mutants as all_mutants
from grader.judge.workers import Forkserver
from grader.report import PropertyStatus, Report, Status
from grader.submission import Submission, read

SEEDS = 20
HINTS = 3


@dataclass(frozen=True)
class Check:
    """One thing that was checked, whether it holds, and what was seen."""

    text: str
    holds: bool


Checks = Callable[[Exercise, Forkserver], Iterator[Check]]


def validate(
    exercises: Sequence[Exercise], jobs: int = 1, *, mutants: bool = False
) -> Iterator[tuple[int, Iterable[Check]]]:
    """The checks of each exercise in order: one by one as they are made, or with several `jobs`,
    processes that share the exercises, an exercise at a time.

    With `mutants`, these are tried instead of what the author wrote.
    """
    checks = _mutant_checks if mutants else _checks
    if jobs > 1 and len(exercises) > 1:
        # Spawned: a fork of a process that has computed with torch may hang in the child.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(jobs, len(exercises)), context, _begin) as pool:
            done = pool.map(partial(_all_checks, checks), exercises)
            yield from zip((exercise.number for exercise in exercises), done, strict=True)
        return
    # Before anything of a room is loaded here: the workers are forks of this process.
    with Forkserver() as forkserver:
        for exercise in exercises:
            yield exercise.number, checks(exercise, forkserver)


_forkserver: Forkserver | None = None  # of a process that helps


def _begin() -> None:
    global _forkserver
    _forkserver = Forkserver()
    Finalize(None, _forkserver.close, exitpriority=0)


def _all_checks(checks: Checks, exercise: Exercise) -> list[Check]:
    assert _forkserver is not None
    return list(checks(exercise, _forkserver))


def _checks(exercise: Exercise, forkserver: Forkserver) -> Iterator[Check]:
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
        until_failure: bool = False,
    ) -> Report:
        return grade(
            exercise,
            submission,
            seed=seed,
            device="cpu",
            speed=speed,
            forkserver=forkserver,
            until_failure=until_failure,
        )

    yield _hints(exercise)
    stub = graded(read(exercise.stub))
    yield Check(f"the stub is {stub.status}", stub.status is Status.NOT_STARTED)
    yield _signatures(exercise)

    reference = read(exercise.room / "reference.py")
    first = graded(reference, speed=True)
    points = sum(result.max_score for result in first.properties)
    yield Check(f"the points sum to {points}", points == exercise.points)
    yield _full_marks("the reference", first)
    if first.status is not Status.PASSED:
        return
    base = default_seed(exercise)
    seeds = [(seed, graded(reference, seed)) for seed in range(base + 1, base + SEEDS)]
    bad = [(seed, report) for seed, report in seeds if report.status is not Status.PASSED]
    text = f"the reference gets every point for {SEEDS} seeds"
    yield Check(text if not bad else f"{text}; not for {bad[0][0]}: {_failed(bad[0][1])}", not bad)

    yield from _misconceptions(exercise, graded)
    for path in sorted((exercise.room / "right").glob("*.py")):
        yield _full_marks(f"right/{path.name}", graded(read(path)))
    for path in sorted((exercise.room / "wrong").glob("*.py")):
        report = graded(read(path), until_failure=True)
        lost = report.status in (Status.PARTIAL, Status.FAILED, Status.REJECTED)
        yield Check(f"wrong/{path.name} does not pass: {_failed(report)}", lost)


def _hints(exercise: Exercise) -> Check:
    return Check(f"{len(exercise.hints)} hints", len(exercise.hints) >= HINTS)


def _signatures(exercise: Exercise) -> Check:
    """Stub and reference define the same functions with the same parameters."""
    stub, reference = (_parameters(p) for p in (exercise.stub, exercise.room / "reference.py"))
    names = set(exercise.functions)
    public = {name for name in reference if not name.startswith("_")}
    holds = public == names and all(stub.get(name) == reference[name] for name in names)
    return Check(f"stub and reference agree on {', '.join(sorted(names))}", holds)


def _parameters(path: Path) -> dict[str, str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: _bare(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}


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


def _misconceptions(exercise: Exercise, graded: Callable[[Submission], Report]) -> Iterator[Check]:
    base = read(exercise.room / "reference.py")
    for wrong in load(exercise.room):
        digest = hashlib.sha256(wrong.source.encode()).hexdigest()
        report = graded(replace(base, source=wrong.source, sha256=digest))
        by_name = {result.name: result for result in report.properties}
        caught = by_name.get(wrong.caught_by)
        named = report.misconception.name if report.misconception else None
        if report.score >= report.max_score:
            yield Check(f"{wrong.name} gets {report.score}", holds=False)
        elif caught is None or caught.status not in (PropertyStatus.FAILED, PropertyStatus.ERROR):
            text = f"{wrong.name} is not caught by {wrong.caught_by or 'any property it names'}"
            yield Check(f"{text}, but {_failed(report)}", holds=False)
        elif named != wrong.name:
            yield Check(f"{wrong.name} is diagnosed as {named}", holds=False)
        else:
            yield Check(f"{wrong.name} gets {report.score}, caught by {wrong.caught_by}", True)


def _mutant_checks(exercise: Exercise, forkserver: Forkserver) -> Iterator[Check]:
    """Every mutant of the reference dies, except those that are declared, and these live."""
    base = read(exercise.room / "reference.py")
    declared = declared_equivalent(exercise.room)
    used, killed, lived = set(), 0, 0
    mutants = all_mutants(base.source)
    for mutant in mutants:
        digest = hashlib.sha256(mutant.source.encode()).hexdigest()
        submission = replace(base, source=mutant.source, sha256=digest)
        report = grade(
            exercise,
            submission,
            device="cpu",
            speed=False,
            forkserver=forkserver,
            until_failure=True,
        )
        lives = report.status is Status.PASSED
        killed, lived = killed + (not lives), lived + lives
        known = next((each for each in declared if each.covers(mutant)), None)
        used.add(known)
        where = f"line {mutant.line}: {mutant.before}  ->  {mutant.after}"
        if report.status is Status.UNGRADED:
            yield Check(f"a mutant breaks the grader, {where}\n{report.reason}", holds=False)
        elif lives and known is None:
            yield Check(f"a mutant lives ({mutant.operator}), {where}", holds=False)
        elif known is not None and not lives:
            yield Check(f"a mutant is declared equivalent and dies, {where}", holds=False)
    for each in declared:
        if each not in used:
            yield Check(f"no mutant is what {EQUIVALENT} declares: {each}", holds=False)
    text = f"{len(mutants)} mutants: {killed} die, {lived} live"
    yield Check(f"{text}; {len(declared)} declarations say why", holds=True)
