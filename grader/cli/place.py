"""Where the gradebook is that a command is about, and whom and what in it a person means."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.course import model as course
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from grader.classroom.kept.gradebook import Column, Gradebook, Student

GRADEBOOK = "gradebook.sqlite3"
VARIABLE = "GRADE_GRADEBOOK"

Place = Annotated[
    str | None,
    typer.Option(
        "--gradebook",
        metavar="PLACE",
        help="The folder that grade class wrote, a file, a URL, or @FILE with a URL in it."
        f" Default: ${VARIABLE}, or the one here.",
    ),
]
Book = Annotated[
    str, typer.Option("--book", metavar="NAME", help="Which class or homework in that database.")
]
Author = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who decides; default: who is logged in.")
]


def told(place: str | None) -> str | None:
    """The gradebook that an option, or else the environment, names; None where neither does.

    `@FILE` stands for what is in the file: an address with a password in it is on no command line.
    """
    place = place or os.environ.get(VARIABLE) or None
    if place is None or not place.startswith("@"):
        return place
    file = Path(place[1:])
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise UsageError(f"There is no file {file}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is no text in UTF-8.", "It holds an address, alone.") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None


def as_place(named: str) -> Path | str:
    """What somebody named, as a URL or as the path of a SQLite file."""
    if "://" in named:
        return named
    path = Path(named)
    return path / GRADEBOOK if path.is_dir() else path


def find(place: str | None) -> Path | str:
    """The gradebook that is meant: a path or a URL. UsageError where there is none."""
    named = told(place)
    if named is not None:
        meant = as_place(named)
        if isinstance(meant, Path) and not meant.is_file():
            raise UsageError(f"There is no gradebook {meant}.", "grade class makes one.")
        return meant
    here = Path(GRADEBOOK)
    found = [here] if here.is_file() else sorted(Path.cwd().glob(f"*/{GRADEBOOK}"))
    if len(found) == 1:
        return found[0]
    what = f"There are {len(found)} gradebooks" if found else "There is no gradebook"
    raise UsageError(f"{what} here.", "Name one: --gradebook FOLDER")


def opened(place: str | None, book: str, *, is_whole: bool = False) -> "Gradebook":
    """The open gradebook that is meant; `is_whole`: a command about the database, whatever books
    are in it. UsageError where there is none, or where no book is named and only others hold
    something."""
    from grader.classroom.kept.gradebook import Gradebook

    kept = Gradebook.open(find(place), book, make=False)
    if not (book or is_whole):
        try:
            others = [] if kept.students() or kept.runs() else list(filter(None, kept.books()))
        except UsageError:
            kept.close()
            raise
        if others:
            kept.close()
            raise UsageError(
                f"It is not said which book of this gradebook is meant: {', '.join(others)}.",
                "Name one: --book NAME",
            )
    return kept


def course_of(book: "Gradebook", folder: Path | None) -> course.Course:
    """The course whose rules make the marks of a gradebook: the one in `folder`, by default that
    of its last run.

    UsageError where that is not there any more or not known, or where the working directory is in
    a course with other rules: marks never go by rules that nobody meant.
    """
    if folder is not None:
        return _fitting(book, course.find(folder))
    kept = book.course()
    here = course.around()
    if kept is None:
        if here is not None:
            return _fitting(book, course.find(here))
        raise UsageError(
            "This gradebook does not say which course it is of.", "Name it: --course FOLDER"
        )
    of_book = folder_of(kept)
    if here is None or (of_book and here.resolve() == of_book.resolve()):
        if of_book is None:
            raise _gone(kept)
        return _fitting(book, course.load(of_book))
    from grader.classroom.run import described

    found = course.find(here)
    rules = described(course.load(of_book))["rules"] if of_book else kept["rules"]
    if described(found)["rules"] != rules:
        place = kept["folder"] or "what comes with grade"
        gone = "" if of_book else ", which is not there any more"
        raise UsageError(
            f"This gradebook was graded by the course {kept['title']!r} ({place}{gone}); here is"
            f" {found.title!r}, with other rules.",
            f"Say by which: --course FOLDER, such as --course {here}",
        )
    return _fitting(book, found)


def folder_of(kept: "Mapping[str, Any]") -> Path | None:
    """The folder of the course that a gradebook keeps; None where it is not there any more."""
    folder = Path(kept["folder"]) if kept["folder"] else course.bundled()
    return folder if (folder / course.COURSE_FILE).is_file() else None


def course_for_class(place: Path | str, book: str, folder: Path | None) -> course.Course:
    """The course that a class is graded by: the one in `folder`, or else around the working
    directory, or else that of the gradebook's last run, where there is one."""
    if folder is None and course.around() is None:
        kept = _kept_course(place, book)
        if kept is not None:
            if (of_book := folder_of(kept)) is None:
                raise _gone(kept)
            return course.load(of_book)
    return course.find(folder)


