"""A learner's files: a workspace with stubs of their own, and the way back to a stub."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from grader import language
from grader.course import editor, stubs, tutors
from grader.course import model as course
from grader.course.model import Course, Exercise
from grader.course.stubs import pristine
from grader.errors import UsageError
from grader.language import say
from grader.learner.history import History
from grader.writing import put, unwritable

COURSE_FILE = """\
# The workspace of a learner: its stubs are beside this file, all else is in the course itself.
format = {format}
course = {course}
"""
# In a workspace: the sha256 of each file as it was written, so that an update knows what a learner
# has changed since.
WRITTEN = Path("exercises") / ".written.json"


@dataclass(frozen=True)
class Updated:
    """What an update did: stubs that are `new` or `renewed`; those `left` as they are, since a
    learner has written in them and the course's have changed; those `removed` by the learner; and
    `gone`, files of exercises that the course has no more, which stay."""

    new: tuple[Path, ...]
    renewed: tuple[Path, ...]
    left: tuple[Exercise, ...]
    removed: tuple[Exercise, ...]
    gone: tuple[Path, ...]


def create(found: Course, folder: Path, *, for_editor: bool = True) -> list[Path]:
    """Write a workspace of a course into `folder`: the stubs, in the language in use, and the file
    that says whose it is and which language that was; what AI assistants should know; with
    `for_editor` tasks for an editor. What of this is there already stays. What git is to leave
    alone is told to it.

    Returns the stubs' paths. UsageError where any of the files is there already, or cannot be
    written, or where a stub was edited in the course and is not to be had otherwise; in the first
    and the last case nothing is written.
    """
    original = found.original
    home = folder / "exercises"
    files = {home / exercise.stub.name: text for exercise, text in _stubs(original).items()}
    inside = original.folder == course.bundled()
    name = course.BUNDLED if inside else str(original.folder.resolve())
    whose = COURSE_FILE.format(format=course.FORMAT, course=json.dumps(name))
    if language.current() != language.ENGLISH:
        whose += f"language = {json.dumps(language.current())}\n"
    taken = [path for path in (*files, folder / course.COURSE_FILE) if path.exists()]
    if taken:
        raise UsageError(
            say("{file} is there already, and nothing was written.", file=taken[0]),
            say(
                "Name another folder; a workspace is brought up to date with: {command}",
                command="grade init --update",
            ),
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        for path, text in {**files, folder / course.COURSE_FILE: whose}.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        for name, text in _beside(original, for_editor=for_editor).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                path.write_text(text, encoding="utf-8")
                files[path] = text
    except OSError as error:
        raise unwritable(folder, error) from None
    _remember(folder, {path.relative_to(folder).as_posix(): files[path] for path in files})
    return [path for path in files if path.parent == home]


def update(folder: Path, *, for_editor: bool = True) -> Updated:
    """Bring the workspace in `folder` up to its course: stubs that are new, and those that changed
    since they were written and that nobody has touched. What a learner has changed or removed stays
    so. The stubs are in the language that the workspace was begun in.

    UsageError where `folder` is no workspace, or a file cannot be written.
    """
    if not (folder / course.COURSE_FILE).is_file():
        raise UsageError(
            say("There is no workspace in {folder}.", folder=folder),
            say("Begin one: {command}", command="grade init my-exercises"),
        )
    with language.speaking(_spoken_in(folder)):
        found = course.load(folder)
        if not found.is_workspace:
            raise UsageError(
                say("{folder} is a course itself, and no workspace of one.", folder=folder),
                say("Whoever gave it to you brings it up to date; with git: git pull"),
            )
        before = _remembered(folder)
        texts = {each: text for each, text in _stubs(found).items() if _is_wanted(each)}
        beside = _beside(found, for_editor=for_editor)
    new, renewed, left, removed = [], [], [], []
    written = {}
    for exercise, text in texts.items():
        name = exercise.stub.relative_to(folder).as_posix()
        own = _text(exercise.stub)
        if own is None and not exercise.stub.exists():
            if name in before:
                removed.append(exercise)
                continue
            new.append(exercise.stub)
        elif own == text:
            written[name] = text
            continue
        elif own is not None and before.get(name) == _digest(own):
            renewed.append(exercise.stub)
        else:
            is_old = before.get(name) != _digest(text) if name in before else _unsure(exercise, own)
            left += [exercise] if is_old else []
            continue
        put(exercise.stub, text)
        written[name] = text
    for name, text in beside.items():
        own = _text(folder / name)
        is_untouched = own is not None and before.get(name) == _digest(own)
        is_new = name not in before and not (folder / name).exists()
        if is_untouched or is_new:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            put(folder / name, text)
            written[name] = text
    names = {each.stub.name for each in found.exercises}
    gone = [folder / name for name in before if name.endswith(".py") and name not in beside]
    gone = [path for path in gone if path.name not in names and path.is_file()]
    _remember(folder, written, before)
    return Updated(tuple(new), tuple(renewed), tuple(left), tuple(removed), tuple(gone))


def _stubs(found: Course) -> dict[Exercise, str]:
    """The stubs of a course in the language in use. UsageError where one was edited in the course
    and is not to be had otherwise."""
    history = History.of(found.original)
    texts = {}
    for exercise in found.exercises:
        text = pristine(exercise, history.stub(exercise))
        if text is None:
            raise no_stub(exercise)
        texts[exercise] = stubs.translated(exercise, text)
    return texts


def _is_wanted(exercise: Exercise) -> bool:
    """Whether the learner has no notebook in the place of its stub."""
    own = exercise.own_file
    return own is None or own == exercise.stub


def _unsure(exercise: Exercise, own: str | None) -> bool:
    """Whether a stub that nobody remembers writing looks like an old one."""
    return own is not None and stubs.is_untouched(exercise, own)


def _beside(found: Course, *, for_editor: bool) -> dict[str, str]:
    """What stands in a workspace beside stubs, by its path in there; what an exercise gives to an
    answer's code is there to be read."""
    files = {".gitignore": editor.IGNORED, tutors.FILE: tutors.text()}
    for exercise in found.exercises:
        if exercise.given.is_file():
            text = exercise.given.read_text(encoding="utf-8")
            files[f"exercises/{exercise.stem}/{exercise.given.name}"] = text
    return {**files, **(editor.files() if for_editor else {})}


