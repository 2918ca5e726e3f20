"""Annotations and the step summary in GitHub Actions."""

import re
from collections import Counter

import pytest
from samples import EVERY, FORTY, NASTY, report, result

from grader.formats import github
from grader.report import PropertyStatus, Status, clean

COMMAND = re.compile(r"::(?P<kind>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")


def commands(*reports):
    """What the runner makes of the output: a dict for each workflow command, unescaped."""
    found = []
    for line in github.render_all(reports).splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        pairs = (pair.partition("=") for pair in match["properties"].split(","))
        properties = {name: unescaped(value, ":,") for name, _, value in pairs}
        found.append({"kind": match["kind"], "text": unescaped(match["data"]), **properties})
    return found


def unescaped(text, more=""):
    """The inverse of the escaping that GitHub documents."""
    for character in f"\r\n{more}%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


@pytest.mark.parametrize("kind", EVERY)
def test_every_line_is_an_annotation(kind):
    """Nothing that a student writes becomes a command of its own, or ends one."""
    found = commands(EVERY[kind])
    assert {each["kind"] for each in found} <= {"error", "warning", "notice"}
    (notice,) = (each for each in found if each["kind"] == "notice")
    assert notice["title"] == f"{EVERY[kind].score} / 100"


def test_an_error_points_at_the_students_line():
    """It names file and line, and says which property fails, how, and what the mistake is."""
    first, second, _ = commands(EVERY["every_property"])
    assert (first["file"], first["line"]) == ("exercises/ex03_attention_scoring.py", "3")
    assert first["title"] == "Exercise 3. Attention scoring: 20 / 100, partial"
    assert first["text"].startswith("Divide by sqrt(d).\n\nIt is failed.\nIt is 1; it should be 2.")
    assert second["line"] == "4"
    assert second["text"].startswith("It is error.\nValueError: no")


def test_what_fails_at_one_line_is_one_annotation():
    """Ten properties of a function that is wrong are no ten annotations."""
    failed = [result(PropertyStatus.FAILED, 10, title=f"Law {n}.") for n in range(10)]
    error, _ = commands(report(Status.FAILED, properties=tuple(failed)))
    assert all(f"Law {n}." in error["text"] for n in range(10))


def test_an_early_verdict_points_at_its_line():
    """A syntax error or a forbidden built-in has no properties, but a line."""
    error, _ = commands(EVERY["rejected"])
    assert (error["kind"], error["line"]) == ("error", "7")
    assert "which is forbidden here" in error["text"]


def test_an_untouched_stub_is_no_error():
    """What is not started is said in the notice alone."""
    (notice,) = commands(EVERY["not_started"])
    assert "not started" in notice["text"]


def test_what_could_not_be_graded_is_a_warning():
    """It does not look like an error in the student's file."""
    warning, _ = commands(EVERY["ungraded"])
    assert warning["kind"] == "warning"
    assert "The grader itself is at fault here" in warning["text"]


def test_hostile_text_comes_back_whole():
    """Percent signs, line ends, colons and commas survive in both parts of a command."""
    error, _ = commands(EVERY["nasty"])
    assert clean(NASTY) in error["text"]
    assert error["title"].startswith(f"Exercise 3. {clean(NASTY)}: 50")
    assert error["file"] == "exercises/\ufffd,:%.py"


def test_no_more_annotations_than_are_shown():
    """Ten of a kind; the last one names the places of all that would have been hidden."""
    found = commands(*FORTY)
    assert Counter(each["kind"] for each in found) == {"error": 10, "notice": 1}
    assert found[9]["title"] == "391 more places; the summary of this step shows them"
    assert "exercises/ex03_attention_scoring.py:1: Exercise 2." in found[9]["text"]


def test_ten_annotations_are_all_shown():
    """Nothing is aggregated that need not be."""
    failed = [result(PropertyStatus.FAILED, 10, line=n) for n in range(1, 11)]
    found = commands(report(Status.FAILED, properties=tuple(failed)))
    assert [each.get("line") for each in found[:-1]] == [str(n) for n in range(1, 11)]


def test_files_are_named_from_the_root_of_the_checkout(monkeypatch, tmp_path):
    """Wherever in it the command was run, and however the file was named."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    (tmp_path / "homework").mkdir()
    monkeypatch.chdir(tmp_path / "homework")
    for path in ("a.py", str(tmp_path / "homework" / "a.py")):
        error, _ = commands(report(Status.REJECTED, path=path))
        assert error["file"] == "homework/a.py"


@pytest.mark.parametrize("already", [0, 1_040_000])
def test_the_summary_has_room(already):
    """With what is there it stays within the MiB beyond which GitHub shows none of it."""
    text = github.summary(FORTY, already)
    assert len(text.encode()) + already <= 2**20
    assert "Exercise 40." in text
