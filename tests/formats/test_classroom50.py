"""`result.json` as Classroom 50's runner and its collector accept it."""

import pytest
from samples import EVERY, FORTY, report, valid

from grader.formats import Unrenderable, classroom50
from grader.report import Status

RUNNER = {
    "CLASSROOM": "dl-2026",
    "ASSIGNMENT": "core-six",
    "ASSIGNMENT_TYPE": "group",
    "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d",
    "USERNAME": "alice",
    "OWNER": "alice",
    "COMMIT_URL": "https://example.org/commit/1",
    "RELEASE_URL": "https://example.org/release/1",
    "REVIEW_URL": "https://example.org/compare/1",
}
ACTIONS = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "school/dl-2026-core-six-bob",
    "GITHUB_SHA": "a1b2c3d4",
    "GITHUB_ACTOR": "bob",
}


@pytest.fixture
def environ(monkeypatch):
    """Set these variables and none other that the format reads."""

    def use(**variables: str) -> None:
        for name in RUNNER | ACTIONS:
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    use(**RUNNER)
    return use


@pytest.mark.parametrize("kind", EVERY)
def test_the_file_is_valid(kind, environ):
    """It fits the schema, no score is above its maximum, and it has a test."""
    result = valid("classroom50", classroom50.render_all([EVERY[kind]]))
    assert (result["score"], result["max-score"]) == (EVERY[kind].score, EVERY[kind].max_score)
    assert result["tests"], "the runner takes a result without tests for a pass"
    for each in (result, *result["tests"]):
        assert each["score"] <= each["max-score"]


@pytest.mark.parametrize("kind", EVERY)
def test_only_full_marks_pass_every_test(kind, environ):
    """The runner derives success from the tests alone."""
    result = valid("classroom50", classroom50.render_all([EVERY[kind]]))
    passed = all(test["passed"] for test in result["tests"])
    assert passed == (EVERY[kind].status is Status.PASSED)


def test_the_runner_says_who_and_what(environ):
    """Its variables become the fields."""
    result = valid("classroom50", classroom50.render_all([report()]))
    assert result["classroom"] == "dl-2026"
    assert result["assignment"] == "core-six"
    assert result["assignment_type"] == "group"
    assert result["owner"] == "alice"
    assert result["submission"] == "submit/2026-06-01T14-32-05Z-a1b2c3d"
    assert result["commit"] == "https://example.org/commit/1"
    assert result["release"] == "https://example.org/release/1"
    assert result["review"] == "https://example.org/compare/1"


def test_actions_says_what_the_runner_leaves_out(environ):
    """Owner and links are made of GitHub's own variables."""
    names = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG")
    environ(**{name: RUNNER[name] for name in names}, **ACTIONS)
    result = valid("classroom50", classroom50.render_all([report()]))
    repository = "https://github.com/school/dl-2026-core-six-bob"
    assert result["owner"] == "bob"
    assert result["assignment_type"] == "individual"
    assert result["commit"] == result["review"] == f"{repository}/commit/a1b2c3d4"
    tag = "submit%2F2026-06-01T14-32-05Z-a1b2c3d"
    assert result["release"] == f"{repository}/releases/tag/{tag}"


@pytest.mark.parametrize("missing", ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG"])
def test_a_missing_variable_is_named(missing, environ):
    """Nothing is made up for it; a file with made-up fields would be refused, later."""
    environ(**{name: value for name, value in RUNNER.items() if name != missing})
    with pytest.raises(Unrenderable, match=missing):
        classroom50.render_all([report()])


def test_a_tag_that_would_be_refused_is_said(environ):
    """A submission's tag begins with submit/."""
    environ(**{**RUNNER, "SUBMISSION_TAG": "v1"})
    with pytest.raises(Unrenderable, match="v1"):
        classroom50.render_all([report()])


def test_tests_say_what_is_wrong(environ):
    """Further fields of a test are kept, so that they carry the message and our names."""
    result = valid("classroom50", classroom50.render_all([EVERY["every_property"]]))
    failed = result["tests"][1]
    assert failed["test-name"] == "3.2 It is failed."
    assert failed["property"] == "test_failed"
    assert failed["exercise"] == "ex03_attention_scoring"
    assert failed["message"].startswith("It is 1; it should be 2.")


def test_huge_output_stays_below_what_is_read(environ):
    """The collector reads 10 MiB."""
    assert len(classroom50.render_all(FORTY).encode()) < 10 * 2**20
