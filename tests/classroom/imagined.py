"""A gradebook of a class that never was, written without grading anything: it takes a second.

    python tests/classroom/imagined.py FOLDER --students 100 --seed 1

Its exercises, properties and misconceptions are those of the bundled course. Students differ in
strength and properties in difficulty; a few answers are late, missing, copied, too slow or broken.
"""

import argparse
import ast
import hashlib
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from grader import judge
from grader.classroom.kept.gradebook import Gradebook, HandIn, Student
from grader.classroom.shown import sheets
from grader.classroom.shown.grades import gradesheet
from grader.classroom.shown.pages import write_pages
from grader.course import model as course
from grader.course.model import Course, Exercise, Policy
from grader.grading.keys import Key
from grader.report import (
    Interval,
    Misconception,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
    overall,
)

CORE = range(1, 7)
DEADLINE = datetime(2026, 10, 1, 22, tzinfo=UTC)
POLICY = Policy(deadline=DEADLINE, late_penalty=10, late_penalty_most=50)
FIRST = ("Ada", "Alan", "Barbara", "Chen", "Donald", "Edsger", "Frances", "Grace", "Hedy", "Ivan",
         "Jing", "Katherine", "Leslie", "Maryam", "Niklaus", "Olga", "Priya", "Radia", "Sofya",
         "Tony", "Ursula", "Vint", "Wei", "Yuki")  # fmt: skip
LAST = ("Abel", "Bose", "Curie", "Dirac", "Euler", "Fermi", "Gauss", "Hopper", "Ito", "Jacobi",
        "Klein", "Lovelace", "Markov", "Noether", "Ostrom", "Pauli", "Ramanujan", "Shannon",
        "Turing", "Ulam", "Volta", "Wu", "Yang", "Zuse")  # fmt: skip
LIMIT = 5.0


@dataclass(frozen=True)
class Property:
    """One property as its room declares it."""

    name: str
    title: str
    points: int
    needs: tuple[str, ...]


@cache
def properties(exercise: Exercise) -> tuple[Property, ...]:
    """Read from the source: functions and laws, without running them."""
    tree = ast.parse((exercise.room / "properties.py").read_text())
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Tuple | ast.Constant)
        and all(isinstance(e, ast.Constant) for e in getattr(node.value, "elts", ()))
    }
    return tuple(_declared(tree, constants))


@cache
def _titles() -> dict[str, str]:
    """What the laws say where a room gives no title of its own."""
    titles = {}
    for node in ast.parse(Path(judge.__file__).with_name("laws.py").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            defaults = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            for argument, value in defaults:
                if argument.arg == "title" and value is not None:
                    titles[node.name] = ast.literal_eval(value)
    return titles


def _declared(tree: ast.Module, constants: dict[str, object]) -> Iterator[Property]:
    def values(nodes: list[ast.expr]) -> tuple[str, ...]:
        found: list[str] = []
        for node in nodes:
            inner = node.value if isinstance(node, ast.Starred) else node
            value = (
                constants.get(inner.id, ())
                if isinstance(inner, ast.Name)
                else (
                    ast.literal_eval(inner) if isinstance(inner, ast.Constant | ast.Tuple) else ()
                )
            )
            found += [value] if isinstance(value, str) else value
        return tuple(found)

    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = {
                mark.func.attr: mark.args
                for mark in node.decorator_list
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute)
            }
            points = ast.literal_eval(marks["points"][0])
            title = (ast.get_docstring(node) or node.name).split("\n\n")[0]
            yield Property(node.name, title, points, values(marks.get("needs", [])))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("test_"):
            name = ast.unparse(node.targets[0])
            given = {k.arg: k.value for k in getattr(node.value, "keywords", [])}
            law = ast.unparse(node.value.func).rpartition(".")[2]
            yield Property(
                name,
                ast.literal_eval(given["title"]) if "title" in given else _titles()[law],
                ast.literal_eval(given["points"]) if "points" in given else 10,
                values([given["needs"]] if "needs" in given else []),
            )


