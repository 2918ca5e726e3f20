"""`grade gradebook fill` and `grade gradebook feedback`: marks and pages for a school's system."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.gradebook import Commands, tell
from grader.cli.options import CourseOfBook, counted
from grader.cli.place import Book, Place, column, course_of, opened
from grader.course import model as course
from grader.errors import UsageError
from grader.writing import put

if TYPE_CHECKING:
    from grader.classroom.exported.filling import Filled, What
    from grader.classroom.exported.systems import System, Target
    from grader.classroom.kept.gradebook import Gradebook
    from grader.classroom.shown.grades import Gradesheet


def fill(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE",
            help="The gradebook that Canvas exports, the grading worksheet of a Moodle assignment,"
            " or what Blackboard lets you download; it stays as it is.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The same with marks in it.")
    ],
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            "-c",
            metavar="[COLUMN=]WHAT",
            help="What goes into which column: an exercise or total; may be repeated. A column is"
            " named by its heading or its id. Default: told by their names.",
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave marks that are there already.")
    ] = False,
    feedback: Annotated[
        bool,
        typer.Option(
            "--feedback/--no-feedback", help="Fill the column for feedback, where there is one."
        ),
    ] = True,
    gradebook: Place = None,
    book: Book = "",
    course_folder: CourseOfBook = None,
) -> None:
    """Put everybody's marks into a table of Canvas, Moodle or Blackboard, ready for its import.

    The table comes back as it was, but for marks and feedback. Said line by line: whose line cannot
    be told, who has none, and each mark that was there and is another now.
    """
    from grader.classroom.exported import filling, people, systems, tables
    from grader.cli.published import private

    read = tables.read(table)
    system = systems.recognised(read)
    _check_other(table, output)
    with opened(gradebook, book) as kept:
        sheet = _sheet(kept, course_of(kept, course_folder))
        wanted = _wanted(kept, system, columns or ())
        matched = people.matched(system, (*sheet.students, *sheet.dropped), kept.attempts())
        filled = filling.fill(system, sheet, wanted, matched, keep=keep, with_comments=feedback)
    with private():
        put(output, read.content)
    _show(system, filled, len(matched.students), output)


def _check_other(table: Path, output: Path) -> None:
    if output.exists() and output.samefile(table):
        raise UsageError(
            f"{table} would be written over itself.", "Name another file: --output FILE"
        )


def _sheet(kept: "Gradebook", found: course.Course) -> "Gradesheet":
    from grader.classroom.run import renewed
    from grader.classroom.shown.grades import gradesheet

    renewed(kept, found)
    sheet = gradesheet(kept, found.policy)
    if not sheet.exercises:
        raise UsageError("Nothing was graded in this gradebook yet.", "Begin with grade class.")
    return sheet


def _wanted(
    kept: "Gradebook", system: "System", given: list[str] | tuple[str, ...]
) -> "dict[Target, What]":
    """Which column gets what. UsageError where that is not said, or said twice."""
    from grader.classroom.exported import filling

    if not given:
        return filling.told_by_name(system, kept.exercises())
    wanted: dict[Target, What] = {}
    for entry in given:
        name, _, text = entry.rpartition("=")
        if name:
            target = system.target(name)
        else:
            target, *others = system.open_targets
            if others:
                raise UsageError(
                    f"--column {entry} does not say which column: {system.named_targets}.",
                    f"Like --column {target.number or target.heading}={entry}",
                )
        if target in wanted:
            raise UsageError(f"{target.heading} is named twice.")
        is_total = text.strip().casefold() == filling.TOTAL
        wanted[target] = None if is_total else column(kept, text)
    return wanted


def _show(system: "System", filled: "Filled", met: int, output: Path) -> None:
    for note in filled.about_columns:
        tell(note)
    for number, notes in sorted(filled.about_lines.items()):
        for note in notes:
            tell(f"line {number}: {note}")
    for name in filled.without_line:
        tell(f"no line: {name}")
    tell(
        f"{system.name}: {counted(filled.marks, 'mark')} for {met} of"
        f" {counted(len(system.lines), 'line')},"
        f" {filled.written} of them new or changed; wrote {output}"
    )


def feedback(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The zip to write.")
    ],
    moodle: Annotated[
        Path | None,
        typer.Option(
            "--moodle",
            metavar="WORKSHEET",
            help="For Moodle's “Upload multiple feedback files in a zip”; the grading worksheet of"
            " the assignment says the numbers of its participants.",
        ),
    ] = None,
    canvas: Annotated[
        bool,
        typer.Option(
            "--canvas",
            help="For Canvas' “Upload Submissions”, of hand-ins that were downloaded there.",
        ),
    ] = False,
    gradebook: Place = None,
    book: Book = "",
    course_folder: CourseOfBook = None,
) -> None:
    """Pack everybody's page for Canvas or Moodle to hand out: pages alone, without the seed."""
    from grader.classroom.exported import feedback as packing
    from grader.classroom.exported import people, systems, tables
    from grader.classroom.shown import pages
    from grader.classroom.shown.analysis import Analysis
    from grader.cli.published import private, title_of

    if canvas is (moodle is not None):
        raise UsageError("For which system?", "Either --canvas, or --moodle WORKSHEET.")
    system = systems.recognised(tables.read(moodle)) if moodle else None
    if system is not None and system.name != "Moodle":
        raise UsageError(
            f"{moodle} is a table of {system.name}.", "Moodle has a grading worksheet to download."
        )
    with opened(gradebook, book) as kept:
        found = course_of(kept, course_folder)
        sheet = _sheet(kept, found)
        attempts = kept.attempts()
        if system is not None:
            matched = people.matched(system, (*sheet.students, *sheet.dropped), attempts)
            places = packing.for_moodle(system, matched, sheet.students)
        else:
            places = packing.for_canvas(attempts, sheet.students)
        title = title_of(found, kept)
    if not places.paths:
        raise UsageError(
            "There is nobody whose page could go in.",
            "\n".join(places.notes[:5]) or "The gradebook has no students.",
        )
    analysis = Analysis(sheet)
    texts = {
        student.name: pages.student_page(analysis, student, title)
        for student in sheet.students
        if student.name in places.paths
    }
    with private():
        put(output, packing.packed(places.paths, texts))
    for note in places.notes:
        tell(note)
    everybody = counted(len(sheet.students), "student")
    tell(f"{counted(len(texts), 'page')} of {everybody}; wrote {output}")


EXPORTS: Commands = {"fill": fill, "feedback": feedback}
