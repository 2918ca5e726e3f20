"""What an engine does with tasks, and with submissions that break the judge itself."""

from pathlib import Path

import pytest

from grader.course import model as course
from grader.errors import UsageError
from grader.grading import engine
from grader.grading.engine import Graded, Task
from grader.grading.local import LocalEngine
from grader.report import Status
from grader.submission import text as submission
from grader.systems.here import SYSTEM

COURSE = course.load(Path(__file__).resolve().parent / "odd_course")
DOUBLE = COURSE.exercise("double")
RIGHT = "def double(x):\n    return x + x\n"
HALF = "def double(x):\n    return x + 1\n"  # right for one, and for nothing else
ODD = "def double(x):\n    return x * {}\n"


def task(number: int, source: str, **changes: object) -> Task:
    found = submission.parse(Path(f"{number}/ex01_double.py"), source.encode())
    return Task(number, DOUBLE, found, seed=7, **changes)


def graded(judges: LocalEngine, *tasks: Task) -> dict[int, Graded]:
    done = list(judges.run(tasks))
    assert len(done) == len(tasks)
    return {each.number: each for each in done}


def test_a_submission_that_kills_its_judge_costs_itself_alone(judges):
    """It is tried twice; the others have what they earn, wherever they stand."""
    found = graded(
        judges,
        task(0, RIGHT),
        task(1, ODD.format(1001)),
        task(2, HALF),
        task(3, ODD.format(1001)),
        task(4, RIGHT),
        task(5, RIGHT),
    )
    assert {n: g.report.score for n, g in found.items()} == {
        0: 100,
        1: 0,
        2: 40,
        3: 0,
        4: 100,
        5: 100,
    }
    killer = found[1]
    assert (killer.report.status, killer.tries) == (Status.FAILED, 2)
    assert "SIGKILL" in killer.report.reason
    assert killer.report.next_step
    assert found[4].tries == 1


def test_a_judge_that_dies_once_costs_nobody_anything(judges):
    """What happens once may be the machine's doing: the submission is tried again."""
    found = graded(judges, task(0, ODD.format(1002)))[0]
    assert (found.report.properties[0].score, found.tries) == (40, 2)


def test_a_judge_without_its_forkserver_is_replaced(judges):
    """What repeats is the submission's own; the next one has a judge again."""
    found = graded(judges, task(0, ODD.format(1004)), task(1, RIGHT))
    assert (found[0].report.status, found[0].tries) == (Status.FAILED, 2)
    assert "helper process was killed" in found[0].report.properties[-1].message
    assert found[1].report.score == 100


def test_what_never_comes_back_is_ended(judges, monkeypatch):
    """The driver has a limit of its own, on the wall clock."""
    monkeypatch.setattr(Task, "most_seconds", 0.5)
    found = graded(judges, task(0, ODD.format(1003)))[0]
    assert (found.report.status, found.report.score, found.tries) == (Status.FAILED, 0, 2)
    assert "not graded within" in found.report.reason
    monkeypatch.undo()
    assert graded(judges, task(1, RIGHT))[1].report.score == 100


def test_a_fault_of_the_properties_is_nobodys_zero(judges):
    """It is ungraded, which is no verdict."""
    found = graded(judges, task(0, ODD.format(1005)))[0]
    assert found.report.status is Status.UNGRADED
    assert "the property itself is wrong" in found.report.reason


def test_a_run_that_is_left_ends_what_it_was_at(judges):
    """Nothing of a run that was stopped turns up in the next."""
    for _ in judges.run([task(0, RIGHT), task(1, ODD.format(1003)), task(2, ODD.format(1003))]):
        break
    assert graded(judges, task(7, RIGHT)).keys() == {7}


def test_judges_are_replaced_before_they_grow(judges, monkeypatch):
    """After so many tasks a judge makes room for a new one; nobody notices."""
    monkeypatch.setattr("grader.grading.local.LIFETIME", 2)
    found = graded(judges, *(task(n, RIGHT) for n in range(5)))
    assert {each.report.score for each in found.values()} == {100}


@pytest.mark.slow
def test_nothing_is_left_when_the_engine_closes(processes):
    """Judges, forkservers and workers end with it."""
    with LocalEngine(2) as given:
        graded(given, task(0, RIGHT))
        there = processes()
        graded(given, task(1, RIGHT), task(2, RIGHT))
        assert len(processes()) > len(there)
    with LocalEngine(1) as given:
        pass
    assert processes() < there


@pytest.mark.parametrize(
    ("cores", "wanted", "jobs", "spins"),
    [
        (4, 0.5, 2, True),
        (4, 0.5, 3, False),
        (4, 4.0, 1, False),
        (2, 1.9, 1, True),
        (1, 0, 1, False),
    ],
)
def test_a_core_is_not_kept_from_others(monkeypatch, cores, wanted, jobs, spins):
    """Who waits watches closely only where there is a core for each, and nobody else wants it."""
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr(type(SYSTEM), "programs_at_work", lambda _: wanted)
    assert LocalEngine(jobs)._spins is spins


@pytest.mark.slow
def test_judges_that_cannot_begin_are_said(tmp_path):
    """A broken installation is no student's fault, and no endless loop."""
    refused = pytest.raises(UsageError, match="end before they have begun")
    with LocalEngine(1, str(tmp_path / "missing" / "log")) as given, refused:
        list(given.run([task(0, RIGHT)]))


def test_what_the_machine_lacks_ends_the_run(judges):
    """A device that is not there is said once, not charged to everybody."""
    with pytest.raises(UsageError, match="CUDA"):
        list(judges.run([task(0, RIGHT, device="cuda")]))


def test_the_limit_is_far_beyond_what_is_allowed():
    """A busy machine must not cost a student points."""
    assert task(0, RIGHT).most_seconds >= 3 * DOUBLE.limits.submission_seconds + 60
    assert engine.SLACK_SECONDS >= 60
