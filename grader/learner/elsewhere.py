"""A course without answers, as students are given it: nothing is graded here, and how far one is
shows in the files alone."""

from pathlib import Path

from grader.course.model import Course, Exercise
from grader.course.stubs import is_untouched
from grader.errors import UsageError
from grader.submission import text as submission


def is_graded_elsewhere(course: Course) -> bool:
    """Whether there is an exercise, and none that can be graded here."""
    return bool(course.exercises) and not any(each.has_answers for each in course.exercises)


def written(course: Course) -> list[Exercise]:
    """The exercises whose file or notebook is a stub no more, the one that was saved last at the
    end."""
    found = [
        (path.stat().st_mtime, exercise.number, exercise)
        for exercise in course.exercises
        if (path := exercise.own_file) is not None and not _is_stub(path, exercise)
    ]
    return [exercise for *_, exercise in sorted(found, key=lambda each: each[:2])]


def next_exercise(course: Course) -> Exercise | None:
    """The first of which nothing is written; None where there is none such."""
    begun = written(course)
    return next((each for each in course.exercises if each not in begun), None)


def _is_stub(path: Path, exercise: Exercise) -> bool:
    try:
        content = submission.read(path).answer_to(exercise)
    except (UsageError, OSError):
        return False
    return is_untouched(exercise, content.source)
