"""What a person at the command line can rely on."""

import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import nbformat
import pytest
from commands import GRADE
from quality import sample
from typer.testing import CliRunner

from grader import __version__, cli
from grader.course import model as course
from grader.errors import UsageError
from grader.judge import grading
from grader.judge.processes import origin
from grader.judge.wrong import wrong_answers

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "solutions" / "ex03_attention_scoring"
REFERENCE = ROOM / "reference.py"
STUB = ROOT / "exercises" / "ex03_attention_scoring.py"
LAST = max(course.load(ROOT).exercises, key=lambda each: each.number)
ESCAPE = "\x1b["
COLOUR = r"\x1b\[[\d;]*3[0-7]"


def grade(*arguments: object, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess:
    """Run the real program, apart from the terminal of whoever runs the tests."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE_"))}
    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "COLUMNS": "80", **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def call(*arguments: object):
    """The program in this process, for runs that end before anything is computed."""
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


@pytest.fixture
def answer(tmp_path):
    """Write a file of Python and give its path."""

    def write(source: str, name: str = "answer.py") -> Path:
        path = tmp_path / name
        path.write_text(source)
        return path

    return write


UNSCALED = REFERENCE.read_text().replace(" / math.sqrt(d)", "")
NOISY = UNSCALED + '\nprint("{}")\nimport sys; print("noise", file=sys.stderr)\n'


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    """A wrong answer that prints, and what its report as JSON is, as the program ended."""
    path = tmp_path_factory.mktemp("noisy") / "answer.py"
    path.write_text(NOISY)
    return path, grade("exercise", "3", "-s", path, "--format", "json")


@pytest.fixture(scope="module")
def seventh():
    """The report of the reference, its time left out, with inputs of another seed."""
    words = ("--seed", "7", "--no-speed", "-f", "json")
    return json.loads(grade("exercise", "3", "-s", REFERENCE, *words).stdout)


def test_the_version_is_printed():
    """`grade --version` names the program and its version."""
    done = grade("--version")
    assert done.stdout == f"grade {__version__}\n"
    assert done.returncode == 0


@pytest.mark.parametrize("arguments", [["list"], ["--help"], ["show", "3"], ["hint", "3"]])
def test_torch_is_not_imported_without_need(arguments):
    """Listing, help, statements and hints come at once: torch stays out."""
    code = (
        "import sys; sys.argv = ['grade', *sys.argv[1:]]\n"
        "import os; os._exit = sys.exit\n"
        "from grader.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.endswith("False\n"), done.stderr


def test_the_list_names_every_exercise():
    """`grade list` shows number, title and slug, grouped in parts."""
    done = grade("list")
    assert done.returncode == 0
    assert "The core six" in done.stdout
    for slug in ("lstm_step", "attention_scoring", "count_conv_params"):
        assert slug in done.stdout


def test_the_statement_is_shown():
    """`grade show 3` gives the formula, the signatures and the shapes."""
    done = grade("show", "03")
    assert "scores[n, i, j]" in done.stdout
    assert "def attention_scores(queries: Tensor, keys: Tensor)" in done.stdout
    assert "(N, Tq, Tk)" in done.stdout


@pytest.mark.parametrize("name", ["3", "03", "attention_scoring", "ex03_attention_scoring"])
def test_an_exercise_has_several_names(name):
    """A number with or without zeros, a slug and a file's stem all name the exercise."""
    assert call("exercise", name).stdout.count("Attention scoring") == 1


def test_a_range_of_numbers_names_several():
    """Wherever several exercises may be named."""
    done = grade("exercise", "3-5")
    assert all(title in done.stdout for title in ("Attention scoring", "3", "4", "5"))
    assert done.stdout.count("not started") >= 3


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("99", f"{LAST.number}, {LAST.slug}"), ("atention_scoring", "3, attention_scoring")],
)
def test_an_unknown_exercise_names_the_nearest(name, nearest):
    """A slip is answered with the exercise that was probably meant."""
    done = grade("exercise", name)
    assert done.returncode == 2
    assert nearest in done.stderr
    assert done.stdout == ""


def test_an_untouched_stub_is_not_started():
    """The stub gives exit code 1, no red, and the next step, without waiting for torch."""
    done = grade("exercise", "3")
    assert done.returncode == 1
    assert "not started" in done.stdout
    assert "grade show 3" in done.stdout
    assert "✗" not in done.stdout


