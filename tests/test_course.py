"""What a course file must hold, and what is said where it does not."""

import pytest

from grader.course import model as course
from grader.errors import UsageError

GOOD = """
title = "Tiny"
[[parts]]
title = "One"
[[parts.exercises]]
number = 2
slug = "twice"
title = "Twice"
functions = ["twice"]
[[parts.exercises]]
number = 1
slug = "once"
title = "Once"
functions = ["once"]
limits = { property_seconds = 3 }
hints = [{ text = "Try." }]
"""


@pytest.fixture
def folder(tmp_path):
    """Write a course file and give the course's folder."""

    def write(text: str):
        (tmp_path / "exercises").mkdir(exist_ok=True)
        (tmp_path / "exercises" / "course.toml").write_text(text)
        return tmp_path

    return write


def test_exercises_come_in_order(folder):
    """The order of the file is the course's; a number is a name, which stays when one is put in."""
    found = course.find(folder(GOOD))
    assert [e.stem for e in found.exercises] == ["ex02_twice", "ex01_once"]


def test_a_range_names_the_exercises_in_it(folder):
    """In the order of the course, each once, whatever stands beside it."""
    found = course.find(folder(GOOD))
    assert found.named(["1-2"]) == list(found.exercises)
    assert found.named(["1", "1\u20132", "once"]) == [found.exercise("1"), found.exercise("2")]
    assert found.named(["2-9"]) == [found.exercise("2")]
    for empty in ("3-9", "2-1"):
        with pytest.raises(UsageError, match="No exercise of this course"):
            found.named([empty])


def test_an_exercise_may_have_limits_of_its_own(folder):
    """A limit that an exercise names replaces the course's; the others stay."""
    twice, once = course.find(folder(GOOD)).exercises
    assert (once.limits.property_seconds, twice.limits.property_seconds) == (3, 10)
    assert once.limits.memory_mib == twice.limits.memory_mib


def test_the_course_is_found_from_below(folder, monkeypatch):
    """From anywhere inside a course, that course is meant."""
    root = folder(GOOD)
    (root / "exercises" / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(root / "exercises" / "deep" / "er")
    assert course.find().folder == root


def test_elsewhere_the_bundled_course_is_meant(tmp_path, monkeypatch):
    """Outside any course, the one that comes with the program is used."""
    monkeypatch.chdir(tmp_path)
    assert course.find().folder == course.bundled()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "cannot be read"),
        ("title = 'x'", "'parts'"),
        (GOOD.replace('slug = "twice"', ""), "'slug'"),
        (GOOD.replace("number = 2", 'number = "two"'), "wrong kind"),
        (GOOD.replace("property_seconds", "seconds_of_property"), "wrong kind"),
        ("title = 'x'\nparts = 3", "wrong kind"),
        (GOOD.replace("number = 2", "number = 1"), "two exercises with the number 1"),
        (GOOD.replace('slug = "twice"', 'slug = "once"'), "two exercises with the slug once"),
        ("format = 3\n" + GOOD, "format 3; this version of grade reads formats 1 to 2"),
        ("format = 'new'\n" + GOOD, "format 'new'"),
    ],
)
def test_a_faulty_file_is_named(folder, text, said):
    """The error names the file and what is wrong in it."""
    with pytest.raises(UsageError) as caught:
        course.find(folder(text))
    assert "course.toml" in caught.value.problem
    assert said in caught.value.problem
