"""What a learner can rely on beyond one grading: what is next, hints, the answer, the way back."""

import ctypes
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import GRADE

from grader.course import model as course
from grader.errors import UsageError
from grader.judge.wrong import misconceptions
from grader.learner.history import FILE

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
STUB = EXAMPLE / "exercises" / "ex01_rms_norm.py"
ROOM = EXAMPLE / "solutions" / "ex01_rms_norm"
RIGHT = (ROOM / "right" / "powers.py").read_text()
# Its first property fails already, so that little of it is graded.
WRONG = next(each.source for each in misconceptions(ROOM) if each.name == "RootForgotten")
APART = ("PYTEST", "FORCE_", "GIT_", "GRADE_", "CI")  # variables that the program would look at


def grade(
    *arguments: object, cwd: Path, before: Callable[[], None] | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the real program, apart from whoever runs the tests; both outputs are in `stdout`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(APART)}
    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "COLUMNS": "80", "PYTHONPATH": str(ROOT), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        preexec_fn=before,
    )


@pytest.fixture
def third_party(tmp_path) -> Path:
    """The folder of a third party's course, to work in; nobody has worked in it."""
    fresh = shutil.ignore_patterns(f"{FILE}*", "__pycache__")
    return shutil.copytree(EXAMPLE, tmp_path / "normalisation", ignore=fresh)


def own(folder: Path) -> Path:
    return folder / "exercises" / STUB.name


@pytest.mark.slow
def test_a_learner_goes_through_a_course(third_party):
    """From the first look to the last exercise passed, every screen names the next step."""
    assert "grade next" in grade("list", cwd=third_party).stdout
    said = grade("next", cwd=third_party).stdout
    assert "Next: 1. Root mean square normalisation" in said
    assert "rms(x)  = sqrt(mean of x_d^2 over d + eps)" in said
    for words in ("show", "exercise", "hint"):
        assert f"grade {words} 1" in said
    assert "exercises/ex01_rms_norm.py" in said

    own(third_party).write_text(WRONG)
    assert "grade hint 1" in grade("exercise", "1", "--no-speed", cwd=third_party).stdout
    assert "You are at it: 10 of 100" in grade("next", cwd=third_party).stdout
    assert re.search(r"~\s+10\s+1 Root mean", grade("list", cwd=third_party).stdout)
    refused = grade("solution", "1", cwd=third_party)
    assert refused.returncode == 1
    assert "torch.sqrt" not in refused.stdout
    for words in ("exercise 1", "hint 1", "solution 1 --give-up"):
        assert f"grade {words}" in refused.stdout

    own(third_party).write_text(RIGHT)
    passed = grade("exercise", "1", "--no-speed", cwd=third_party)
    assert "grade next" in passed.stdout
    assert "grade solution 1" in passed.stdout
    assert "grade progress" in grade("next", cwd=third_party).stdout
    assert re.search(r"✓\s+100\s+1 Root mean", grade("list", cwd=third_party).stdout)
    progress = grade("progress", cwd=third_party).stdout
    assert "1 of 1" in progress
    assert re.findall(r"(\d+) / 100", progress) == ["100", "10"]  # the latest first
    answer = grade("solution", "1", cwd=third_party)
    assert answer.returncode == 0
    assert (ROOM / "reference.py").read_text() in answer.stdout
    assert "right/powers.py" in answer.stdout


@pytest.mark.slow
def test_giving_up_is_remembered(third_party):
    """The answer is shown at once, stays shown, and the list and the progress say so."""
    first = grade("solution", "1", "--give-up", cwd=third_party)
    assert first.returncode == 0
    assert "torch.sqrt" in first.stdout
    assert grade("solution", "1", cwd=third_party).returncode == 0
    assert "answer seen" in grade("list", cwd=third_party).stdout
    assert "answers seen: 1" in grade("progress", cwd=third_party).stdout
    assert "You have seen its answer" in grade("next", cwd=third_party).stdout


@pytest.mark.slow
def test_hints_go_on_where_they_were(third_party):
    """Each call gives the next one; after the last it says how to read them again."""
    said = [grade("hint", "1", cwd=third_party).stdout for _ in range(5)]
    assert ["Hint 1 of 4" in said[0], "Hint 4 of 4" in said[3]] == [True, True]
    assert "grade hint 1\n" in said[0]
    assert "grade solution 1 --give-up" in said[3]
    assert "grade debug 1" in said[3]
    assert "had all the hints" in said[4]
    assert [f"Hint {tier} of 4" in said[4] for tier in range(1, 5)] == [True] * 4
    again = grade("hint", "1", "--all", cwd=third_party).stdout
    assert [f"Hint {tier} of 4" in again for tier in range(1, 5)] == [True] * 4
    assert "Hint 2 of 4" in grade("hint", "1", "--tier", "2", cwd=third_party).stdout
    beyond = grade("hint", "1", "--tier", "5", cwd=third_party)
    assert beyond.returncode == 2
    assert "has 4 hints" in beyond.stdout