@cache
def misconceptions(exercise: Exercise) -> tuple[tuple[Misconception, str], ...]:
    """Each with the property that catches it."""
    found = []
    for node in ast.parse((exercise.room / "misconceptions.py").read_text()).body:
        if isinstance(node, ast.ClassDef):
            caught = next(
                ast.literal_eval(line.value)
                for line in node.body
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "caught_by"
            )
            said = " ".join((ast.get_docstring(node) or "").split())
            first = caught if isinstance(caught, str) else caught[0]
            found.append((Misconception(node.name, said), first))
    return tuple(found)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Imagined:
    """Draws reports; the same seed draws the same."""

    def __init__(self, seed: int, exercises: list[Exercise]) -> None:
        self._draw = random.Random(seed)
        self._hardness = {
            (exercise.slug, each.name): self._draw.gauss(
                -4 if each.name == "test_speed" else -2.1, 0.8
            )
            for exercise in exercises
            for each in properties(exercise)
        }

    def report(self, student: str, exercise: Exercise, strength: float) -> Report | None:
        """What one student has for one exercise; None where nothing came."""
        draw = self._draw
        sha = sha256(student + exercise.slug)
        path = f"{student}/{exercise.stem}.py"
        base = Report(exercise.number, exercise.slug, exercise.title, path, sha,
                      Status.FAILED, 0, exercise.points, seed=7, environment={"torch": "2.13.0"},
                      seconds=round(draw.lognormvariate(0.4, 0.25), 3))  # fmt: skip
        lot = draw.random()
        if lot < 0.04 - 0.02 * strength:
            return None
        if lot < 0.075:
            return replace(
                base,
                status=Status.NOT_STARTED,
                sha256=sha256(exercise.slug),
                reason="You have not started yet.",
            )
        if lot < 0.09:
            return replace(
                base,
                status=Status.REJECTED,
                reason="Line 12 calls `torch.nn.LSTM`, which is forbidden here.",
            )
        if lot < 0.1:
            return replace(base, reason="SyntaxError: invalid syntax\nat line 9: retrun x")
        return self._tried(base, exercise, strength)

    def _tried(self, base: Report, exercise: Exercise, strength: float) -> Report:
        draw = self._draw
        held = None
        kinds = misconceptions(exercise)
        if kinds and draw.random() < 0.16 - 0.09 * strength:
            weights = [2.0**-place for place in range(len(kinds))]
            (held,) = draw.choices(kinds, weights)
        results: dict[str, PropertyResult] = {}
        for each in properties(exercise):
            status, said = PropertyStatus.PASSED, None
            chance = 1 / (
                1 + math.exp(-1.7 * (strength - self._hardness[exercise.slug, each.name]))
            )
            waits = any(
                results[name].status is not PropertyStatus.PASSED
                for name in each.needs
                if name in results
            )
            if waits:
                status = PropertyStatus.SKIPPED
            elif (held and held[1] == each.name) or draw.random() > max(chance, 0.02):
                status, said = PropertyStatus.FAILED, "The result differs by 0.25 at most."
                if draw.random() < 0.15:
                    status, said = PropertyStatus.ERROR, "RuntimeError: shapes do not match"
            score = each.points if status is PropertyStatus.PASSED else 0
            results[each.name] = PropertyResult(each.name, each.title, status, score, each.points,
                                                said)  # fmt: skip
        if draw.random() < 0.004:
            first = next(iter(results))
            said = "Your code crashed the process that it ran in (SIGSEGV)."
            results[first] = replace(
                results[first], status=PropertyStatus.ERROR, score=0, message=said
            )
        found = tuple(results.values())
        most = sum(result.max_score for result in found)
        status = overall(found)
        return replace(
            base,
            status=status,
            properties=found,
            score=exercise.points * sum(result.score for result in found) // most,
            misconception=held[0] if held and status is not Status.PASSED else None,
            timing=self._timing() if exercise.number in (1, 3) else None,
        )

    def _timing(self) -> Timing:
        ratio = self._draw.lognormvariate(0.5, 0.35)
        lot = self._draw.random()
        if lot < 0.02:
            ratio *= 12
        if lot > 0.99:
            return Timing("cpu", TimingVerdict.REVIEW, LIMIT, None, 1.0, 0.8, None, None, 12,
                          "it came back sooner than an empty call does")  # fmt: skip
        verdict = TimingVerdict.SLOW if ratio > LIMIT else TimingVerdict.OK
        return Timing("cpu", verdict, LIMIT, ratio, 1.0, 0.8,
                      Interval(ratio, ratio * 0.9, ratio * 1.1), None, 12)  # fmt: skip


def fill(gradebook: Gradebook, whole: Course, students: int, seed: int = 1) -> None:
    """Write a class into a gradebook."""
    draw = random.Random(seed)
    exercises = [whole.exercise(str(number)) for number in CORE]
    names = sorted(f"{first} {last}" for first in FIRST for last in LAST)
    if students > len(names):
        names += [f"{name} {n}" for n in "23" for name in names]
    names = draw.sample(names, students)
    imagined = Imagined(seed, exercises)
    found, reports = [], []
    for name in names:
        strength = draw.gauss(0, 1)
        for exercise in exercises:
            report = imagined.report(name, exercise, strength)
            if report is None:
                continue
            if reports and draw.random() < 0.004 and reports[-1].slug == exercise.slug:
                report = replace(reports[-1], path=report.path)
            late = draw.random() < 0.06
            moment = DEADLINE + timedelta(hours=draw.randrange(1, 60) if late else -5)
            found.append(
                HandIn(name, exercise.slug, report.sha256, report.path, moment, dated_by="table")
            )
            reports.append(report)
    copied = next(i for i, it in enumerate(reports) if it.score > 50)
    for place in [i for i, it in enumerate(reports) if it.slug == reports[copied].slug][-2:]:
        reports[place] = replace(reports[copied], path=reports[place].path)
        found[place] = replace(found[place], sha256=reports[copied].sha256)
    run = gradebook.begin(seed=seed, engine="grade", why="", options={})
    gradebook.enrol([Student(name) for name in names], exercises)
    fault = students // 2
    for place, (attempt, report) in enumerate(
        zip(gradebook.note(run, found), reports, strict=True)
    ):
        if place == fault:
            report = replace(
                report,
                status=Status.UNGRADED,
                score=0,
                properties=(),
                misconception=None,
                reason="The grader itself is at fault here.",
            )
        key = Key(
            report.sha256, "s" * 64, Path(report.path).name, "e" * 64, seed, True, "cpu", "grade"
        )
        gradebook.record(run, attempt, key, report, "")
    gradebook.end(run)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    whole = course.load(course.bundled())
    given.folder.mkdir(parents=True)
    with Gradebook.open(given.folder / "gradebook.sqlite3") as book:
        fill(book, whole, given.students, given.seed)
        sheet = gradesheet(book, POLICY)
    sheets.write(given.folder, sheet, [sheets.Flavour.PLAIN])
    write_pages(given.folder, sheet, whole.title)


if __name__ == "__main__":
    _main()
