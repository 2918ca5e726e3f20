"""`results.json` as PrairieLearn documents it."""

import pytest
from samples import EVERY, FORTY, NASTY, UNREADABLE, report, result, valid

from grader.formats import prairielearn
from grader.report import PropertyStatus, Status, clean


@pytest.mark.parametrize("kind", EVERY)
def test_the_file_is_valid_and_small_enough(kind):
    """It fits the schema and the megabyte; each test has points, or none would be shown."""
    text = prairielearn.render_all([EVERY[kind]])
    assert len(text.encode()) <= 1_000_000
    results = valid("prairielearn", text)
    assert results["score"] == EVERY[kind].score / 100
    assert results["tests"]


def test_the_score_is_a_share():
    """Of the points of all exercises; full marks are 1."""
    reports = [report(), report(Status.PARTIAL, number=4)]
    assert valid("prairielearn", prairielearn.render_all(reports))["score"] == 0.75
    assert valid("prairielearn", prairielearn.render_all([report()]))["score"] == 1.0


def test_what_could_not_be_graded_costs_no_attempt():
    """One exercise that could not be graded makes the whole not gradable, and says so."""
    reports = [report(), report(Status.UNGRADED, number=4)]
    results = valid("prairielearn", prairielearn.render_all(reports))
    assert results["gradable"] is False
    assert results["score"] == 0.0
    (error,) = results["format_errors"]
    assert "The grader itself is at fault here, not your code." in error
    assert results["tests"][-1]["max_points"] == 0  # shown in grey


def test_what_cannot_be_run_is_a_format_error():
    """As PrairieLearn asks for: a file that is no Python costs no attempt."""
    results = valid("prairielearn", prairielearn.render_all([UNREADABLE]))
    assert results["gradable"] is False
    assert "a.py is empty." in results["format_errors"][0]


@pytest.mark.parametrize("kind", ["failed", "not_started", "rejected"])
def test_other_zeros_are_grades(kind):
    """A wrong answer, an untouched stub and a forbidden built-in are graded as such."""
    results = valid("prairielearn", prairielearn.render_all([EVERY[kind]]))
    assert (results["gradable"], results["score"]) == (True, 0.0)


def test_one_file_that_cannot_be_run_among_others_is_a_zero():
    """The rest has been graded."""
    results = valid("prairielearn", prairielearn.render_all([report(), UNREADABLE]))
    assert (results["gradable"], results["score"]) == (True, 0.5)


def test_forty_exercises_fit():
    """Long texts are cut as far as it takes, the tests stay."""
    text = prairielearn.render_all(FORTY)
    assert len(text.encode()) <= 1_000_000
    assert len(valid("prairielearn", text)["tests"]) == 400


def test_thousands_of_tests_fit():
    """Where even short texts are too many, the score is left."""
    failed = [result(PropertyStatus.FAILED, title="A law. " * 20)] * 10
    text = prairielearn.render_all([report(Status.FAILED, properties=tuple(failed))] * 500)
    assert len(text.encode()) <= 1_000_000
    assert valid("prairielearn", text)["score"] == 0.0


def test_hostile_text_is_only_text():
    """It comes back as it was, cleaned."""
    results = valid("prairielearn", prairielearn.render_all([EVERY["nasty"]]))
    assert results["output"] == clean(NASTY)
    assert results["tests"][1]["description"] == clean(NASTY)
