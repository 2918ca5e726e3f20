"""What a hostile class gets: no point that it did not earn, in time, and nothing of ours breaks.

Each file in `attacks_on_classes` is one submission to the course in tests/example_classes. `EARNS`
is what its honest parts are worth at most, `SECONDS` a time limit for what never comes back.
"""

import dataclasses
import re
from pathlib import Path

import pytest

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.submission import text as submission

HERE = Path(__file__).parent
ATTACKS = {path.stem: path for path in sorted((HERE / "attacks_on_classes").glob("*.py"))}

pytestmark = pytest.mark.usefixtures("known_mistakes")


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_class_gets_what_it_earned(name, forkserver, processes):
    """Each in its own time, without a process that stays or a property that breaks."""
    (exercise,) = course.load(HERE.parent / "example_classes").exercises
    found = re.findall(r"^(EARNS|SECONDS) = (\d+)", ATTACKS[name].read_text(), re.MULTILINE)
    said = {constant: int(number) for constant, number in found}
    limits = dataclasses.replace(exercise.limits, property_seconds=said.get("SECONDS", 10))
    exercise = dataclasses.replace(exercise, limits=limits)
    before = processes()
    report = grade(
        exercise,
        submission.read(ATTACKS[name]),
        forkserver=forkserver,
        device="cpu",
        speed=False,
        effort=Effort.NAMED,
    )
    assert report.score <= said["EARNS"] < 100
    assert "broken" not in {each.status for each in report.properties}
    assert report.status != "ungraded"
    assert processes() <= before
