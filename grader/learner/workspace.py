"""A learner's files: a workspace with stubs of their own, and the way back to a stub."""

import json
from itertools import count
from pathlib import Path

from grader import language
from grader.course import editor, stubs
from grader.course import model as course
from grader.course.model import Course
from grader.course.stubs import pristine
from grader.errors import UsageError
from grader.language import say
from grader.learner.history import History
from grader.writing import unwritable

COURSE_FILE = """\
# The workspace of a learner: its stubs are beside this file, all else is in the course itself.
format = {format}
course = {course}
"""


def create(found: Course, folder: Path, *, for_editor: bool = True) -> list[Path]:
    """Write a workspace of a course into `folder`: the stubs, in the language in use, and the file
    that says whose it is and which language that was; with `for_editor` tasks for an editor, where
    it has none. What git is to leave alone is told to it.

    Returns the stubs' paths. UsageError where any of the files is there already, or cannot be
    written, or where a stub was edited in the course and is not to be had otherwise; in the first
    and the last case nothing is written.
    """
    original = found.original
    history = History.of(original)
    home = folder / "exercises"
    files = {}
    for exercise in original.exercises:
        text = pristine(exercise, history.stub(exercise))
        if text is None:
            raise no_stub(exercise)
        files[home / exercise.stub.name] = stubs.translated(exercise, text)
    inside = original.folder == course.bundled()
    name = course.BUNDLED if inside else str(original.folder.resolve())
    whose = COURSE_FILE.format(format=course.FORMAT, course=json.dumps(name))
    if language.current() != language.ENGLISH:
        whose += f"language = {json.dumps(language.current())}\n"
    taken = [path for path in (*files, folder / course.COURSE_FILE) if path.exists()]
    if taken:
        raise UsageError(
            say("{file} is there already, and nothing was written.", file=taken[0]),
            say("Name another folder."),
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        for path, text in {**files, folder / course.COURSE_FILE: whose}.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        beside = {".gitignore": editor.IGNORED, **(editor.files() if for_editor else {})}
        for name, text in beside.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            if not path.exists():
                path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise unwritable(folder, error) from None
    return list(files)


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