@pytest.mark.slow
def test_the_reference_has_full_marks():
    """A right answer gives 100 and exit code 0."""
    done = grade("exercise", "3", "--submission", REFERENCE, "--no-speed")
    assert done.returncode == 0
    assert "100 / 100" in done.stdout


@pytest.mark.slow
def test_a_wrong_answer_is_told_why(answer):
    """With the scale forgotten the report says so first, shows an input, and names a next step."""
    done = grade("exercise", "3", "--submission", answer(UNSCALED))
    assert done.returncode == 1
    assert "look unscaled" in done.stdout
    assert "queries = " in done.stdout
    assert "expected" in done.stdout
    assert "grade hint 3" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert ESCAPE not in done.stdout


@pytest.mark.slow
def test_no_colour_goes_into_a_pipe(answer):
    """Escape sequences are for terminals; even forced colour yields to NO_COLOR."""
    forced = grade("exercise", "3", "-s", answer("def f(:\n"), FORCE_COLOR="1").stdout
    assert re.search(COLOUR, forced)
    path = answer(UNSCALED)  # in a pipe as it is: see the test before
    without = grade("exercise", "3", "-s", path, FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "look unscaled" in without
    assert not re.search(COLOUR, without)


@pytest.mark.slow
def test_json_is_one_object_and_nothing_else(noisy):
    """`--format json` prints the report's object alone, also where the student's code prints."""
    _, done = noisy
    report = json.loads(done.stdout)
    assert done.stderr == ""
    assert report["schema"] == 1
    assert report["exercise"] == {
        "number": 3,
        "slug": "attention_scoring",
        "title": "Attention scoring",
    }
    assert report["status"] in ("partial", "failed")
    assert report["max_score"] == 100
    assert report["misconception"]["name"] == "Unscaled"
    assert report["timing"] is None
    assert "noise" in report["printed"]
    for result in report["properties"]:
        assert set(result) == {
            "name",
            "title",
            "status",
            "score",
            "max_score",
            "message",
            "counterexample",
            "comparison",
            "seconds",
            "line",
            "printed",
        }


@pytest.mark.slow
def test_the_report_goes_to_a_file(answer, tmp_path):
    """`--output` writes the report there, and prints none."""
    path = answer("def f(:\n")
    for form in ("json", "terminal"):
        output = tmp_path / f"report.{form}"
        done = grade("exercise", "3", "-s", path, "--format", form, "--output", output)
        assert done.stdout == ""
        assert "not valid Python" in output.read_text()


def test_the_report_is_a_page_for_a_browser(tmp_path):
    """`--format html --output report.html` writes one file to open."""
    output = tmp_path / "report.html"
    done = grade("exercise", "3", "-s", STUB, "--format", "html", "--output", output)
    assert (done.returncode, done.stdout) == (1, "")
    assert output.read_text().startswith("<!doctype html>")
    assert "You have not started this one yet" in output.read_text()


def test_an_impossible_output_is_refused_first(answer, tmp_path):
    """A report that could not be written is said before anything is graded."""
    path = answer(UNSCALED)
    for output in (tmp_path / "missing" / "report.json", tmp_path):
        assert grade("exercise", "3", "-s", path, "--output", output).returncode == 2


@pytest.mark.slow
def test_a_seed_draws_other_inputs(seventh):
    """`--seed` is recorded and changes no verdict of a right answer."""
    assert seventh["seed"] == 7
    assert seventh["score"] == 100


@pytest.mark.slow
def test_the_running_time_is_measured_or_left_out(seventh):
    """With the time, the report has its figures; `--no-speed` leaves it out, says so, and its
    points count neither way."""
    timed = json.loads(grade("exercise", "3", "-s", REFERENCE, "-f", "json").stdout)
    assert (timed["score"], timed["timing"]["device"]) == (100, "cpu")
    assert timed["timing"]["vs_reference"]["ratio"] > 0
    assert timed["note"] is None
    quick = seventh
    assert quick["timing"] is None
    assert "--no-speed" in quick["note"]
    assert (quick["score"], quick["max_score"], quick["status"]) == (100, 100, "passed")
    names = [{result["name"] for result in report["properties"]} for report in (timed, quick)]
    assert names[0] - names[1] == {"test_speed"}


@pytest.mark.slow
def test_a_gpu_that_is_not_there_is_said():
    """`--device cuda` without one is a usage error, not a grade."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    done = grade("exercise", "3", "-s", REFERENCE, "--device", "cuda")
    assert done.returncode == 2
    assert "no CUDA device" in done.stderr


@pytest.mark.slow
def test_the_same_grading_gives_the_same_text(noisy):
    """Graded twice, a submission gets one score and one text, the times aside."""
    path, first = noisy
    again = grade("exercise", "3", "-s", path, "-f", "json")
    texts = {re.sub(r'"seconds": [\d.]+', "", done.stdout) for done in (first, again)}
    assert len(texts) == 1


@pytest.mark.slow
def test_a_notebook_gets_the_verdict_of_its_code(noisy, tmp_path):
    """The same code as a file and as a notebook has the same score and the same failures."""
    notebook = nbformat.v4.new_notebook()
    first, second = NOISY.split("def attention(", 1)
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# My answer"),
        nbformat.v4.new_code_cell("%matplotlib inline\n" + first),
        nbformat.v4.new_code_cell("def attention(" + second + "\nattention_scores(1, 2)"),
    ]
    path = tmp_path / "answer.ipynb"
    nbformat.write(notebook, path)
    reports = [
        json.loads(done.stdout)
        for done in (grade("exercise", "3", "-s", path, "-f", "json"), noisy[1])
    ]
    results = [
        [(p["name"], p["status"], p["message"], p["counterexample"]) for p in r["properties"]]
        for r in reports
    ]
    assert results[0] == results[1]
    assert reports[0]["misconception"] == reports[1]["misconception"]


@pytest.mark.slow
def test_a_folder_stands_for_the_file_of_the_right_name(tmp_path):
    """`--submission FOLDER` takes the exercise's file in it."""
    reference = ROOT / "solutions" / "ex06_count_conv_params" / "reference.py"
    (tmp_path / "ex06_count_conv_params.py").write_text(reference.read_text())
    assert grade("exercise", "6", "-s", tmp_path).returncode == 0


BAD_INPUT = {
    "missing": None,
    "empty.py": b"",
    "latin.py": "x = 'café'".encode("latin-1"),
    "nul.py": b"x = 1\0",
    "large.py": b"#" * ((1 << 20) + 1),
    "truncated.ipynb": b'{"cells": [{"cell_ty',
    "other.ipynb": b'{"a": 1}',
    "nocode.ipynb": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}),
    "binary.py": bytes(range(256)),
    "words.txt": b"x = 1",
}


