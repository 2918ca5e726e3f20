"""What a student is told beside a mark, short enough for the cell of a table: HTML, as Moodle and
Blackboard keep it."""

import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.shown import pages
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.classroom.shown.sheets import number
from grader.language import say
from grader.report import PropertyStatus, clean

# Around what grade wrote: the next time it is written anew, and what a person wrote stays.
BEGIN, END = '<div class="grade-feedback">', "</div>"
_OWN = re.compile(rf"\s*{re.escape(BEGIN)}.*?{END}\s*", re.DOTALL)
NONE = "\N{EN DASH}"  # in the place of a score
_NOT_RIGHT = (PropertyStatus.FAILED, PropertyStatus.ERROR)


def written(sheet: Gradesheet, student: Student, wanted: Sequence[Column | None]) -> str:
    """What came out, how, and what is not right yet; of every exercise where the total is among
    what is wanted. "" where there is nothing to say."""
    columns = sheet.exercises if None in wanted else [each for each in wanted if each]
    parts = [part for column in columns for part in _about(sheet, student, column)]
    return f"{BEGIN}{Markup().join(parts)}{END}" if parts else ""


def beside(old: str, new: str) -> str:
    """`new` in the place of what grade wrote there before, behind what a person wrote."""
    if not new:
        return old
    rest = _OWN.sub("", old)
    return f"{rest}\n{new}" if rest else new


def _about(sheet: Gradesheet, student: Student, column: Column) -> Iterator[Markup]:
    grade = sheet.grade(student, column)
    if grade is None:
        return
    row = pages.student_row(column, grade, is_counted=column in sheet.counted(student))
    score = f"{number(grade.score) or NONE} / {column.max_score}"
    how = f" ({row['how']})" if row["how"] else ""
    yield Markup("<p><b>{}. {}</b>: {}{}</p>").format(
        column.number, _text(column.title), score, _text(how)
    )
    points = [_text(point) for point in (*_points(grade), *row["comments"])]
    if points:
        yield Markup("<ul>{}</ul>").format(Markup().join(
            Markup("<li>{}</li>").format(point) for point in points
        ))  # fmt: skip


def _points(grade: Grade) -> Iterator[str]:
    """What is not right yet, and the mistake that explains it."""
    if grade.result is None or not grade.is_graded:
        return
    report = grade.result.report
    if report.misconception:
        yield report.misconception.explanation
    for each in report.properties:
        if each.status in _NOT_RIGHT and each.name not in grade.points:
            yield say("not right yet: {title}", title=each.title)


def _text(text: str) -> Markup:
    """A text of a person's as HTML of one line."""
    return escape(" ".join(clean(text).split()))
