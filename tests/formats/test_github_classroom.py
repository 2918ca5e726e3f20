"""The result that GitHub Classroom's reporter reads."""

import base64

import pytest
from samples import EVERY, FORTY, report, result, valid

from grader.formats import github_classroom
from grader.report import PropertyStatus, Status


def decoded(*reports):
    """The result, as the reporter decodes it."""
    text = github_classroom.render_all(reports)
    assert text.count("\n") == 1, "a step output is one line"
    return valid("github-classroom", base64.b64decode(text, validate=False).decode())


@pytest.mark.parametrize("kind", EVERY)
def test_the_result_is_valid_and_its_scores_add_up(kind):
    """The reporter adds up the scores of the tests; that is the report's score."""
    content = decoded(EVERY[kind])
    assert sum(test["score"] for test in content["tests"]) == EVERY[kind].score
    assert content["max_score"] == EVERY[kind].max_score
    assert content["tests"]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (Status.PASSED, "pass"),
        (Status.PARTIAL, "fail"),
        (Status.FAILED, "fail"),
        (Status.NOT_STARTED, "fail"),
        (Status.REJECTED, "fail"),
        (Status.UNGRADED, "error"),
    ],
)
def test_what_could_not_be_graded_is_an_error(status, word):
    """Anything less than full marks is a failure; a fault of ours is an error."""
    assert decoded(report(status))["status"] == word
    assert decoded(report(), report(status))["status"] == word


def test_points_that_are_left_out_are_shared_among_the_rest():
    """Without the running time, the properties are worth 90 of 100; full marks stay 100."""
    points = (30, 30, 30)
    all_right = report(properties=tuple(result(points=n) for n in points))
    assert sum(test["score"] for test in decoded(all_right)["tests"]) == 100
    one_wrong = report(
        Status.PARTIAL,
        score=66,
        properties=(
            result(points=30),
            result(PropertyStatus.FAILED, 30),
            result(points=30),
        ),
    )
    assert [test["score"] for test in decoded(one_wrong)["tests"]] == [33, 0, 33]


def test_a_test_says_where_to_look():
    """File, line, and what is wrong; the output in at most 500 characters."""
    failed = decoded(EVERY["every_property"])["tests"][1]
    assert failed["filename"] == "exercises/ex03_attention_scoring.py"
    assert failed["line_no"] == 3
    assert failed["message"].startswith("It is 1; it should be 2.")
    assert len(decoded(EVERY["huge"])["tests"][1]["output"]) == 500


@pytest.mark.parametrize("reports", [[EVERY["huge"]], FORTY], ids=["huge", "forty"])
def test_it_fits_into_an_environment_variable(reports):
    """The reporter gets it as one, and Linux starts no program with one over 128 KiB."""
    assert len(github_classroom.render_all(reports)) < 128 * 1024
    assert decoded(*reports)["tests"]