# What is wrong with each is asked in test_submission.py; how it is said, here of some.
@pytest.mark.parametrize("name", sample(BAD_INPUT, 3))
def test_bad_input_gets_a_clear_error(name, tmp_path):
    """What is no Python text or notebook: one or two lines, exit code 2, nothing graded."""
    content = BAD_INPUT[name]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = grade("exercise", "3", "-s", path, "--format", "json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert 1 <= len(done.stderr.strip().splitlines()) <= 2
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_no_course_is_said(tmp_path):
    """`--course` with a folder that has no course file is a usage error."""
    done = grade("list", "--course", tmp_path)
    assert done.returncode == 2
    assert "course.toml" in done.stderr


def test_a_folder_without_a_match_is_said(tmp_path):
    """`--submission` with a folder that lacks the exercise's file is a usage error."""
    done = grade("exercise", "3", "-s", tmp_path)
    assert done.returncode == 2
    assert "ex03_attention_scoring" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def attention_scores(queries, keys)\n    return 1\n", "def attention_scores"),
        ("import torch\nx = undefined\n", "x = undefined"),
        ("x = 1\nraise SystemExit\n", "raise SystemExit"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_graded(source, line, answer):
    """A syntax error or a failing import scores 0 with exit code 1, and shows the line."""
    done = grade("exercise", "3", "-s", answer(source))
    assert done.returncode == 1
    assert "0 / 100  failed" in done.stdout
    assert line in done.stdout
    assert "grader/" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_forbidden_builtin_is_rejected_with_its_line(answer):
    """The report of a rejected submission names the line and the built-in."""
    source = "from torch.nn.functional import scaled_dot_product_attention as attend\n" + (
        UNSCALED.replace("return weights @ values", "return attend(queries, keys, values)")
    )
    done = grade("exercise", "3", "-s", answer(source))
    assert done.returncode == 1
    assert "rejected" in done.stdout
    assert "return attend(queries, keys, values), weights" in done.stdout


def test_completion_offers_the_exercises():
    """The shell completes numbers and slugs."""
    done = grade(
        "exercise",
        "att",
        _GRADE_COMPLETE="complete_bash",
        COMP_WORDS="grade exercise att",
        COMP_CWORD="2",
    )
    assert "attention_scoring" in done.stdout


@pytest.mark.slow
def test_pytest_and_grade_agree(noisy, forkserver, monkeypatch, capfd):
    """`pytest properties.py --submission FILE` finds what `grade exercise` finds."""
    path, done = noisy
    report = json.loads(done.stdout)
    # In this process, which has torch already.
    monkeypatch.setattr(grading, "Grading", partial(grading.Grading, forkserver=forkserver))
    monkeypatch.chdir(ROOT)
    options = ("-rA", "-p", "no:cacheprovider", "-p", "no:xdist")
    returned = pytest.main([*options, str(ROOM / "properties.py"), "--submission", str(path)])
    printed, _ = capfd.readouterr()
    assert returned == 1
    assert f"{report['score']} of 100 points: {report['status']}" in printed
    for result in report["properties"]:
        word = {"passed": "PASSED", "failed": "FAILED"}.get(result["status"])
        if word:
            assert re.search(rf"{word} \S*::{result['name']}\b", printed)
    assert report["misconception"]["explanation"] in printed


@pytest.mark.slow
@pytest.mark.parametrize("source", ["stub", "syntax"])
def test_pytest_has_the_exit_codes_of_grade(source, answer):
    """Less than full marks 1, also where nothing had to run. (Full marks 0: `test_by_pytest` of
    test_surroundings.py.)"""
    path = STUB if source == "stub" else answer("def f(:\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         str(ROOM / "properties.py"), "--submission", str(path)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout


@pytest.mark.slow
def test_show_plot_draws_the_reference_and_who_passes(tmp_path):
    """`grade show 3 --plot`: the reference's picture; an answer's beside it once it passes."""
    untouched = call("show", "3", "--plot")  # in this process, which has torch already
    assert untouched.exit_code == 0
    assert "attention weights" in untouched.stdout
    assert "Yours is untouched" in untouched.stdout
    room = ROOT / "solutions" / "ex03_attention_scoring"
    right = grade("show", "3", "--plot", "--submission", room / "right" / "einsum.py")
    heading = next(line for line in right.stdout.splitlines() if "reference" in line)
    assert heading.split() == ["reference", "yours"]
    path = tmp_path / "wrong.py"
    path.write_text(wrong_answers(room)[0].source)
    wrong = grade("show", "3", "--plot", "-s", path)
    assert "Yours is not right yet" in wrong.stdout
    assert "grade exercise 3" in wrong.stdout


def test_show_plot_of_a_file_that_is_not_there(tmp_path):
    """A submission that is named and missing is said to be, and nothing is drawn."""
    done = call("show", "3", "--plot", "--submission", tmp_path / "absent.py")
    assert isinstance(done.exception, UsageError)
    assert "absent.py" in done.exception.problem
    assert done.stdout == ""


def test_show_plot_of_an_exercise_without_a_picture():
    """Where there is nothing to draw, it says so."""
    done = call("show", "6", "--plot")
    assert isinstance(done.exception, UsageError)
    assert "Exercise 6 has nothing to draw" in done.exception.problem
    assert done.stdout == ""


def test_no_words_at_all_show_what_there_is():
    """`grade` alone is no mistake that ends in a traceback."""
    done = grade()
    assert "Usage: grade" in done.stdout
    assert done.stderr == ""


@pytest.mark.slow
def test_nothing_is_left_of_a_command_that_grades_nothing():
    """Torch is imported while the command line is read; where it was not needed, that ends too."""
    watched = """
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # whoever loses its parent comes to this process
done = subprocess.run([sys.executable, "-m", "grader", "exercise", "--no-such-option"])
with open(f"/proc/self/task/{os.getpid()}/children") as children:
    print(done.returncode, children.read().split())
"""
    done = subprocess.run([sys.executable, "-c", watched], capture_output=True, text=True)
    assert done.stdout.strip() == "2 []", done.stdout + done.stderr


def test_what_is_begun_ahead_is_taken_once(monkeypatch):
    """By whoever asks first; who asks next has another, and nothing is begun by a wrong name."""
    monkeypatch.setenv(origin.VARIABLE, origin.EXECUTED)  # which starts nothing before it is asked
    origin.begin_ahead()
    first, second = origin.begin(), origin.begin()
    assert first is not second
    monkeypatch.setenv(origin.VARIABLE, "spawned")
    origin.begin_ahead()
    with pytest.raises(UsageError):
        origin.begin()