def _kept_course(place: Path | str, book: str) -> "Mapping[str, Any] | None":
    from grader.classroom.kept.database import NotThere
    from grader.classroom.kept.gradebook import Gradebook

    if isinstance(place, Path) and not place.is_file():
        return None
    try:
        with Gradebook.open(place, book, make=False, upgrade=False) as kept:
            return kept.course()
    except NotThere:
        return None
    except UsageError:  # of an older format, which keeps none; or it is said when it is opened
        return None


def _gone(kept: "Mapping[str, Any]") -> UsageError:
    return UsageError(
        f"This gradebook was graded by the course {kept['title']!r} in"
        f" {kept['folder'] or course.bundled()}, which is not there any more.",
        "Say where it is now: --course FOLDER",
    )


def _fitting(book: "Gradebook", found: course.Course) -> course.Course:
    """The same course. UsageError where the gradebook is of another altogether."""
    slugs = {column.slug for column in book.exercises()}
    if slugs and slugs.isdisjoint(each.slug for each in found.exercises):
        raise UsageError(
            f"The course {found.title!r} has none of the exercises of this gradebook:"
            f" {', '.join(sorted(slugs)[:3])}.",
            "Name the course that it is of: --course FOLDER",
        )
    return found


def student(book: "Gradebook", text: str) -> "Student":
    """Whom a person means by a name, an id or an address. UsageError where that is nobody, or may
    be several."""
    from grader.classroom.received import identity

    everybody = identity.settled(book.students())
    exact = [each for each in everybody if each.name == text]
    found = exact or [each for each in everybody if identity.means(each, text)]
    if len(found) == 1:
        return found[0]
    if not found:
        found = _under_a_pseudonym(book, text)
    if len(found) == 1:
        return found[0]
    if not found:
        near = ", ".join(s.name for s in everybody if identity.fold(text) in identity.fold(s.name))
        raise UsageError(
            f"The gradebook knows no student {text!r}.",
            f"Is it one of these? {near}" if near else "gradebook.csv has their names and ids.",
        )
    ids = ", ".join(each.details.get("id") or each.name for each in found)
    raise UsageError(f"{text!r} may be several students.", f"Write the id: {ids}")


def shown(book: "Gradebook", name: str, text: str) -> str:
    """What a line calls the student of that name, whom somebody meant by `text`: the pseudonym
    where that was one, for who grades without names."""
    from grader.classroom.received import pseudonyms

    if any(each.name == name for each in _under_a_pseudonym(book, text)):
        return pseudonyms.of_book(book)[name]
    return name


def _under_a_pseudonym(book: "Gradebook", text: str) -> "list[Student]":
    from grader.classroom.received import identity, pseudonyms

    digits = identity.fold(text).removeprefix("student ")
    if len(digits) < pseudonyms.SHORTEST:
        return []
    drawn = pseudonyms.of_book(book)
    # A pseudonym of before is the beginning of today's, which has more digits in a larger class.
    return [s for s in book.students() if drawn[s.name].startswith(f"student {digits}")]


def column(book: "Gradebook", text: str) -> "Column":
    """Which exercise a person means by its number, slug or file. UsageError where that is none."""
    wanted = text.strip().lower().removesuffix(".py")
    columns = book.exercises()
    for each in columns:
        stem = f"ex{each.number:02d}"
        is_it = wanted in (each.slug, stem, f"{stem}_{each.slug}")
        if is_it or (wanted.isdecimal() and int(wanted) == each.number):
            return each
    numbers = ", ".join(str(each.number) for each in columns)
    raise UsageError(
        f"The gradebook has no exercise {text!r}.",
        f"It has: {numbers}." if columns else "Nothing was graded in it yet.",
    )
