"""What the attacks share."""

import itertools

import pytest
from quality import WHOLE

from grader.judge.explain import diagnosis
from grader.judge.grading import Grading


@pytest.fixture(autouse=True)
def _within_limits(within_limits):
    """What a stranger wrote is read within limits."""


@pytest.fixture
def known_mistakes(monkeypatch):
    """A diagnosis reads what a hostile answer gave, and tries the room's own mistakes on it. Others
    and pairs of them, which take longer than all the rest, it tries where quality is asked for."""
    every = Grading.suspects

    def few(grading, case):
        return itertools.islice(every(grading, case), diagnosis.OF_THE_ROOM)

    if not WHOLE:
        monkeypatch.setattr(Grading, "suspects", few)