def _spoken_in(folder: Path) -> str:
    """The language that a workspace was begun in."""
    path = folder / course.COURSE_FILE
    try:
        spoken = tomllib.loads(path.read_text(encoding="utf-8")).get("language")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        spoken = None  # which reading the course says better
    return spoken if spoken in language.available() else language.ENGLISH


def _remembered(folder: Path) -> dict[str, str]:
    """The sha256 of each file as it was written; nothing where that was not kept, as by earlier
    versions."""
    try:
        table = json.loads((folder / WRITTEN).read_text(encoding="utf-8"))
        return {str(name): str(digest) for name, digest in table.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def _remember(
    folder: Path, texts: Mapping[str, str], before: Mapping[str, str] | None = None
) -> None:
    table = {**(before or {}), **{name: _digest(text) for name, text in texts.items()}}
    put(folder / WRITTEN, json.dumps(table, indent=1, sort_keys=True) + "\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def reset(own: Path, stub: str) -> Path | None:
    """Write `stub` to `own`; where the text before is kept, or None where there was no other.

    UsageError where it cannot be written; the text before is then still there.
    """
    try:
        before = own.read_bytes() if own.exists() else stub.encode()
        kept = None if before == stub.encode() else _keep(own, before)
        own.write_text(stub, encoding="utf-8")
    except OSError as error:
        raise unwritable(own, error) from None
    return kept


def no_stub(exercise: course.Exercise) -> UsageError:
    """What to say where nobody knows what the stub was."""
    return UsageError(
        say(
            "{file} was edited before anything was graded here, and git does not know it: the stub"
            " is nowhere to be had.",
            file=exercise.stub.name,
        ),
        say("Copy it from where you have the course from."),
    )


def _keep(own: Path, text: bytes) -> Path:
    """Write the text to the first name beside `own` that is free."""
    for number in count(1):
        path = own.with_name(f"{own.stem}.kept-{number}{own.suffix}")
        try:
            with path.open("xb") as file:
                file.write(text)
        except FileExistsError:
            continue
        return path
    raise AssertionError
