"""The pages of a class: one a student, and one of all. They load nothing from anywhere.

What a table of grades says, they say in the same numbers.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.classroom.kept.decisions import Decision
from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.received import identity
from grader.classroom.shown import alike, overview, sheets
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import CHANGED, Grade, Gradesheet
from grader.classroom.shown.sheets import number
from grader.formats import html
from grader.language import current, say
from grader.writing import put

INDEX = "index.html"
MARK = b'class="grade-report student-page"'  # on each student's page, and on nobody else's
FOLDER = "classroom"  # of the templates


def write_pages(
    folder: Path, sheet: Gradesheet, title: str, similar: alike.Found | None = None
) -> None:
    """Write `index.html` and the page of each student into `folder`; `title` is the homework's,
    `similar` what was found by comparing the answers, where that was done."""
    analysis = Analysis(sheet, similar.pairs if similar else ())
    places = sheets.folders(sheet.students)
    for student in sheet.students:
        place = folder / sheets.REPORTS / places[student.name]
        place.mkdir(parents=True, exist_ok=True)
        put(place / INDEX, student_page(analysis, student, title))
    sheets.remove_others(folder / sheets.REPORTS, places.values(), _is_own_page)
    put(folder / INDEX, class_page(analysis, title, similar.at if similar else None))


def _is_own_page(path: Path) -> bool:
    """Whether `write_pages` wrote that file."""
    return path.name == INDEX and MARK in path.read_bytes()


def student_page(analysis: Analysis, student: Student, title: str) -> str:
    """What one student gets back: scores, and the report of each exercise."""
    sheet = analysis.sheet
    grades = [(exercise, sheet.grade(student, exercise)) for exercise in sheet.exercises]
    counted = sheet.counted(student)
    reports = [analysis.report(student, exercise) for exercise in sheet.exercises]
    style, sections = html.render_together([report for report in reports if report], level=2)
    numbers = [report.number for report in reports if report]
    return _page(
        "student.html.j2",
        style,
        title=title,
        language=current(),
        name=sheet.shown.get(student.name) or identity.called(student),
        total=number(sheet.total(student)),
        most=sheet.most(student),
        rows=[
            student_row(exercise, grade, is_counted=exercise in counted)
            for exercise, grade in grades
        ],
        sections=list(zip(numbers, sections, strict=True)),
        words={
            "exercise": say("exercise"),
            "score": say("score"),
            "of": say("of"),
            "how": say("how it came about"),
            "total": say("total"),
        },
    )


def student_row(exercise: Column, grade: Grade | None, *, is_counted: bool) -> dict[str, Any]:
    """One line of the table: what counts, and how it came about."""
    how = [] if grade is None else list(_how(grade))
    if grade is None or (not grade.is_handed_in and grade.mark is None):
        how.insert(0, say("nothing was handed in"))
    if not is_counted and (grade is None or grade.excuse is None):
        how.append(say("one of the lowest, and left out of the total"))
    comments = [] if grade is None else [_signed(each.why, each) for each in grade.comments]
    return {
        "exercise": exercise,
        "score": number(grade.score) if grade else "",
        "how": "; ".join(how),
        "comments": comments,
        "has_report": grade is not None and grade.result is not None,
    }


def _how(grade: Grade) -> Iterable[str]:
    """How a score came about, a person's word first."""
    if grade.excuse:
        text = say("excused: it does not count")
        yield _signed(f"{text} ({grade.excuse.why})" if grade.excuse.why else text, grade.excuse)
    if grade.mark:
        given = say("set by a person instead of {score}", score=number(grade.automatic) or "–")
        yield _signed(f"{given} ({grade.mark.why})" if grade.mark.why else given, grade.mark)
    if grade.more_time:
        given = say("more time, until {until}", until=f"{grade.more_time:%Y-%m-%d %H:%M %Z}")
        if grade.extended:
            why = grade.extended.why
            given = _signed(f"{given} ({why})" if why else given, grade.extended)
        yield given
    if not grade.is_handed_in:
        return
    if grade.is_closed:
        yield say("it came after the last day, and counts for nothing")
    elif not grade.is_graded:
        yield say("no verdict yet")
    elif grade.penalty:
        yield say(
            "{raw} before lateness took {penalty} % off (days late: {days})",
            raw=number(grade.earned),
            penalty=grade.penalty,
            days=grade.days_late,
        )
    titles = {}
    if grade.points and grade.result:
        titles = {each.name: each.title for each in grade.result.report.properties}
    for name, each in grade.points.items():
        given = say(
            "{points} points for “{property}”, set by a person",
            points=number(each.points),
            property=titles.get(name, name),
        )
        yield _signed(f"{given} ({each.why})" if each.why else given, each)
    if grade.attempts > 1:
        yield say("attempt {attempt} of {attempts}", attempt=grade.attempt, attempts=grade.attempts)
    if grade.author:
        yield say("handed in by {name}, of the same team", name=grade.author)
    if grade.stale:
        if grade.stale == CHANGED:
            yield say("graded before the exercise was changed")
        else:
            yield say("graded by another version of the grader")


def _signed(text: str, decision: Decision) -> str:
    return f"{text} – {decision.who}, {decision.made_at:%Y-%m-%d}"


def class_page(analysis: Analysis, title: str, compared_at: datetime | None = None) -> str:
    """The class at a glance, then everybody. Its script sorts, filters, and reads cells out.

    `compared_at`: when the answers were compared with each other, None where they were not.
    """
    script = html.asset("class.js", FOLDER)
    style = html.asset("report.css") + html.asset("class.css", FOLDER)
    return _page(
        "class.html.j2",
        style + overview.style(analysis),
        **overview.view(analysis, _hrefs(analysis.sheet)),
        shown=analysis.sheet.shown,
        title=title,
        compared_at=compared_at,
        script=script,
        script_hash=html.digest(script),
    )


def _page(template: str, style: str, **view: Any) -> str:
    style = html.asset("page.css") + html.asset("shared.css", FOLDER) + style
    view |= {"style": style, "style_hash": html.digest(style)}
    return html.environment(FOLDER).get_template(template).render(view) + "\n"


def _hrefs(sheet: Gradesheet) -> dict[str, str]:
    places = sheets.folders(sheet.students).items()
    return {name: quote(f"{sheets.REPORTS}/{place}/{INDEX}") for name, place in places}
