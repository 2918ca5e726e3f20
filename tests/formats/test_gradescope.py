"""`results.json` as Gradescope documents it."""

import json

import pytest
from samples import EVERY, report, result, valid

from grader.formats import gradescope
from grader.report import PropertyStatus, Status, clean


@pytest.mark.parametrize("kind", EVERY)
def test_the_file_is_valid_and_holds_the_score(kind):
    """The score is the report's, whatever the tests add up to."""
    results = valid("gradescope", gradescope.render_all([EVERY[kind]]))
    assert results["score"] == EVERY[kind].score
    assert results["tests"]


def test_an_assignment_adds_up():
    """Scores and times of several exercises are summed; tests are numbered by exercise."""
    reports = [report(), report(Status.PARTIAL, number=4, slug="other", title="Other")]
    results = valid("gradescope", gradescope.render_all(reports))
    assert (results["score"], results["execution_time"]) == (150, 3.0)
    assert [test["number"] for test in results["tests"]] == ["3.1", "3.2", "4.1", "4.2"]
    assert "Exercise 4. Other: 50 / 100, partial" in results["output"]
    assert "Divide by sqrt(d)." in results["output"]


def test_a_test_is_passed_or_failed_with_its_points():
    """What is wrong stands in the output of its test, with the counterexample."""
    results = valid("gradescope", gradescope.render_all([EVERY["every_property"]]))
    seen = {t["name"]: (t["status"], t["score"], t["max_score"]) for t in results["tests"]}
    assert seen == {
        "It is passed.": ("passed", 20, 20),
        "It is failed.": ("failed", 0, 20),
        "It is skipped.": ("failed", 0, 20),
        "It is error.": ("failed", 0, 20),
    }
    assert results["tests"][1]["output"] == "It is 1; it should be 2.\n\nf(\n    x = 1\n)"


def test_what_could_not_be_graded_is_no_failure():
    """Its test is neither passed nor failed and has no score; the reason is said twice."""
    reports = [report(), report(Status.UNGRADED, number=4)]
    results = valid("gradescope", gradescope.render_all(reports))
    test = results["tests"][-1]
    assert not {"status", "score", "max_score"} & set(test)
    assert results["score"] == 100
    for text in (test["output"], results["output"]):
        assert "The grader itself is at fault here, not your code." in text


def test_hostile_text_is_only_text():
    """Names and outputs are declared as text, and come back as they were, cleaned."""
    nasty = EVERY["nasty"]
    results = valid("gradescope", gradescope.render_all([nasty]))
    assert results["test_output_format"] == results["test_name_format"] == "text"
    assert results["tests"][1]["name"] == clean(nasty.title)
    assert results["tests"][1]["output"].startswith(clean(nasty.properties[1].message))


def test_huge_output_is_cut():
    """A message without end is shown as far as a person reads."""
    long = report(Status.FAILED, properties=(result(PropertyStatus.FAILED, message="x" * 10**6),))
    (test,) = json.loads(gradescope.render_all([long]))["tests"]
    assert len(test["output"]) <= 20_000
