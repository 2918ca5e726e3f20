"""`grade similar`: pairs of answers that a teacher may want to look at."""

import secrets
import sys
from collections import defaultdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli import streams
from grader.cli.options import CourseFolder, check_output, complete_exercise
from grader.cli.place import GRADEBOOK, course_of
from grader.course import model as course
from grader.errors import UsageError
from grader.report import clean, harmless
from grader.writing import put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.classroom.received.roster import Answer, Roster
    from grader.classroom.similarity.similar import Compared

MOST_ROWS = 50
PAGE = "similar.html"


class SimilarFormat(StrEnum):
    """How the pairs are shown."""

    TERMINAL = "terminal"
    HTML = "html"
    JSON = "json"


def similar(
    submissions: Annotated[
        Path,
        typer.Argument(
            metavar="SUBMISSIONS", help="The folder that holds what each student handed in."
        ),
    ],
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--exercise",
            "-e",
            metavar="N",
            help="Compare this exercise; may be given again. Default: all that were handed in.",
            autocompletion=complete_exercise,
        ),
    ] = None,
    share: Annotated[
        int,
        typer.Option(
            metavar="PERCENT", min=1, max=100, help="The least that two must share to be listed."
        ),
    ] = 40,
    pattern: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            help="How files are named: canvas, moodle, by-exercise, or a regular expression.",
        ),
    ] = None,
    format_: Annotated[
        SimilarFormat, typer.Option("--format", "-f", help="A table, a page, or for a program.")
    ] = SimilarFormat.TERMINAL,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to FILE.")
    ] = None,
    anonymous: Annotated[
        Path | None,
        typer.Option(
            "--anonymous", metavar="FILE", help="Pseudonyms for names; FILE says whose they are."
        ),
    ] = None,
    class_folder: Annotated[
        Path | None,
        typer.Option(
            "--class",
            metavar="DIR",
            help="Show the pairs on the page of this class, which grade class wrote.",
        ),
    ] = None,
    course_folder: CourseFolder = None,
) -> None:
    """List pairs of students whose answers share more than the exercise explains.

    A place to look, not a verdict. Variables' names, comments and the order of functions make no
    difference; the stub, the course's own answers and what many have written count for nothing or
    less.
    """
    for file in (output, anonymous):
        if file is not None:
            check_output(file)
    if class_folder is not None:
        _check_class(class_folder, anonymous)
    found = course.find(course_folder).original
    wanted = found.named(names) if names else None
    from grader.classroom.received import roster

    handed_in = roster.discover(submissions, found.exercises, wanted, pattern)
    if anonymous is not None:
        from grader.classroom.received import pseudonyms
        from grader.cli.published import private

        drawn = pseudonyms.drawn((s.name for s in handed_in.students), secrets.token_hex())
        with private():
            put(anonymous, pseudonyms.table(drawn))
        handed_in = pseudonyms.of_roster(handed_in, drawn)
    compared = _compare(handed_in, found.exercises, share / 100)
    if class_folder is not None:
        _show_in_class(class_folder, course_folder, compared, handed_in, share)
    text = _text(compared, handed_in, share, format_)
    if output is not None:
        put(output, text)
    elif format_ is SimilarFormat.TERMINAL:
        sys.stdout.write(text)
    else:
        streams.deliver(text)


def _check_class(folder: Path, anonymous: Path | None) -> None:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", "Name the one that grade class wrote.")
    if anonymous is not None:
        raise UsageError(
            "--class finds the students of a class by their names.",
            "Leave --anonymous out: the pages of a class that is anonymous stay so.",
        )


