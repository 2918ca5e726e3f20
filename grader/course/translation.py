"""A course's texts in another language, from the files beside the English ones.

    exercises/zh/course.toml            the titles of the course and of its parts
    exercises/zh/ex03_slug.toml         what a learner reads before: title, statement, hints
    solutions/ex03_slug/zh.toml         what a report says: properties, misconceptions, the picture

What a course does not translate is said in English; `grader.judge.prove.translated` says what that
is.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from grader import language
from grader.errors import UsageError

Table = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class CourseText:
    """The title of the course, and of each part by its English one."""

    title: str = ""
    parts: Table = field(default_factory=dict)


@dataclass(frozen=True)
class ExerciseText:
    """Title, statement, hints in the order of the course file, docstrings by function, and what
    stands there at `TODO`."""

    title: str = ""
    statement: str = ""
    hints: tuple[str, ...] = ()
    functions: Table = field(default_factory=dict)
    todos: Table = field(default_factory=dict)


@dataclass(frozen=True)
class PictureText:
    """The labels of a picture; `series` has the names of curves by their English ones."""

    title: str = ""
    rows: str = ""
    columns: str = ""
    x: str = ""
    series: Table = field(default_factory=dict)


@dataclass(frozen=True)
class RoomText:
    """Titles by property, explanations by misconception, what other wrong answers do, what the
    properties say, labels."""

    properties: Table = field(default_factory=dict)
    misconceptions: Table = field(default_factory=dict)
    wrong: Table = field(default_factory=dict)
    sentences: Table = field(default_factory=dict)
    plot: PictureText = PictureText()


def course_file(folder: Path, to: str) -> Path:
    """Where the titles of the course in `folder` are, in the language `to`."""
    return folder / "exercises" / to / "course.toml"


def exercise_file(folder: Path, stem: str, to: str) -> Path:
    """Where an exercise's statement and hints are."""
    return folder / "exercises" / to / f"{stem}.toml"


def room_file(room: Path, to: str) -> Path:
    """Where the texts of an exercise's room are."""
    return room / f"{to}.toml"


def languages(folder: Path) -> list[str]:
    """The languages that the course in `folder` is translated to, as far as the engine speaks
    them."""
    others = (each for each in language.available() if each != language.ENGLISH)
    return [each for each in others if course_file(folder, each).is_file()]


def of_course(folder: Path) -> CourseText:
    """The titles of the course in `folder`, in the language in use. UsageError where the file
    cannot be read, here and below."""
    return _read(course_file(folder, language.current()), CourseText)


def of_exercise(folder: Path, stem: str) -> ExerciseText:
    """What a learner reads of an exercise, in the language in use."""
    return _read(exercise_file(folder, stem, language.current()), ExerciseText)


def of_room(room: Path) -> RoomText:
    """What a report says of an exercise, in the language in use."""
    return _read(room_file(room, language.current()), RoomText)


def _read(path: Path, kind: type[T]) -> T:
    """The file as what it holds; nothing where there is none, and in English, which has none."""
    if language.current() == language.ENGLISH or not path.is_file():
        return kind()
    try:
        text: T = _made(kind, tomllib.loads(path.read_text(encoding="utf-8")))
        return text
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None
    except TypeError as error:
        raise UsageError(f"{path} has an entry of the wrong kind: {error}.") from None


def _made(kind: type[Any], table: Mapping[str, Any]) -> Any:
    """`kind` with the entries of a table. TypeError names one that does not belong there."""
    empty = kind()
    entries = {}
    for name, value in table.items():
        default = getattr(empty, name, None)
        if isinstance(default, PictureText) and isinstance(value, dict):
            entries[name] = _made(PictureText, value)
        elif isinstance(default, str) and isinstance(value, str):
            entries[name] = value.strip()
        elif isinstance(default, dict) and isinstance(value, dict):
            entries[name] = dict(zip(value, _texts(name, value.values()), strict=True))
        elif isinstance(default, tuple) and isinstance(value, list):
            entries[name] = _texts(name, value)
        else:
            raise TypeError(name)
    return kind(**entries)


def _texts(name: str, values: Collection[Any]) -> tuple[str, ...]:
    """Texts without the lines that only frame them."""
    if not all(isinstance(value, str) for value in values):
        raise TypeError(name)
    return tuple(value.strip() for value in values)
