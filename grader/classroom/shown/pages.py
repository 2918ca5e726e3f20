"""The pages of a class: one a student, and one of all. They load nothing from anywhere.

What a table of grades says, they say in the same numbers.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.classroom.kept.gradebook import Column, Student
from grader.classroom.received import identity
from grader.classroom.shown import overview, sheets
from grader.classroom.shown.analysis import Analysis
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.classroom.shown.sheets import number
from grader.formats import html
from grader.language import current, say
from grader.writing import put

INDEX = "index.html"
FOLDER = "classroom"  # of the templates


def write_pages(folder: Path, sheet: Gradesheet, title: str) -> None:
    """Write `index.html` and the page of each student into `folder`; `title` is the course's."""
    analysis = Analysis(sheet)
    places = sheets.folders(sheet.students)
    for student in sheet.students:
        place = folder / sheets.REPORTS / places[student.name]
        place.mkdir(parents=True, exist_ok=True)
        put(place / INDEX, student_page(analysis, student, title))
    put(folder / INDEX, class_page(analysis, title))


def student_page(analysis: Analysis, student: Student, title: str) -> str:
    """What one student gets back: scores, and the report of each exercise."""
    sheet = analysis.sheet
    grades = [(exercise, sheet.grade(student, exercise)) for exercise in sheet.exercises]
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
        most=sum(exercise.max_score for exercise in sheet.exercises),
        rows=[_student_row(exercise, grade) for exercise, grade in grades],
        sections=list(zip(numbers, sections, strict=True)),
        words={
            "exercise": say("exercise"),
            "score": say("score"),
            "of": say("of"),
            "how": say("how it came about"),
            "total": say("total"),
        },
    )


def _student_row(exercise: Column, grade: Grade | None) -> dict[str, Any]:
    """One line of the table: what counts, and how it came about."""
    how = []
    if grade is None:
        how.append(say("nothing was handed in"))
    elif not grade.is_graded:
        how.append(say("no verdict yet"))
    else:
        if grade.penalty:
            how.append(
                say(
                    "{raw} before lateness took {penalty} % off (days late: {days})",
                    raw=grade.raw,
                    penalty=grade.penalty,
                    days=grade.days_late,
                )
            )
        if grade.attempts > 1:
            how.append(
                say(
                    "attempt {attempt} of {attempts}",
                    attempt=grade.attempt,
                    attempts=grade.attempts,
                )
            )
    return {
        "exercise": exercise,
        "score": number(grade.score) if grade else "",
        "how": "; ".join(how),
        "has_report": grade is not None and grade.result is not None,
    }


def class_page(analysis: Analysis, title: str) -> str:
    """The class at a glance, then everybody. Its script sorts, filters, and reads cells out."""
    script = html.asset("class.js", FOLDER)
    style = html.asset("report.css") + html.asset("class.css", FOLDER)
    return _page(
        "class.html.j2",
        style + overview.style(analysis),
        **overview.view(analysis, _hrefs(analysis.sheet)),
        shown=analysis.sheet.shown,
        title=title,
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
