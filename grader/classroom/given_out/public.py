"""What of a course's files students may see: what is named here, and nothing else in them."""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from grader.course import model as course
from grader.course.model import Exercise

PERSONAL = ("extensions", "teams")  # of the policy: they name students
OF_COURSE = ("format", "title", "packages", "limits", "policy")
OF_EXERCISE = (
    *("number", "slug", "title", "functions", "classes", "forbidden", "hints", "limits", "points"),
    "speed_limit",
)
OF_TRANSLATED_COURSE = ("title", "parts")
OF_TRANSLATED_EXERCISE = ("title", "statement", "hints", "functions")
TITLE = "title"
HINTS = "hints"

WORKSPACE = """\
# What students are given of a course that comes with the program.
format = {format}
course = {course}
title = {title}
exercises = {exercises}
"""

Table = Mapping[str, Any]


def course_file(folder: Path, exercises: Sequence[Exercise], title: str, *, hints: bool) -> str:
    """The course file in `folder` as students get it: of these exercises, without comments."""
    table = _selected(folder, exercises, title)
    kept = _only(table, OF_COURSE)
    of_exercise = [name for name in OF_EXERCISE if hints or name != HINTS]
    kept["parts"] = [
        {
            "title": part["title"],
            "exercises": [_only(entry, of_exercise) for entry in part["exercises"]],
        }
        for part in table["parts"]
    ]
    return "# The course, without its answers.\n" + tomli_w.dumps(kept)


def selected(folder: Path, exercises: Sequence[Exercise], title: str) -> str:
    """The course file in `folder` with all that it says of these exercises."""
    return tomli_w.dumps(_selected(folder, exercises, title))


def workspace_file(exercises: Sequence[Exercise], title: str) -> str:
    """The course file of a workspace of the course that comes with the program."""
    return WORKSPACE.format(
        format=course.FORMAT,
        course=json.dumps(course.BUNDLED),
        title=json.dumps(title, ensure_ascii=False),
        exercises=[exercise.number for exercise in exercises],
    )


def translations(
    folder: Path, exercises: Sequence[Exercise], *, hints: bool = True, title: bool = True
) -> dict[str, bytes]:
    """What students may see in other languages, by the path in the course.

    `title`: whether the course is still called what it is called there.
    """
    kept = {
        course.COURSE_FILE.name: [n for n in OF_TRANSLATED_COURSE if title or n != TITLE],
        **{
            f"{exercise.stem}.toml": [n for n in OF_TRANSLATED_EXERCISE if hints or n != HINTS]
            for exercise in exercises
        },
    }
    return {
        path.relative_to(folder).as_posix(): tomli_w.dumps(
            _only(_table(path), kept[path.name]), multiline_strings=True
        ).encode()
        for path in sorted((folder / course.COURSE_FILE.parent).glob("*/*.toml"))
        if path.name in kept
    }


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _only(table: Table, names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name in names}


def _selected(folder: Path, exercises: Sequence[Exercise], title: str) -> dict[str, Any]:
    table = _table(folder / course.COURSE_FILE)
    slugs = {exercise.slug for exercise in exercises}
    table["title"] = title
    table["parts"] = list(_parts(table["parts"], slugs))
    policy = table.get("policy", {})
    for moments in (policy.get("deadlines", {}), policy.get("last_days", {})):
        for name in [name for name in moments if not _names_one(name, exercises)]:
            del moments[name]
    for name in PERSONAL:
        policy.pop(name, None)
    return table


def _parts(parts: Sequence[Table], slugs: Collection[str]) -> Iterator[dict[str, Any]]:
    for part in parts:
        own = [entry for entry in part["exercises"] if entry["slug"] in slugs]
        if own:
            yield {**part, "exercises": own}


def _names_one(name: str, exercises: Sequence[Exercise]) -> bool:
    return any(
        name in (exercise.slug, exercise.stem, str(exercise.number)) for exercise in exercises
    )
