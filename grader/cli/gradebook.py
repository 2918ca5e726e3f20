"""The commands of a teacher on a gradebook: what a person decides, who is in the class, upkeep."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from grader.cli.options import CourseOfBook, Sheet, counted
from grader.cli.place import (
    Author,
    Book,
    Place,
    column,
    course_of,
    find,
    folder_of,
    opened,
    shown,
    student,
)
from grader.errors import ExitCode, UsageError
from grader.report import clean

if TYPE_CHECKING:
    from grader.classroom.kept.decisions import Decision
    from grader.classroom.kept.gradebook import Gradebook

StudentName = Annotated[
    str, typer.Argument(metavar="STUDENT", help="The school's id, a name, or an address.")
]
ExerciseArgument = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="Its number or its slug.")
]
Number = Annotated[
    int | None,
    typer.Option(
        "--decision",
        metavar="N",
        help="With --undo: take back this one; grade history has the numbers.",
    ),
]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="For the history and the student.")]


_SEE_HISTORY = "See grade history STUDENT."


def tell(text: str) -> None:
    """Print a line; what is in it is text, whatever it looks like."""
    Console(soft_wrap=True).print(clean(text), markup=False, highlight=False, emoji=False)


def mark(
    who: StudentName,
    exercise: ExerciseArgument,
    score: Annotated[
        float | None, typer.Option("--score", metavar="S", help="The mark, lateness or not.")
    ] = None,
    points: Annotated[
        list[str] | None,
        typer.Option(
            "--points", metavar="PROPERTY=P", help="What one property earns; may be repeated."
        ),
    ] = None,
    comment: Annotated[
        str, typer.Option("--comment", metavar="TEXT", help="A remark on the student's page.")
    ] = "",
    excuse: Annotated[
        bool, typer.Option("--excuse", help="The exercise does not count for this student.")
    ] = False,
    bonus: Annotated[
        bool, typer.Option("--bonus", help="The mark may be more than full marks, up to twice.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back the last decision on it.")
    ] = False,
    decision: Number = None,
    why: Why = "",
    by: Author = "",
    gradebook: Place = None,
    book: Book = "",
) -> None:
    """Set a mark beside the automatic score, which stays; it survives every grading.

    With points for a property, a comment or an excuse instead. See it with grade history STUDENT.
    """
    from grader.classroom.kept.decisions import Decision, Kind
    from grader.classroom.shown.sheets import in_words, number

    if not (score is not None or points or comment or excuse or undo):
        raise UsageError(
            "Say what is decided.", "One of --score, --points, --comment, --excuse, --undo."
        )
    if undo and (score is not None or points or comment or excuse):
        raise UsageError("--undo takes back the last decision.", "Leave out the others.")
    if excuse and score is not None:
        raise UsageError("An exercise that does not count has no mark.", "Leave one out.")
    _check_number(undo, decision)
    with opened(gradebook, book) as kept:
        name, slug = student(kept, who).name, column(kept, exercise)
        called = shown(kept, name, who)
        if undo:
            own = [
                each
                for each in kept.decisions.valid()
                if each.student == name
                and each.exercise == slug.slug
                and each.kind is not Kind.EXTENSION
            ]
            where = f"{called} in exercise {slug.number}"
            if not own:
                raise UsageError(f"Nothing has been decided for {where}.", _SEE_HISTORY)
            _take_back(kept, own, decision, where, why, by)
            return
        made: list[Decision] = []

        def decide(kind: Kind, **fields: object) -> None:
            given = {"student": name, "exercise": slug.slug, "why": why, "who": by, **fields}
            made.append(Decision(kind, **given))  # type: ignore[arg-type]

        if score is not None:
            most = slug.max_score * (2 if bonus else 1)
            if not 0 <= score <= most:
                raise UsageError(
                    f"{number(score)} is no score of {slug.max_score}.",
                    f"It is from 0 to {most}."
                    + (
                        " With more for what is extra: --bonus"
                        if score > most and not bonus
                        else ""
                    ),
                )
            decide(Kind.SCORE, points=score)
        for entry in points or ():
            property_, given = _points(kept, name, slug.slug, entry)
            decide(Kind.POINTS, property=property_, points=given)
        if excuse:
            decide(Kind.EXCUSE)
        if comment:
            decide(Kind.COMMENT, why=comment)
        for each in kept.decisions.add(made):
            tell(f"{called}, {slug.number}. {slug.title}: {in_words(each)} ({each.id})")
        tell("To have it in tables and pages: grade gradebook publish --output DIR")


def _points(kept: "Gradebook", name: str, slug: str, entry: str) -> tuple[str, float]:
    """The property and the points that `PROPERTY=P` means, as a report knows them."""
    property_, _, text = entry.rpartition("=")
    try:
        given = float(text)
    except ValueError:
        property_ = ""
    if not property_:
        raise UsageError(f"--points {entry!r} says not what or how many.", "Like test_values=15")
    history = kept.history(name, slug)
    known = {each.name: each.max_score for each in history[-1].report.properties} if history else {}
    if not known:
        raise UsageError("No property of that was graded.", "Set the mark itself: --score")
    if property_ not in known:
        raise UsageError(f"There is no property {property_!r}.", f"There are: {', '.join(known)}.")
    if not 0 <= given <= known[property_]:
        raise UsageError(f"{property_} has from 0 to {known[property_]} points.")
    return property_, given


def _check_number(undo: bool, number: int | None) -> None:
    if number is not None and not undo:
        raise UsageError("--decision says which one --undo takes back.", "Add --undo.")


def _take_back(
    kept: "Gradebook", own: "list[Decision]", number: int | None, where: str, why: str, by: str
) -> None:
    """Take back one of the decisions that are meant: the last, or the one of that number."""
    from grader.classroom.shown.sheets import what

    meant = own[-1] if number is None else next((d for d in own if d.id == number), None)
    if meant is None:
        there = ", ".join(f"{each.id} ({what(each)})" for each in own)
        raise UsageError(f"No decision {number} holds for {where}.", f"There are: {there}.")
    undone = kept.decisions.undo(meant.id, why, by)
    tell(f"took back decision {undone.id} ({what(undone)}) for {where}")


def history(who: StudentName, gradebook: Place = None, book: Book = "") -> None:
    """Everything about one student: hand-ins, gradings and decisions, in the order of time."""
    from grader.classroom.kept.gradebook import BY_FILE
    from grader.classroom.received.pseudonyms import without_owner
    from grader.classroom.shown.sheets import in_words, number

    with opened(gradebook, book) as kept:
        person = student(kept, who)
        called = shown(kept, person.name, who)
        is_named = called == person.name
        numbers = {each.slug: f"{each.number}. {each.title}" for each in kept.exercises()}
        lines: list[tuple[datetime, str]] = []
        attempts = {each.id: each for each in kept.attempts() if each.student == person.name}
        for attempt in attempts.values():
            by = "by its file's date alone" if attempt.dated_by == BY_FILE else attempt.dated_by
            path = attempt.path if is_named else without_owner(attempt.path, called)
            text = f"handed in {numbers[attempt.exercise]}: {path} (date: {by})"
            lines.append((attempt.submitted_at, text))
        for slug in numbers:
            for result in kept.history(person.name, slug):
                verdict = f"{number(result.score)}/{result.max_score} {result.status.value}"
                text = f"graded {numbers[slug]}: {verdict} by {result.who} ({result.why})"
                lines.append((result.graded_at, text))
        decided = {each.id: each for each in kept.decisions.all()}
        for each in decided.values():
            if each.student == person.name or (each.team and each.team == person.team):
                if each.undoes is not None:
                    lines.append((each.made_at, _taken_back(each, decided[each.undoes], numbers)))
                    continue
                of = f" {numbers[each.exercise]}" if each.exercise else ""
                undone = "; taken back since" if each.is_undone else ""
                lines.append((each.made_at, f"decided{of}: {in_words(each)} ({each.id}{undone})"))
        known = person.details.items() if is_named else ()
        details = ", ".join(f"{key}: {value}" for key, value in known)
        tell(called + (f" ({details})" if details else ""))
        for moment, text in sorted(lines, key=lambda line: line[0]):
            tell(f"  {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC  {text}")


def _taken_back(undo: "Decision", undone: "Decision", numbers: dict[str, str]) -> str:
    """A line of the history."""
    from grader.classroom.shown.sheets import what

    of = f" on {numbers[undone.exercise]}" if undone.exercise else ""
    why = f": {undo.why}" if undo.why else ""
    return f"took back decision {undone.id} ({what(undone)}){of}, by {undo.who}{why}"


def extend(
    who: Annotated[
        str | None,
        typer.Argument(metavar="STUDENT", help="A student, or a team by its name."),
    ] = None,
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="Default: every exercise.")
    ] = None,
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help="Such as 2026-10-08T23:59:00+02:00.")
    ] = "",
    table: Annotated[
        Path | None,
        typer.Option(
            "--table",
            metavar="FILE",
            help="A CSV table of them: student or team, until, and perhaps exercise and why.",
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take back the last one.")] = False,
    decision: Number = None,
    why: Why = "",
    by: Author = "",
    gradebook: Place = None,
    book: Book = "",
) -> None:
    """Give a student or a team more time; a hard last day moves with it."""
    from grader.classroom.shown.sheets import in_words

    if (table is None) == (who is None):
        raise UsageError("Say who has more time.", "A student or a team, or --table FILE.")
    _check_number(undo, decision)
    if undo and table:
        raise UsageError("--undo is for one student or team.", "Leave out --table.")
    with opened(gradebook, book) as kept:
        if undo:
            _undo_extension(kept, who or "", exercise, decision, why, by)
            return
        row = {"student": who or "", "exercise": exercise or "", "until": until, "why": why}
        rows = _rows(table) if table else [(0, row)]
        made, problems = [], []
        for line, given in rows:
            try:
                made.append(_extension(kept, given, by))
            except UsageError as error:
                where = f"{table}, line {line}: " if table else ""
                problems.append(f"{where}{error.problem}")
                advice = error.advice
        if problems:
            raise UsageError("\n".join(problems), advice)
        numbers = {each.slug: f"{each.number}. {each.title}" for each in kept.exercises()}
        there = {_of_what(each): each.id for each in kept.decisions.valid()}
        new = list({key: each for each in made if (key := _of_what(each)) not in there}.values())
        for each in made:
            if number := there.get(_of_what(each)):
                of = numbers.get(each.exercise, "every exercise")
                called = each.team or shown(kept, each.student, who or "")
                tell(f"{called}, {of}: has that time already ({number})")
        for each in kept.decisions.add(new):
            of = numbers.get(each.exercise, "every exercise")
            called = each.team or shown(kept, each.student, who or "")
            tell(f"{called}, {of}: {in_words(each)} ({each.id})")


def _of_what(decision: "Decision") -> tuple[object, ...]:
    """What an extension says; of two that say the same the second adds nothing."""
    return (
        decision.kind,
        decision.student,
        decision.team,
        decision.exercise,
        decision.until,
    )


def _undo_extension(
    kept: "Gradebook", who: str, exercise: str | None, number: int | None, why: str, by: str
) -> None:
    from grader.classroom.kept.decisions import Kind

    named = _whom(kept, who)
    asked = column(kept, exercise) if exercise else None
    own = [
        each
        for each in kept.decisions.valid()
        if each.kind is Kind.EXTENSION
        and (each.student, each.team) == (named["student"], named["team"])
        and (asked is None or each.exercise == asked.slug)
    ]
    called = named["team"] or shown(kept, named["student"], who)
    if not own:
        of = f" in exercise {asked.number}" if asked else ""
        raise UsageError(f"{called} has no extension to take back{of}.", _SEE_HISTORY)
    meant = next((each for each in own if each.id == number), own[-1])
    numbers = {each.slug: each.number for each in kept.exercises()}
    of = f"exercise {numbers[meant.exercise]}" if meant.exercise else "every exercise"
    _take_back(kept, own, number, f"{called} in {of}", why, by)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """What a table of extensions says. UsageError where it is none."""
    from grader.classroom.received import table

    found = table.read(path)
    advice = "A table has the columns student or team, until, and perhaps exercise and why."
    if not {"student", "team", "name"}.intersection(found.headings):
        raise UsageError(f"{path} has no column `student` or `team` in its first line.", advice)
    if "until" not in found.headings:
        raise UsageError(f"{path} has no column `until` in its first line.", advice)
    rows = [(line, dict(row)) for line, row in found.rows if any(row.values())]
    if not rows:
        raise UsageError(f"{path} has no row below its headings: nobody has more time.", advice)
    return rows


def _extension(kept: "Gradebook", row: dict[str, str], by: str) -> "Decision":
    from grader.classroom.kept.decisions import Decision, Kind

    until = row.get("until", "")
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        raise UsageError(
            f"{until!r} is not a date with a time zone, like 2026-10-01T23:59:00+02:00."
            if until
            else "It is not said until when.",
            "Say it like --until 2026-10-01T23:59:00+02:00, or in the column `until`.",
        )
    slug = column(kept, row["exercise"]).slug if row.get("exercise") else ""
    named = _whom(kept, row.get("student") or row.get("team") or row.get("name") or "")
    return Decision(
        Kind.EXTENSION,
        student=named["student"],
        team=named["team"],
        exercise=slug,
        until=moment,
        why=row.get("why", ""),
        who=by,
    )


def _whom(kept: "Gradebook", text: str) -> dict[str, str]:
    """The student that a person means, or the team."""
    everybody = kept.students()
    teams = {each.team for each in everybody} - {""}
    if text in teams and text not in {each.name for each in everybody}:
        return {"student": "", "team": text}
    return {"student": student(kept, text).name, "team": ""}


# --- who is in the class -------------------------------------------------------------------------


def rename(
    who: StudentName,
    new: Annotated[str, typer.Argument(metavar="NAME", help="What they are called from now on.")],
    gradebook: Place = None,
    book: Book = "",
) -> None:
    """Call a student otherwise. Hand-ins under the old name go on being theirs, as long as nobody
    else is called so."""
    from grader.classroom.received import identity

    with opened(gradebook, book) as kept, kept.held():
        old = student(kept, who).name
        name = identity.renamed(kept.students(), old, new)
        kept.people.rename(old, name)
        tell(f"{old} is {name} now.")


def merge(
    who: StudentName,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The student who stays.")],
    gradebook: Place = None,
    book: Book = "",
) -> None:
    """Make two students one: all that the first has is the second's."""
    with opened(gradebook, book) as kept, kept.held():
        one, other = student(kept, who).name, student(kept, into).name
        kept.people.merge(one, other)
        tell(f"What {one} has is {other}'s now.")