@pytest.mark.slow
def test_reset_keeps_what_was_written(third_party):
    """The stub is back, each text before it lies beside it, and a missing stub is restored."""
    grade("list", cwd=third_party)
    for number, text in enumerate((WRONG, RIGHT), 1):
        own(third_party).write_text(text)
        done = grade("reset", "1", cwd=third_party)
        kept = own(third_party).with_name(f"ex01_rms_norm.kept-{number}.py")
        assert str(kept.relative_to(third_party)) in done.stdout
        assert kept.read_text() == text
        assert own(third_party).read_text() == STUB.read_text()
    own(third_party).unlink()
    missing = grade("exercise", "1", cwd=third_party)
    assert missing.returncode == 2
    assert "grade reset 1" in missing.stdout
    assert grade("reset", "1", cwd=third_party).returncode == 0
    assert own(third_party).read_text() == STUB.read_text()
    assert "untouched" in grade("reset", "1", cwd=third_party).stdout


@pytest.mark.slow
def test_the_statement_outlives_what_is_written(third_party):
    """It can be read where the file is broken, and where it is gone."""
    grade("list", cwd=third_party)
    own(third_party).write_text("def rms_norm(:\n")
    assert (
        "rms(x)  = sqrt(mean of x_d^2 over d + eps)" in grade("show", "1", cwd=third_party).stdout
    )
    own(third_party).unlink()
    assert "rms(x)  = sqrt(mean of x_d^2 over d + eps)" in grade("next", cwd=third_party).stdout


def test_a_docstring_of_ones_own_is_not_the_statement(third_party):
    """Whoever describes the answer at the head of the file still reads what is asked."""
    grade("list", cwd=third_party)
    own(third_party).write_text(
        '"""My answer."""\n\ndef rms_norm(x, weight, eps=1e-6):\n    return x\n'
    )
    shown = grade("show", "1", cwd=third_party).stdout
    assert "My answer" not in shown
    assert "weight: Tensor, eps: float" in shown


def git(folder: Path, *arguments: str) -> None:
    options = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    subprocess.run(
        ["git", *options, *arguments], cwd=folder, env=environment, check=True, capture_output=True
    )


def test_reset_finds_the_stub_in_git(third_party):
    """In a clone the author's last text comes back, whatever the learner has committed since."""
    git(third_party, "init")
    corrected = STUB.read_text().replace("a thought", "another thought") + "\n# corrected\n"
    for text in (STUB.read_text(), corrected, WRONG, RIGHT):
        own(third_party).write_text(text)
        git(third_party, "add", ".")
        git(third_party, "commit", "--message", "Work")
    assert grade("reset", "1", cwd=third_party).returncode == 0
    assert own(third_party).read_text() == corrected


def test_reset_says_where_there_is_no_stub(third_party):
    """Where the first thing seen was edited, nothing is written, and the way out is named."""
    own(third_party).write_text(WRONG)
    done = grade("reset", "1", cwd=third_party)
    assert done.returncode == 2
    assert "Copy it from where you have the course from" in done.stdout
    assert own(third_party).read_text() == WRONG
    assert os.listdir(third_party / "exercises").count(STUB.name) == 1


@pytest.mark.slow
def test_a_workspace_of_the_bundled_course(tmp_path):
    """`grade init` writes stubs that are graded against the course that comes with the program."""
    done = grade("init", "mine", cwd=tmp_path)
    assert "cd mine && grade next" in done.stdout
    mine = tmp_path / "mine"
    bundled = course.load(course.bundled())
    assert len(list((mine / "exercises").glob("ex*.py"))) == len(bundled.exercises)
    assert not (mine / "solutions").exists()
    path = mine / "exercises" / "ex06_count_conv_params.py"
    room = bundled.exercise("6").room
    below = mine / "exercises"
    assert "not started" in grade("exercise", "6", cwd=below).stdout
    path.write_text((room / "reference.py").read_text())
    assert grade("exercise", "6", cwd=below).returncode == 0
    assert re.search(r"✓\s+100\s+6 Counting", grade("list", "--course", mine, cwd=tmp_path).stdout)
    assert (mine / FILE).is_file()
    assert "Next: 7." in grade("next", cwd=mine).stdout
    grade("reset", "6", cwd=mine)
    assert path.read_text() == bundled.exercise("6").stub.read_text()


def test_init_refuses_to_overwrite(tmp_path, third_party):
    """A file that is there stays as it is, and no other is written beside it."""
    (tmp_path / "mine" / "exercises").mkdir(parents=True)
    mine = tmp_path / "mine" / "exercises" / STUB.name
    mine.write_text("x = 1\n")
    refused = grade("init", tmp_path / "mine", cwd=third_party)
    assert refused.returncode == 2
    assert STUB.name in refused.stdout
    assert os.listdir(mine.parent) == [STUB.name]
    assert mine.read_text() == "x = 1\n"
    (tmp_path / "file").touch()
    assert grade("init", tmp_path / "file", cwd=third_party).returncode == 2


