"""What of a course's files students may see: what is named here, and nothing else in them."""

import json
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from grader import language
from grader.course import model as course
from grader.course.model import Exercise

PERSONAL = ("extensions", "teams")  # of the policy: they name students
OF_COURSE = ("format", "title", "packages", "limits", "policy")
OF_EXERCISE = (
    *("number", "slug", "title", "functions", "classes", "forbidden", "hints", "limits", "points"),
    "speed_limit",
)
OF_TRANSLATED_COURSE = ("title", "parts")
OF_TRANSLATED_EXERCISE = ("title", "statement", "hints", "functions", "todos")
TITLE = "title"
HINTS = "hints"
PARTS = "parts"
ALL = sys.maxsize  # hints

WORKSPACE = """\
# What students are given of a course that comes with the program.
format = {format}
course = {course}
title = {title}
exercises = {exercises}
{language}"""

Table = Mapping[str, Any]


def course_file(
    folder: Path, exercises: Sequence[Exercise], title: str, hints: Mapping[str, int]
) -> str:
    """The course file in `folder` as students get it: of these exercises, without comments, and
    with the first so many `hints` of each, by its slug. It names the language in use."""
    table = _selected(folder, exercises, title)
    kept = {**_spoken(), **_only(table, OF_COURSE)}
    kept["parts"] = [
        {
            "title": part["title"],
            "exercises": [
                _with_hints(_only(entry, OF_EXERCISE), hints[entry["slug"]])
                for entry in part["exercises"]
            ],
        }
        for part in table["parts"]
    ]
    return "# The course, without its answers.\n" + tomli_w.dumps(kept)


def selected(folder: Path, exercises: Sequence[Exercise], title: str, *, at_home: bool) -> str:
    """The course file in `folder` with all that it says of these exercises; it says where students
    cannot grade `at_home`."""
    table = _selected(folder, exercises, title)
    return tomli_w.dumps(table if at_home else {course.AT_HOME: False, **table})


def workspace_file(exercises: Sequence[Exercise], title: str) -> str:
    """The course file of a workspace of the course that comes with the program."""
    return WORKSPACE.format(
        format=course.FORMAT,
        course=json.dumps(course.BUNDLED),
        title=json.dumps(title, ensure_ascii=False),
        exercises=[exercise.number for exercise in exercises],
        language=tomli_w.dumps(_spoken()),
    )


def translations(
    folder: Path,
    exercises: Sequence[Exercise],
    hints: Mapping[str, int],
    title: str | None = None,
) -> dict[str, bytes]:
    """What students may see in other languages, by the path in the course: with the first so many
    `hints` of each exercise, by its slug, and under `title`, where the course is called otherwise
    than its author calls it."""
    given = {}
    by_file = {f"{exercise.stem}.toml": exercise for exercise in exercises}
    for path in sorted((folder / course.COURSE_FILE.parent).glob("*/*.toml")):
        if path.name == course.COURSE_FILE.name:
            kept = _only(_table(path), OF_TRANSLATED_COURSE)
            parts = {part["title"] for part in _selected(folder, exercises, "")["parts"]}
            if PARTS in kept:
                kept[PARTS] = _only(kept[PARTS], parts)
            if title is not None:
                kept[TITLE] = title
        elif (exercise := by_file.get(path.name)) is not None:
            kept = _only(_table(path), OF_TRANSLATED_EXERCISE)
            kept = _with_hints(kept, hints[exercise.slug])
        else:
            continue
        text = tomli_w.dumps(kept, multiline_strings=True)
        given[path.relative_to(folder).as_posix()] = text.encode()
    return given


def hints(folder: Path, exercise: Exercise) -> Iterator[tuple[Path, int, str]]:
    """Every hint of an exercise in every language: the file below `folder` that it stands in, its
    place among the others, from 1, and its text."""
    for part in _table(folder / course.COURSE_FILE)[PARTS]:
        for entry in part["exercises"]:
            if entry["slug"] == exercise.slug:
                for tier, hint in enumerate(entry.get(HINTS, ()), 1):
                    yield course.COURSE_FILE, tier, hint["text"]
    for path in sorted((folder / course.COURSE_FILE.parent).glob(f"*/{exercise.stem}.toml")):
        for tier, text in enumerate(_table(path).get(HINTS, ()), 1):
            yield path.relative_to(folder), tier, text


def strings(table: object) -> Iterator[str]:
    """Every string in a TOML table, as it reads; no key."""
    if isinstance(table, str):
        yield table
    elif isinstance(table, Mapping | list):
        for each in table.values() if isinstance(table, Mapping) else table:
            yield from strings(each)


def _spoken() -> dict[str, str]:
    """The language in use, for a course file: nothing of English, which goes without saying."""
    spoken = language.current()
    return {} if spoken == language.ENGLISH else {"language": spoken}


def _with_hints(table: Table, most: int) -> dict[str, Any]:
    """An exercise's table with its first hints; without the entry where that is none."""
    kept = dict(table)
    if HINTS in kept:
        kept[HINTS] = kept[HINTS][:most]
        if not kept[HINTS]:
            del kept[HINTS]
    return kept


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
