"""Which exercises a file answers, by its name and by the functions in it."""

import re
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import PurePosixPath

from grader.course.model import Exercise
from grader.submission.text import SUFFIXES

CLUTTER = ("__MACOSX", "__pycache__", "node_modules", "site-packages")

# `ex03`, `Exercise 3`, `ex_3`; not the `ex` of `index3`.
_NUMBER = re.compile(r"(?:(?<=[^a-z0-9])|^)ex(?:ercise)?[ _-]*0*(\d{1,4})(?!\d)")
_RANGE = re.compile(r"ex(?:ercise)?s?[ _-]*0*(\d{1,4})\s*(?:-|–|_?to_?)\s*(?:ex)?0*(\d{1,4})(?!\d)")
# What `grade debug` writes beside an answer: no answer, unless by what is in it.
_SCRIPT = re.compile(r"debug_ex\d+_")
_COPY = re.compile(r"(?:-\d{1,2}| ?\(\d{1,3}\)|[ _-]copy)$")  # what browsers and Canvas append
# What people call what they keep beside their answer; `ex06Old2` has the words ex and Old.
ASIDE = frozenset(
    [
        "old",
        "older",
        "oldest",
        "backup",
        "backups",
        "bak",
        "copy",
        "copies",
        "archive",
        "archived",
        "archives",
        "previous",
        "prev",
        "obsolete",
        "deprecated",
        "outdated",
        "unused",
        "trash",
        "kopie",
        "kopien",
        "copie",
        "copia",
        "ancien",
        "sicherung",
    ]
)
ASIDE_IN_CHINESE = ("副本", "备份", "旧", "存档")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_FUNCTION = re.compile(r"^(?:def|class)[ \t]+(\w+)", re.MULTILINE)


class Match(IntEnum):
    """How surely a file answers an exercise; the surer, the greater."""

    ONLY = 0  # nothing else is asked, and nothing else is there
    SLUG = 1  # somewhere in a name, where it may be a part of something else
    CONTENTS = 2
    NUMBER = 3
    STEM = 4


def by_name(path: str, exercises: Sequence[Exercise]) -> dict[str, Match]:
    """The slugs of the exercises that a path names, by its file's name or else a folder's."""
    file, *folders = reversed(PurePosixPath(path).parts)
    stem = file.lower()
    for suffix in SUFFIXES:
        stem = stem.removesuffix(suffix)
    stem = _COPY.sub("", stem)
    if _SCRIPT.match(stem):
        return {}
    for exercise in exercises:
        if stem == exercise.stem:
            return {exercise.slug: Match.STEM}
    for part in (stem, *map(str.lower, folders)):
        if found := _named(part, exercises):
            return found
    return {}


def original(name: str) -> str:
    """A file's name without what browsers and schools' systems add to that of a copy."""
    path = PurePosixPath(name)
    return _COPY.sub("", path.stem) + path.suffix


def is_set_aside(path: str, exercise: Exercise) -> bool:
    """Whether a file's name or a folder's says that it is not the answer of today: old, a copy, a
    backup. What the exercise itself is called says nothing."""
    for part in PurePosixPath(path).parts:
        rest = re.sub(re.escape(exercise.slug), " ", part, flags=re.IGNORECASE)
        words = {word.lower() for word in _WORD.findall(rest)}
        if words & ASIDE or any(sign in rest for sign in ASIDE_IN_CHINESE):
            return True
    return False


def told_by(path: str, text: Callable[[], str], exercises: Sequence[Exercise]) -> dict[str, Match]:
    """The slugs of the exercises that a file answers: by its path where that is sure, or else by
    the functions in its `text`, which is not asked for otherwise."""
    found = by_name(path, exercises)
    is_sure = found and Match.SLUG not in found.values()
    several = names_several(path)
    if is_sure and not several:
        return found
    of_text = by_contents(text(), exercises)
    agree = not several and found.keys() & of_text.keys()
    return found if agree or not of_text else of_text


def by_contents(source: str, exercises: Sequence[Exercise]) -> dict[str, Match]:
    """The slugs of the exercises all of whose functions a text defines, however broken it is."""
    defined = set(_FUNCTION.findall(source))
    return {
        exercise.slug: Match.CONTENTS
        for exercise in exercises
        if defined.issuperset(exercise.names)
    }


def names_several(path: str) -> bool:
    """Whether a file's name speaks of a range of exercises, such as `ex01-06.ipynb`."""
    found = _RANGE.search(PurePosixPath(path).stem.lower())
    return found is not None and int(found[1]) < int(found[2])


def without_exercise(name: str, exercises: Sequence[Exercise]) -> str:
    """What is left of `ann_ex03_attention_scoring` when the exercise is taken out: `ann`."""
    slugs = sorted((re.escape(each.slug) for each in exercises), key=len, reverse=True)
    named = "|".join(rf"(?<![a-z0-9]){slug}(?![a-z0-9])" for slug in slugs)
    number = _NUMBER.pattern
    # At an end, with what sets it apart from the name; another's name may begin with such a sign.
    for exercise in filter(None, (named, number)):
        name = re.sub(
            rf"(?i)\A[ _.-]*(?:{exercise})[ _.-]*|[ _.-]*(?:{exercise})[ _.-]*\Z|{exercise}",
            "",
            name,
        )
    return name


def _named(text: str, exercises: Sequence[Exercise]) -> dict[str, Match]:
    if numbers := {int(number) for number in _NUMBER.findall(text)}:
        return {each.slug: Match.NUMBER for each in exercises if each.number in numbers}
    found = {}
    for exercise in sorted(exercises, key=lambda each: -len(each.slug)):
        slug = rf"(?<![a-z0-9]){re.escape(exercise.slug)}(?![a-z0-9])"
        text, count = re.subn(slug, "", text)  # a shorter slug may be a part of this one
        if count:
            found[exercise.slug] = Match.SLUG
    return found


def is_clutter(name: str) -> bool:
    """Whether a path is what systems and editors leave behind."""
    return any(
        (part.startswith(".") and part not in (".", "..")) or part in CLUTTER
        for part in PurePosixPath(name).parts
    )