@pytest.mark.slow
def test_a_workspace_of_another_course(third_party, tmp_path):
    """It is tied to the course by its folder; a submission in it cannot read the answers, and an
    exercise is begun and proven in the course."""
    mine = tmp_path / "mine"
    assert grade("init", mine, "--course", third_party, cwd=tmp_path).returncode == 0
    found = course.load(mine)
    assert found.exercise("1").room == third_party / "solutions" / "ex01_rms_norm"
    assert found.exercise("1").stub == mine / "exercises" / STUB.name
    own(mine).write_text(f"{RIGHT}\nopen({str(found.exercise('1').room / 'reference.py')!r})\n")
    peeked = grade("exercise", "1", "--no-speed", cwd=mine)
    assert "PermissionError" in peeked.stdout
    refused = grade("new", "other", cwd=mine)
    assert refused.returncode == 2
    assert f"--course {third_party}" in refused.stdout
    shutil.rmtree(third_party)
    lost = grade("list", cwd=mine)
    assert lost.returncode == 2
    assert str(third_party) in lost.stdout


@pytest.mark.parametrize("name", [".", "../b"])
def test_a_workspace_of_a_workspace_is_refused(tmp_path, name):
    """Also where it leads back to itself."""
    for folder in ("a", "b"):
        (tmp_path / folder / "exercises").mkdir(parents=True)
        text = f'course = "{name if folder == "a" else "../a"}"'
        (tmp_path / folder / course.COURSE_FILE).write_text(text)
    with pytest.raises(UsageError, match="workspace"):
        course.load(tmp_path / "a")


def test_a_server_leaves_no_history(third_party):
    """Where CI grades, nothing is remembered."""
    assert "not started" in grade("exercise", "1", cwd=third_party, CI="true").stdout
    assert not (third_party / FILE).exists()


def _as_anybody() -> None:
    """Take root's power over the rights of files away from the program that is to be run."""
    if os.getuid() == 0:
        drop_from_bounding_set, override = 24, 1
        assert ctypes.CDLL(None).prctl(drop_from_bounding_set, override, 0, 0, 0) == 0


@pytest.mark.slow
def test_a_folder_that_nobody_may_write_to_is_no_hindrance(third_party):
    """Everything works, nothing is remembered, and one line says so, and what helps."""
    own(third_party).write_text(WRONG)
    third_party.chmod(0o555)
    arguments = ("exercise", "1", "--no-speed")
    graded = grade(*arguments, cwd=third_party, before=_as_anybody)
    assert graded.returncode == 1
    assert "10 / 100" in graded.stdout
    assert graded.stdout.count("is not kept") == 1
    assert "GRADE_HISTORY" in graded.stdout
    listed = grade("list", cwd=third_party, before=_as_anybody)
    assert "is not kept" not in listed.stdout
    hinted = grade("hint", "1", cwd=third_party, before=_as_anybody)
    assert "grade hint 1 --tier 2" in hinted.stdout
    third_party.chmod(0o755)
    assert not (third_party / FILE).exists()


@pytest.fixture(scope="module")
def named(tmp_path_factory) -> Path:
    """The folder above a course, which has to be named there."""
    folder = tmp_path_factory.mktemp("above")
    own(shutil.copytree(EXAMPLE, folder / "norm")).write_text(WRONG)
    return folder


@pytest.mark.parametrize(
    "words",
    [["list"], ["next"], ["show", "1"], ["hint", "1"], ["solution", "1"], ["progress"]],
    ids=lambda words: words[0],
)
def test_every_screen_is_plain_and_leads_on(named, words):
    """In a pipe and on a dumb terminal no line is too wide and nothing steers; torch stays out; and
    every command to type next is for the course that was named."""
    done = grade(*words, "--course", "norm", cwd=named, PYTHONPROFILEIMPORTTIME="1", TERM="dumb")
    lines = [line for line in done.stdout.splitlines() if not line.startswith("import time:")]
    modules = re.findall(r"^import time:.*\| +([\w.]+)$", done.stdout, re.MULTILINE)
    assert "grader.learner.history" in modules
    assert "torch" not in modules
    assert "\x1b" not in done.stdout
    assert max(map(len, lines)) <= 80
    to_type = [line for line in lines if re.search(r"\bgrade [a-z]+", line)]
    assert to_type
    assert all(line.rstrip().endswith(" --course norm") for line in to_type)


def test_the_shell_completes_in_the_course_that_was_named(named):
    """After `--course`, the names offered are those of that course."""
    variables = {
        "_GRADE_COMPLETE": "complete_bash",
        "COMP_WORDS": "grade exercise --course norm rm",
        "COMP_CWORD": "4",
    }
    assert grade(cwd=named, **variables).stdout.split() == ["rms_norm"]


def test_a_report_leads_on_in_the_course_that_was_named(named):
    """The next step of a grading with `--course` is a command for that course."""
    own(named / "norm").write_text(STUB.read_text())
    done = grade("exercise", "1", "--course", "norm", cwd=named)
    assert "grade show 1 --course norm" in " ".join(done.stdout.split())