def _show_in_class(
    folder: Path,
    course_folder: Path | None,
    compared: "Sequence[Compared]",
    handed_in: "Roster",
    share: int,
) -> None:
    """Write the pairs beside the pages of a class, and those anew, where the gradebook is there
    too."""
    from grader.classroom.kept.gradebook import Gradebook
    from grader.classroom.shown import alike
    from grader.cli.published import Publisher, private

    with private():
        put(folder / alike.FILE, _text(compared, handed_in, share, SimilarFormat.JSON))
        put(folder / PAGE, _text(compared, handed_in, share, SimilarFormat.HTML))
    console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    if (folder / GRADEBOOK).is_file():
        with Gradebook.open(folder / GRADEBOOK, make=False) as kept:
            Publisher.as_before(kept, course_of(kept, course_folder), folder).publish()
        console.print(f"The pairs are in {folder / 'index.html'}; side by side in {folder / PAGE}.")
    else:
        again = "grade gradebook publish --output"
        console.print(f"Have them on the page of the class: {again} {folder}", style="cyan")


def _compare(
    handed_in: "Roster", exercises: "Sequence[course.Exercise]", share: float
) -> list["Compared"]:
    """Each exercise's newest answers, of a file that answers several the part that is its own."""
    from grader.classroom.similarity.similar import compare
    from grader.submission import several

    newest: dict[course.Exercise, dict[str, Answer]] = defaultdict(dict)
    for answer in handed_in.answers:
        own = newest[answer.exercise]
        known = own.get(answer.student)
        if answer.file.submission and (known is None or _came(known) < _came(answer)):
            own[answer.student] = answer
    return [
        compare(
            exercise,
            {
                name: several.each(answer.file.submission, [exercise], exercises)[exercise.slug]
                for name, answer in own.items()
                if answer.file.submission
            },
            share=share,
        )
        for exercise, own in newest.items()
    ]


def _came(answer: "Answer") -> tuple[object, ...]:
    return answer.file.submitted_at, answer.file.place.attempt, answer.file.path


def _text(
    compared: "Sequence[Compared]", handed_in: "Roster", share: int, format_: SimilarFormat
) -> str:
    if format_ is SimilarFormat.HTML:
        from grader.classroom.similarity import similar_page

        return similar_page.render(compared, share / 100)
    if format_ is SimilarFormat.JSON:
        from grader.classroom.similarity.similar import NOTE
        from grader.formats.json import text as as_json

        unread = {a.file.path: a.file.problem.problem for a in handed_in.answers if a.file.problem}
        content = {
            "schema": 1,
            "note": NOTE,
            "share": share / 100,
            "exercises": [each.as_json() for each in compared],
            "unread": [{"path": path, "reason": unread[path]} for path in sorted(unread)],
        }
        return as_json(content)
    console = Console()
    with console.capture() as captured:
        _show(console, compared, handed_in, share)
    return harmless(captured.get())


def _show(
    console: Console, compared: "Sequence[Compared]", handed_in: "Roster", share: int
) -> None:
    from grader.classroom.similarity.similar import NOTE

    rows = [(each, pair) for each in compared for pair in each.pairs]
    rows.sort(key=lambda row: -row[1].share)
    if rows:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column("shared", justify="right")
        table.add_column("students", overflow="fold")
        table.add_column("exercise")
        table.add_column("passages", justify="right")
        for each, pair in rows[:MOST_ROWS]:
            table.add_row(
                f"{pair.share:.0%}",
                Text(clean(" and ".join(pair.students))),
                Text(f"{each.exercise.number}. {each.exercise.title}"),
                str(len(pair.passages)),
            )
        console.print(table)
        if len(rows) > MOST_ROWS:
            console.print(f"and {len(rows) - MOST_ROWS} more: see --format html")
    else:
        console.print(f"No two answers share {share}% or more.")
    console.print()
    counts = ", ".join(f"{len(c.submissions)} to exercise {c.exercise.number}" for c in compared)
    console.print(f"Compared answers: {counts}.", highlight=False)
    unread = len({answer.file.path for answer in handed_in.answers if answer.file.problem})
    if unread:
        console.print(f"Files that cannot be read, and are not compared: {unread}", highlight=False)
    console.print(Text(NOTE, "yellow"))
    if rows:
        console.print(Text("Side by side: --format html --output similar.html", "cyan"))
