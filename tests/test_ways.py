"""Workers that are executed give the verdicts that forked ones do, word for word.

A few here; where quality is asked for, of every exercise the reference and two wrong answers, and
every hostile sample.
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import GRADE
from quality import WHOLE

from grader.course import model as course
from grader.errors import UsageError
from grader.judge.grading import grade
from grader.judge.processes import origin
from grader.judge.processes.executed import Executed
from grader.judge.processes.forked import Forked
from grader.judge.processes.workers import Forkserver
from grader.judge.wrong import misconceptions, wrong_answers
from grader.submission.text import Submission
from grader.systems.here import SYSTEM

ROOT = Path(__file__).resolve().parents[1]
COURSE = course.load(ROOT)
ATTACKS = sorted((ROOT / "tests" / "hostile" / "attacks").glob("*.py"))
FEW = course.load(ROOT / "tests" / "example_classes")  # a small class, which is graded soon
AT = re.compile(r"It was at line \d+: .*")
# What they answer is drawn by the system, or disturbed by threads at any moment, anew each time:
# score and status are all that stays.
DRAWN = ("dice", "lasting_thread")
FEW_ATTACKS = ("exit_in_call", "flood", "forged_report")

pytestmark = pytest.mark.skipif(not SYSTEM.forks, reason="nothing can be forked here")


@pytest.fixture(scope="module")
def both():
    """A forkserver of each way."""
    before = os.environ.pop(origin.VARIABLE, None)
    made = []
    try:
        for way in ("forked", "executed"):
            os.environ[origin.VARIABLE] = way
            made.append(Forkserver())
        yield made
    finally:
        os.environ.pop(origin.VARIABLE, None)
        if before is not None:
            os.environ[origin.VARIABLE] = before
        for each in made:
            each.close()


def without_seconds(report):
    content = report.as_json()
    for result in content["properties"]:
        del result["seconds"]
    return content | {"seconds": None}


def wherever_it_hung(content):
    """A report without the line at which a call was ended that did not come back: which line of a
    loop that is, the moment decides."""
    if isinstance(content, list):
        return [wherever_it_hung(each) for each in content]
    if not isinstance(content, dict):
        return content
    texts = [text for text in content.values() if isinstance(text, str)]
    hung = any(AT.search(text) for text in texts)
    return {
        name: None
        if hung and name == "line"
        else AT.sub("It was in its loop", value)
        if isinstance(value, str)
        else wherever_it_hung(value)
        for name, value in content.items()
    }


def sources(exercise):
    """The reference, a misconception and, where quality is asked for, another wrong answer."""
    yield (exercise.room / "reference.py").read_text(encoding="utf-8")
    wrong = misconceptions(exercise.room)[:1]
    if WHOLE:
        wrong += wrong_answers(exercise.room)[:1]
    yield from (each.source for each in wrong)


EXERCISES = [*FEW.exercises, *(COURSE.exercises if WHOLE else ())]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda each: each.stem)
def test_answers_are_told_the_same(both, exercise):
    """Score, status, every text, and the states of the walls."""
    options = {"device": "cpu", "speed": False, "remembers": False}
    for source in sources(exercise):
        submission = Submission(path=Path(f"{exercise.stem}.py"), sha256="", source=source)
        told = [
            without_seconds(grade(exercise, submission, forkserver=each, **options))
            for each in both
        ]
        assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [p for p in ATTACKS if WHOLE or p.stem in FEW_ATTACKS], ids=lambda p: p.stem
)
def test_hostile_samples_are_told_the_same(both, grade_source, path):
    """What they earn and why, with every wall; what they print may hold process numbers. In one
    property, where quality is not asked: the others take the same way.
    """
    text = path.read_text(encoding="utf-8").replace("@ROOT@", str(course.bundled()))
    seconds = constant(text, "SECONDS")
    limits = {"property_seconds": seconds, "submission_seconds": 3 * seconds} if seconds else {}
    told = []
    for each in both:
        report = grade_source(
            "3",
            text,
            forkserver=each,
            speed=False,
            remembers=False,
            forbidden=(),
            only=None if WHOLE else "test_output",
            **limits,
        )
        content = without_seconds(report) | {"printed": None}
        stays = ("status", "score") if path.stem in DRAWN else tuple(content)
        told.append(wherever_it_hung({name: content[name] for name in stays}))
    assert told[0] == told[1]


def constant(text, name):
    found = [
        node.value.value
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == name
        and isinstance(node.value, ast.Constant)
    ]
    return found[0] if found else None


def test_the_variable_names_the_way(monkeypatch):
    """And a slip of the pen in it is told, not passed over."""
    for way, kind in (("forked", Forked), ("executed", Executed)):
        monkeypatch.setenv(origin.VARIABLE, way)
        begun = origin.begin()
        begun.close()
        assert isinstance(begun, kind)
    monkeypatch.setenv(origin.VARIABLE, "spawned")
    with pytest.raises(UsageError, match="no way to start workers"):
        origin.begin()


@pytest.mark.slow
def test_a_command_grades_with_executed_workers():
    """From the terminal the judge is executed too, and says the same."""
    told = {}
    right = str(ROOT / "solutions" / "ex03_attention_scoring" / "reference.py")
    for way, program in (("forked", GRADE), ("executed", (sys.executable, "-m", "grader"))):
        done = subprocess.run(
            [*program, "exercise", "3", "--no-speed", "--submission", right],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, origin.VARIABLE: way},
        )
        told[way] = done.returncode, done.stdout, done.stderr
    assert told["executed"] == told["forked"]
    assert told["forked"][0] == 0
