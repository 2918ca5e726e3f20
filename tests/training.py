"""A course of one exercise that trains, 58, 59 or 60, with less to learn or in fewer steps."""

import shutil
from pathlib import Path

from grader.course import model as course
from grader.course.model import Exercise
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.judge.wrong import misconceptions
from grader.report import PropertyStatus, Report
from grader.submission.text import read

BUNDLED = Path(__file__).resolve().parent.parent
ROOM = "ex58_language_model"
PUZZLES = "ex60_tiny_transformer"
# What an exercise says of itself, and what stands there in its place.
SMALLER = {
    ROOM: (
        "NextToken(Path(__file__).parent, steps=400, bar=1.2)",
        "NextToken(Path(__file__).parent, steps=60, vocab_size=3, corpus=3000, bar=1.2)",
    ),
    "ex59_translate": (
        "Translation(Path(__file__).parent, steps=300, bar=0.65)",
        "Translation(Path(__file__).parent, steps=40, pairs=200, longest=6, bar=0.65)",
    ),
    PUZZLES: (
        "Answering(Path(__file__).parent, steps=400, bar=1.2)",
        "Answering(Path(__file__).parent, steps=120, bar=1.8)",
    ),
}


def small(folder: Path, name: str = ROOM) -> Exercise:
    """That exercise, in a course of its own in `folder`; nothing is calibrated there."""
    room = folder / "solutions" / name
    shutil.copytree(BUNDLED / "solutions" / name, room)
    (room / "calibrated.toml").unlink(missing_ok=True)
    properties = room / "properties.py"
    text = properties.read_text(encoding="utf-8")
    given, smaller = SMALLER[name]
    assert given in text
    properties.write_text(text.replace(given, smaller), encoding="utf-8")
    (folder / "exercises").mkdir()
    shutil.copy(BUNDLED / "exercises" / f"{name}.py", folder / "exercises")
    shutil.copy(BUNDLED / "exercises" / "course.toml", folder / "exercises")
    return course.load(folder).exercise(name[2:4])


def graded(exercise: Exercise, source: str, forkserver: object, **options: object) -> Report:
    """The report on an answer with that text, as quickly as it comes."""
    path = exercise.course / "answer.py"
    path.write_text(source, encoding="utf-8")
    options = {"device": "cpu", "speed": False, "effort": Effort.NAMED, **options}
    return grade(exercise, read(path), forkserver=forkserver, **options)


def reference(exercise: Exercise) -> str:
    """The text of its reference."""
    return (exercise.room / "reference.py").read_text(encoding="utf-8")


def assert_named(exercise: Exercise, name: str, forkserver: object) -> None:
    """That mistake is named by what training shows, whatever the model is built of: no run of the
    known mistake is needed for that."""
    (wrong,) = [each for each in misconceptions(exercise.room) if each.name == name]
    report = graded(exercise, wrong.source, forkserver)
    assert report.misconception is not None
    assert report.misconception.name == name
    failed = {each.name for each in report.properties if each.status is PropertyStatus.FAILED}
    assert wrong.caught_by in failed


def assert_signs_differ(exercise: Exercise) -> None:
    """Every misconception of it has a sign of its own."""
    signs = [each.sign for each in misconceptions(exercise.room)]
    assert all(signs)
    assert len(set(signs)) == len(signs)
