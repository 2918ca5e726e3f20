"""A course of one exercise, made for the test at hand."""

import dataclasses
from pathlib import Path

import pytest

from grader.course import model as course
from grader.judge.grading import grade
from grader.report import Report
from grader.submission import text as submission

COURSE = """
title = "Tiny"
[[parts]]
title = "One"
[[parts.exercises]]
number = 1
slug = "double"
title = "Double"
functions = ["double"]
forbidden = ["torch.lerp"]
"""
REFERENCE = """
def double(x):
    return x + x
"""
HEAD = """
import pytest, torch
from hypothesis import given, strategies as st
from grader.judge.compare import agree
from grader.judge.strategies import sizes, tensors

@st.composite
def cases(draw):
    return draw(tensors(draw(sizes(2))))
"""


@dataclasses.dataclass
class Tiny:
    """`tiny.grade(answer, properties)` grades an answer to `double(x)`."""

    folder: Path
    forkserver: object

    def exercise(self, properties: str, misconceptions: str = "", reference: str = REFERENCE):
        room = self.folder / "solutions" / "ex01_double"
        room.mkdir(parents=True, exist_ok=True)
        (self.folder / "exercises").mkdir(exist_ok=True)
        (self.folder / "exercises" / "course.toml").write_text(COURSE)
        (room / "reference.py").write_text(reference)
        (room / "properties.py").write_text(HEAD + properties)
        (room / "misconceptions.py").write_text(misconceptions)
        return course.load(self.folder).exercise("1")

    def grade(self, answer: str, properties: str, *rest: str, **options: object) -> Report:
        path = self.folder / "answer.py"
        path.write_text(answer)
        exercise = self.exercise(properties, *rest)
        options = {"forkserver": self.forkserver, "device": "cpu", **options}
        return grade(exercise, submission.read(path), **options)


@pytest.fixture
def tiny(tmp_path, forkserver) -> Tiny:
    """A course of one exercise, `double(x)`."""
    return Tiny(tmp_path, forkserver)