def drop(
    who: StudentName,
    undo: Annotated[bool, typer.Option("--undo", help="Take them back.")] = False,
    gradebook: Place = None,
    book: Book = "",
) -> None:
    """Take a student out of the class: neither shown nor graded, but nothing is deleted."""
    with opened(gradebook, book) as kept, kept.held():
        name = student(kept, who).name
        (kept.people.restore if undo else kept.people.drop)(name)
        tell(f"{name} is {'in the class again' if undo else 'out of the class'}.")


def team(
    name: Annotated[str, typer.Argument(metavar="TEAM", help='Its name; "" for none.')],
    who: Annotated[list[str], typer.Argument(metavar="STUDENT...")],
    gradebook: Place = None,
    book: Book = "",
) -> None:
    """Put students into a team: what one of them hands in is everybody's."""
    with opened(gradebook, book) as kept, kept.held():
        name, names = name.strip(), [student(kept, each).name for each in who]
        kept.people.set_team(names, name)
        tell(f"{', '.join(names)}: {f'team {name}' if name else 'no team'}")


# --- upkeep --------------------------------------------------------------------------------------


def publish(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where tables and pages go.")
    ],
    tables: Annotated[
        list[Sheet] | None,
        typer.Option("--csv", help="Write this table too; those that are there are always."),
    ] = None,
    gradebook: Place = None,
    book: Book = "",
    course_folder: CourseOfBook = None,
) -> None:
    """Write tables, pages and reports anew, without grading anything."""
    from grader.classroom.run import described, renewed
    from grader.classroom.shown.sheets import FILES
    from grader.cli.class_screen import moved_in_words, stale_in_words
    from grader.cli.published import Publisher

    if gradebook is None and (output / "gradebook.sqlite3").is_file():
        gradebook = str(output)
    with opened(gradebook, book) as kept:
        found = course_of(kept, course_folder)
        renewed(kept, found)
        # A table that was asked for once would go on saying what no longer holds.
        there = [each.value for each, name in FILES.items() if (output / name).is_file()]
        wanted = [*there, *(each.value for each in tables or ())]
        publisher = Publisher.as_before(kept, found, output, wanted)
        sheet = publisher.publish()
        moved = publisher.tell(sheet)
        known, now = kept.course(), described(found)
        is_there = known is not None and folder_of(known) is not None
        # Who stands in a copy with the same rules has not said that it is the course now.
        if course_folder or not is_there or (known and known["folder"] == now["folder"]):
            kept.go_by(now)
        if moved:
            names = publisher.pseudonyms if publisher.is_anonymous else sheet.shown
            tell("Scores that moved (they are in changes.csv):")
            for each in moved:
                tell(f"  {moved_in_words(each, names.get(each.student, each.student))}")
        for line in stale_in_words(sheet):
            tell(line)
        for note in publisher.notes:
            tell(note)
        for path in publisher.written:
            tell(f"wrote {path}")


