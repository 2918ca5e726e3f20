"""Where the gradebook is that a command is about, and whom and what in it a person means."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.errors import UsageError

if TYPE_CHECKING:
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
    what = f"{len(found)} gradebooks" if found else "no gradebook"
    raise UsageError(f"There is {what} here.", "Name one: --gradebook FOLDER")


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
