"""`grade debug`, and what editors are given: the program run as its user runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import GRADE
from rich.console import Console

from grader.cli.debug import _show
from grader.course import editor
from grader.course import model as course
from grader.judge.grading import grade as judge
from grader.judge.script import Script
from grader.judge.wrong import misconceptions
from grader.learner.scripts import Written
from grader.submission import text

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
ROOM = EXAMPLE / "solutions" / "ex01_rms_norm"
NAME = "ex01_rms_norm.py"
RIGHT = (ROOM / "right" / "powers.py").read_text()
# Its first property fails already, so that little of it is graded.
WRONG = next(each.source for each in misconceptions(ROOM) if each.name == "RootForgotten")
APART = ("PYTEST", "FORCE_", "GIT_", "GRADE_", "CI")


def grade(*arguments: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the real program, both outputs in `stdout`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(APART)}
    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "COLUMNS": "120", "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )


@pytest.fixture
def place(tmp_path) -> Path:
    """A course to work in."""
    return shutil.copytree(EXAMPLE, tmp_path / "course")


def answer(place: Path, text: str) -> Path:
    own = place / "exercises" / NAME
    own.write_text(text)
    return own


@pytest.mark.slow
def test_the_call_that_fails_is_written_and_run(place):
    """A report ends with the command; that writes a script, runs it, and says how to run it again;
    once the answer is right the script says so, and there is nothing left to debug."""
    answer(place, WRONG)
    report = grade("exercise", "1", "--no-speed", cwd=place)
    assert "grade debug 1" in report.stdout
    done = grade("debug", cwd=place)  # the one that they are at
    assert done.returncode == 1
    mistake = next(line for line in report.stdout.splitlines() if line.startswith("→ "))
    assert mistake.removeprefix("→ ") in done.stdout
    script = place / "exercises" / "debug_ex01_rms_norm.py"
    assert "exercises/debug_ex01_rms_norm.py" in done.stdout
    assert "Wrong: this call does not give what it should." in done.stdout
    answer(place, RIGHT)
    again = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert (again.returncode, again.stdout.startswith("Right")) == (0, True)
    nothing = grade("debug", "1", cwd=place)
    assert nothing.returncode == 0
    assert "nothing to debug" in nothing.stdout


@pytest.mark.slow
def test_what_is_not_ours_stays(place):
    """Another file of that name is refused, an edited script is kept, one of ours is replaced."""
    answer(place, WRONG)
    script = place / "exercises" / "debug_ex01_rms_norm.py"
    script.write_text("mine = 1\n")
    refused = grade("debug", "1", "--no-run", cwd=place)
    assert refused.returncode == 2
    assert script.read_text() == "mine = 1\n"
    script.unlink()
    written = grade("debug", "1", "--no-run", cwd=place)
    assert written.returncode == 0
    assert "Wrong" not in written.stdout  # it was not run
    text = script.read_text()
    edited = text + "print('mine')\n"
    script.write_text(edited)
    kept = grade("debug", NAME, "--no-run", cwd=place / "exercises")  # by its file
    assert "debug_ex01_rms_norm.kept-1.py" in kept.stdout
    assert script.with_name("debug_ex01_rms_norm.kept-1.py").read_text() == edited
    assert script.read_text() == text
    assert grade("debug", script, "--no-run", cwd=place).returncode == 0  # an editor shows it
    assert len(list(script.parent.glob("debug_*"))) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\n", "has no function `rms_norm`"),
        ("def rms_norm(x:\n", "not valid Python"),
        ((EXAMPLE / "exercises" / NAME).read_text(), "not started"),
    ],
    ids=["missing", "syntax", "stub"],
)
def test_where_there_is_no_call_it_says_why(place, source, words):
    """In a line, with the exit code of what is not right; and nothing is written."""
    answer(place, source)
    done = grade("debug", "1", cwd=place)
    assert done.returncode == 1
    assert done.stdout.startswith("There is no call to debug: ")
    assert words in done.stdout
    assert not list((place / "exercises").glob("debug_*"))


@pytest.mark.slow
def test_one_property_can_be_named(place, forkserver):
    """One that fails, one that holds, one that is not there."""
    own = answer(place, WRONG)
    exercise = course.load(place).exercise("1")
    report = judge(exercise, text.read(own), forkserver=forkserver, device="cpu", speed=False)
    by = {str(each.status): each.name for each in report.properties}
    failed = grade("debug", "1", "--only", by["failed"], cwd=place)
    assert "Wrong" in failed.stdout
    holds = grade("debug", "1", "--only", by["passed"], cwd=place)
    assert f"{by['passed']} does not fail" in holds.stdout
    unknown = grade("debug", "1", "--only", "test_other", cwd=place)
    assert unknown.returncode == 2
    assert by["failed"] in unknown.stdout


def test_a_notebook_is_debugged_in_itself(place):
    """The magic is named."""
    notebook = place / "ex01.ipynb"
    cell = {"cell_type": "code", "source": RIGHT, "metadata": {}, "outputs": []}
    notebook.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "cells": [cell]}))
    done = grade("debug", "1", "--submission", notebook, cwd=place)
    assert done.returncode == 2
    assert "%grade_debug 1" in done.stdout


@pytest.mark.slow
def test_commands_take_the_one_that_is_next_or_a_file(place):
    """Without a number, and with a path in its place; a path that tells nothing is refused."""
    assert "Root mean square" in grade("show", cwd=place).stdout
    hint = grade("hint", cwd=place).stdout
    assert "Exercise 1. Root mean square" in hint
    assert "Hint 1 of 4" in hint
    own = answer(place, WRONG)
    other = own.with_name("of_another_name.py")
    shutil.copy(own, other)
    assert "Hint 2 of 4" in grade("hint", own, cwd=place).stdout
    for named in (own, other):
        done = grade("exercise", named, "--no-speed", cwd=place)
        assert (done.returncode, "10 / 100" in done.stdout) == (1, True), done.stdout
        assert "grade debug" in done.stdout
    own.write_text(RIGHT)
    done = grade("exercise", "--no-speed", cwd=place)
    assert (done.returncode, "100 / 100" in done.stdout) == (0, True), done.stdout
    assert "grade debug" not in done.stdout  # of what is right there is nothing to debug
    other.write_text("x = 1\n")
    for path, words in ((other, "tells no exercise"), ("no/where.py", "nothing at")):
        refused = grade("show", path, cwd=place)
        assert refused.returncode == 2
        assert words in refused.stdout
    assert "passed every exercise" in grade("show", cwd=place).stdout


@pytest.mark.slow
def test_problems_stand_at_their_lines(place):
    """Each is a line that the task of the workspace takes for a problem; a pass has none."""
    own = answer(place, WRONG)
    pattern = re.compile(editor.PATTERN, re.MULTILINE)
    done = grade("exercise", own, "--format", "problems", "--no-speed", cwd=place)
    found = pattern.findall(done.stdout)
    assert found
    for file, line, severity, message in found:
        assert Path(file) == own
        assert "def rms_norm" in WRONG.split("\n")[int(line) - 1]
        assert (severity, bool(message)) == ("error", True)
    assert re.search(r"^Exercise 1\. .* 10 / 100, partial$", done.stdout, re.MULTILINE)
    own.write_text("x = (\n")
    broken = grade("exercise", own, "--format", "problems", cwd=place)
    assert pattern.findall(broken.stdout)[0][1] in ("1", "2")
    own.write_text(RIGHT)
    right = grade("exercise", own, "--format", "problems", "--no-speed", cwd=place)
    assert not pattern.search(right.stdout)


@pytest.mark.slow
def test_a_workspace_has_tasks_and_is_ignored_where_it_should_be(tmp_path):
    """The tasks run what there is, the script that is debugged is the one that is written, and what
    is there already stays."""
    mine = tmp_path / "mine"
    (mine / ".vscode").mkdir(parents=True)
    (mine / ".vscode" / "settings.json").write_text("{}")
    assert grade("init", mine, cwd=tmp_path).returncode == 0
    assert (mine / ".vscode" / "settings.json").read_text() == "{}"
    tasks = json.loads((mine / ".vscode" / "tasks.json").read_text())["tasks"]
    words = [task["args"][:3] for task in tasks]
    assert ["-m", "grader", "exercise"] in words
    for task in tasks:
        _, _, command, *options = task["args"]
        known = grade(command, "--help", cwd=tmp_path).stdout
        assert all(option in known for option in options if option.startswith("-"))
    launch = json.loads((mine / ".vscode" / "launch.json").read_text())["configurations"][0]
    assert launch["preLaunchTask"] in [task["label"] for task in tasks]
    assert launch["program"].endswith("debug_${fileBasenameNoExtension}.py")
    ignored = (mine / ".gitignore").read_text().split()
    subprocess.run(["git", "init", "-q", mine], check=True)
    for name in ("debug_ex03_attention_scoring.py", "debug_ex03_attention_scoring.pt"):
        path = mine / "exercises" / name
        path.touch()
        found = subprocess.run(["git", "-C", mine, "check-ignore", "-q", path], check=False)
        assert found.returncode == 0, ignored
    plain = tmp_path / "plain"
    assert grade("init", plain, "--no-vscode", cwd=tmp_path).returncode == 0
    assert not (plain / ".vscode").exists()


@pytest.mark.slow
def test_a_workspace_speaks_the_language_it_was_begun_in(tmp_path):
    """Its stubs too, also after a reset; --lang goes before it."""
    mine = tmp_path / "mine"
    grade("init", mine, "--lang", "zh", cwd=tmp_path)
    own = mine / "exercises" / "ex03_attention_scoring.py"
    text = own.read_text()
    assert text.startswith('"""练习 3')
    assert "为每个查询与每个键打分" in text
    assert "提示 1" in grade("hint", "3", cwd=mine).stdout
    assert "Hint 2" in grade("hint", "3", "--lang", "en", cwd=mine).stdout
    assert "未开始" in grade("exercise", "3", cwd=mine).stdout
    own.write_text("x = 1\n")
    grade("reset", "3", cwd=mine)
    assert own.read_text() == text


@pytest.mark.slow
def test_the_script_is_no_answer(place, tmp_path):
    """A folder that is handed in with the script is graded by the answer."""
    handed = tmp_path / "handed"
    handed.mkdir()
    (handed / "mine.py").write_text(RIGHT)
    (handed / "debug_ex01_rms_norm.py").write_text("from ex01_rms_norm import rms_norm\n")
    done = grade("exercise", "1", "--no-speed", "--submission", handed, cwd=place)
    assert "100 / 100" in done.stdout


def test_what_the_code_says_is_no_command_however_it_is_folded(tmp_path, capsys):
    """A message that is folded begins lines that it had not before."""
    for length in range(8, 40):
        message = f"ValueError: {'a' * length}::error::now"
        script = Script("debug_x", "test_x", "It holds.", message, "", b"", hangs=False)
        _show(Console(width=30), script, Written(tmp_path / "debug_x.py"))
    said = capsys.readouterr().out
    assert "error::now" in said
    assert not re.findall(r"^\s*::.*", said, re.MULTILINE)