def upgrade(gradebook: Place = None, book: Book = "") -> None:
    """Bring a gradebook of an older format to today's; a copy of the old one stays beside it."""
    with opened(gradebook, book, is_whole=True) as kept:
        if kept.upgraded_from:
            tell(f"Upgraded. What it was is in {kept.upgraded_from}.")
        else:
            tell("It has today's format.")


def check(gradebook: Place = None, book: Book = "") -> None:
    """Look whether a gradebook is whole: the file, what belongs to what, the kept hand-ins.

    Exit code 0 where it is, 2 where it is not.
    """
    from grader.classroom.kept.database import DAMAGED
    from grader.classroom.kept.gradebook import Gradebook

    with opened(gradebook, book, is_whole=True) as kept:
        problems = kept.problems()
        for problem in problems:
            tell(problem)
        if problems:
            if any("damaged" in problem for problem in problems):
                tell(DAMAGED)
            raise typer.Exit(ExitCode.USAGE)
        others = [] if book else list(filter(None, kept.books()))
        if not others or kept.students():
            tell(f"It is whole: {_held(kept)}.")
    for name in others:
        with Gradebook.open(find(gradebook), name, make=False) as kept:
            tell(f"Book {name} is whole: {_held(kept)}.")


def _held(kept: "Gradebook") -> str:
    """How much a gradebook holds."""
    attempts, people = len(kept.attempts()), len(kept.students())
    return f"{counted(attempts, 'attempt')} of {counted(people, 'student')}"


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; must not be there.")],
    gradebook: Place = None,
) -> None:
    """Copy a gradebook while it is in use. PostgreSQL is copied with its own pg_dump."""
    place = find(gradebook)
    if isinstance(place, Path):
        from grader.classroom.kept import database, upgrading

        upgrading.copy_file(place, target)
        if problems := upgrading.file_problems(target):
            raise UsageError(
                f"The gradebook {place} is damaged, and so is its copy {target}: {problems[0]}.",
                database.DAMAGED,
            )
    else:
        _dump(place, target)
    tell(f"wrote {target}")


def _dump(url: str, target: Path) -> None:
    """A dump of a PostgreSQL database, as `pg_restore` reads it."""
    from grader.classroom.kept import database

    if target.exists():
        raise UsageError(f"{target} is there already.", "Name another file.")
    if (program := shutil.which("pg_dump")) is None:
        raise UsageError("There is no pg_dump here.", "Install PostgreSQL's client programs.")
    address, password = database.libpq(url)
    target.touch(mode=0o600)
    done = subprocess.run(
        [program, "--format=custom", f"--file={target}", f"--dbname={address}"],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        target.unlink(missing_ok=True)
        said = done.stderr.strip().splitlines()
        raise UsageError(f"pg_dump fails: {said[-1] if said else done.returncode}.")


# Commands of commands, by name.
Commands = dict[str, Callable[..., None]]

STUDENT: Commands = {"rename": rename, "merge": merge, "drop": drop, "team": team}
GRADEBOOK: Commands = {"upgrade": upgrade, "backup": backup, "check": check}
