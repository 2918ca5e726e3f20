"""What the pages of a class cost: processor time, size and elements, by the number of students.

    python benchmarks/pages.py [STUDENTS ...]

A hundred made-up students with six exercises, over and over under other names; nothing is graded.
"""

import gzip
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grader.classroom.kept.gradebook import Gradebook, Result
from grader.classroom.shown import pages
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import Gradesheet, gradesheet
from grader.course import model as course

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "classroom"))

import imagined  # noqa: E402 - the tests' class that never was

SIZES = (100, 500, 2000)
FEW = 20  # students' pages that are written, to know what one costs


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    with (
        tempfile.TemporaryDirectory() as folder,
        Gradebook.open(Path(folder) / "gradebook.sqlite3") as book,
    ):
        imagined.fill(book, course.load(course.bundled()), 100)
        hundred = gradesheet(book, imagined.POLICY)
    print("| students | the class's page | packed | elements | to make it | a student's page |")
    print("|---|---|---|---|---|---|")
    for size in sizes:
        analysis = Analysis(grown(hundred, size))
        text, seconds = timed(lambda analysis=analysis: pages.class_page(analysis, "Homework"))
        _, each = timed(lambda analysis=analysis: some(analysis))
        packed = len(gzip.compress(text.encode()))
        print(
            f"| {size} | {len(text) / 1e6:.1f} MB | {packed / 1e6:.2f} MB | {text.count('<') // 2} "
            f"| {seconds:.1f} s | {1000 * each / FEW:.0f} ms |",
            flush=True,
        )


def some(analysis: Analysis) -> str:
    """A few students' pages."""
    return "".join(
        pages.student_page(analysis, each, "Homework") for each in analysis.sheet.students[:FEW]
    )


def timed(make: Callable[[], str]) -> tuple[str, float]:
    """What is made, and the processor time that it takes, in seconds."""
    began = time.process_time()
    return make(), time.process_time() - began


def grown(sheet: Gradesheet, size: int) -> Gradesheet:
    """A class of that size: the same students again, with files of their own."""
    students, grades = [], {}
    for number in range(size):
        student = sheet.students[number % len(sheet.students)]
        name = f"{student.name} {number:04d}"
        students.append(replace(student, name=name))
        for exercise in sheet.exercises:
            if grade := sheet.grade(student, exercise):
                result = grade.result and _own(grade.result, number)
                grades[name, exercise.slug] = replace(grade, student=name, result=result)
    return replace(sheet, students=tuple(students), grades=grades)


def _own(result: Result, number: int) -> Result:
    content = dict(result.content)
    sha256 = f"{content['submission']['sha256']} {number}"
    content["submission"] = {**content["submission"], "sha256": sha256}
    return replace(result, content=content)


if __name__ == "__main__":
    main()
