"""What a system that runs `grade` finds: the results file, at any moment, and the exit code."""

import base64
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import GRADE
from typer.testing import CliRunner

from grader import cli, formats
from grader.cli.options import Format
from grader.cli.results import Results, exit_code
from grader.course import model as course
from grader.errors import UsageError
from grader.report import Report, Status

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "docs" / "examples"
UNTOUCHED = ROOT / "exercises" / "ex06_count_conv_params.py"


def report(status: Status, number: int = 6) -> Report:
    """A report without properties; with all points or with none."""
    return Report(
        number=number,
        slug="count_conv_params",
        title="Counting",
        path="a.py",
        sha256="",
        status=status,
        score=100 if status is Status.PASSED else 0,
        max_score=100,
        reason=None if status is Status.PASSED else "because",
    )


UNFINISHED = report(Status.UNGRADED)
DONE = report(Status.PASSED)


def command(*arguments: object) -> list[str]:
    return [*GRADE, "exercise", *map(str, arguments)]


def call(*arguments: object):
    """`grade exercise` in this process, for runs that end before anything is computed."""
    return CliRunner().invoke(cli.app, ["exercise", *map(str, arguments)])


@pytest.fixture(autouse=True)
def _outside_of_github(monkeypatch):
    """What GitHub Actions would read from these tests, were they run there, is none of its."""
    for name in [name for name in os.environ if name.startswith("GITHUB_")]:
        monkeypatch.delenv(name)


# The file


@pytest.fixture
def patient_course(tmp_path):
    """Exercises 6 and 3 of the course, with ten minutes for each."""
    folder = tmp_path / "course"
    entries = []
    for number in ("6", "3"):
        exercise = course.load(ROOT).exercise(number)
        shutil.copytree(exercise.room, folder / "solutions" / exercise.stem)
        entries.append(
            f"[[parts.exercises]]\nnumber = {number}\nslug = '{exercise.slug}'\n"
            f"title = '{exercise.title}'\nfunctions = {list(exercise.functions)}\n"
        )
    (folder / "exercises").mkdir()
    (folder / "exercises" / "course.toml").write_text(
        "title = 'Patient'\n[limits]\nproperty_seconds = 600\nsubmission_seconds = 600\n"
        "[[parts]]\ntitle = 'All'\n" + "".join(entries)
    )
    return folder


@pytest.mark.slow
def test_a_killed_run_leaves_a_valid_file_with_no_more_points_than_reached(
    patient_course, tmp_path
):
    """SIGKILL while an exercise hangs: the one before has its points, it has none."""
    submitted, results = tmp_path / "submitted", tmp_path / "results"
    submitted.mkdir()
    results.mkdir()
    reference = patient_course / "solutions" / "ex06_count_conv_params" / "reference.py"
    shutil.copy(reference, submitted / "ex06_count_conv_params.py")
    (submitted / "ex03_attention_scoring.py").write_text("while True:\n    pass\n")
    output = results / "results.json"
    process = subprocess.Popen(
        [*command("6", "3", "-s", submitted, "-f", "gradescope", "-o", output),
         "--course", str(patient_course)],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while process.poll() is None:
            if output.exists() and json.loads(output.read_text())["score"] == 100:
                break
            time.sleep(0.01)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    content = json.loads(output.read_text())
    assert content["score"] == 100
    assert content["tests"][-1]["name"] == "This exercise could not be graded."
    assert "The grading did not finish." in content["output"]
    assert list(results.iterdir()) == [output]


@pytest.mark.parametrize("format_", list(Format))
def test_the_file_is_there_from_the_first_second(format_, tmp_path, monkeypatch):
    """In every format it says that the grading did not finish, and then what was found."""
    for name in ("CLASSROOM", "ASSIGNMENT", "OWNER", "COMMIT_URL", "RELEASE_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("SUBMISSION_TAG", "submit/x")
    output = tmp_path / "results"
    results = Results(format_, output, [UNFINISHED])
    before = output.read_text()
    results.add(DONE)
    after = output.read_text()
    assert results.finish() == 0
    assert output.read_text() == after != before
    if format_ is Format.GITHUB_CLASSROOM:
        before, after = (base64.b64decode(text).decode() for text in (before, after))
    if format_ is not Format.PRAIRIELEARN:
        assert "because" in before
    assert "because" not in after
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_a_results_file_of_an_earlier_run_is_replaced_at_once(tmp_path):
    """It could be taken for this run's, should this one fail."""
    output = tmp_path / "report.json"
    output.write_text(json.dumps(DONE.as_json()))
    done = call("6", "--submission", __file__ + "x", "-f", "json", "-o", output)
    assert isinstance(done.exception, UsageError)
    (tmp_path / "empty.py").write_text("")
    done = call("6", "--submission", tmp_path / "empty.py", "-f", "json", "-o", output)
    assert isinstance(done.exception, UsageError)
    assert json.loads(output.read_text())["status"] == "ungraded"


def test_a_link_stays_a_link(tmp_path):
    """The file that it leads to is replaced."""
    (tmp_path / "real").mkdir()
    link = tmp_path / "results.json"
    link.symlink_to(tmp_path / "real" / "results.json")
    results = Results(Format.JSON, link, [UNFINISHED])
    results.add(DONE)
    results.finish()
    assert link.is_symlink()
    assert json.loads((tmp_path / "real" / "results.json").read_text())["score"] == 100


def test_a_pipe_gets_the_report_once(tmp_path):
    """What cannot be replaced is written to at the end."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    results = Results(Format.JSON, pipe, [UNFINISHED])
    results.add(DONE)
    results.finish()
    content = b"".join(iter(lambda: os.read(reader, 65536), b""))
    os.close(reader)
    assert json.loads(content)["score"] == 100


def test_a_format_that_lacks_something_says_so_before_anything_is_graded(monkeypatch):
    """Classroom 50's result needs to know whose it is."""
    monkeypatch.delenv("CLASSROOM", raising=False)
    with pytest.raises(UsageError, match="CLASSROOM"):
        Results(Format.CLASSROOM50, None, [UNFINISHED])


# GitHub's files


def test_the_step_summary_is_appended(tmp_path, monkeypatch, capsys):
    """What an earlier command wrote there stays; the annotations go to standard output."""
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    results = Results(Format.GITHUB, None, [UNFINISHED])
    results.add(report(Status.REJECTED))
    assert results.finish() == 1
    text = summary.read_text()
    assert text.startswith("# Before\n")
    assert "## Exercise 6. Counting: 0 / 100, rejected" in text
    assert capsys.readouterr().out.startswith("::error file=a.py,")


def test_the_step_output_holds_the_last_result(tmp_path, monkeypatch):
    """GitHub takes the last line; before the end that is one that did not finish."""
    path = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    results = Results(Format.GITHUB_CLASSROOM, None, [UNFINISHED])

    def statuses():
        lines = path.read_text().splitlines()
        return [json.loads(base64.b64decode(re.sub("^result=", "", x)))["status"] for x in lines]

    assert statuses() == ["error"]
    results.add(DONE)
    results.finish()
    assert statuses() == ["error", "pass"]


# Exit codes


def table(text: str) -> dict[str, tuple[int, ...]]:
    """The exit codes of each format, from the rows of docs/formats.md."""
    rows = re.findall(r"^\| `([\w-]+)` \|.*\| (\d) \| (\d) \| (\d) \|$", text, re.MULTILINE)
    return {name: tuple(map(int, codes)) for name, *codes in rows}


def test_exit_codes_are_those_of_the_documentation():
    """Every format has its row, and the program keeps to it."""
    documented = table((ROOT / "docs" / "formats.md").read_text())
    for format_ in Format:
        codes = tuple(
            int(exit_code(format_, [DONE, report(status)]))
            for status in (Status.PASSED, Status.PARTIAL, Status.UNGRADED)
        )
        assert codes == documented.pop(format_.value), format_
    assert not documented


@pytest.mark.parametrize("status", Status)
def test_what_is_not_full_marks_fails_a_step_of_ci(status):
    """Whatever the reason."""
    assert (exit_code(Format.GITHUB, [DONE, report(status)]) == 0) == (status is Status.PASSED)


@pytest.mark.slow
def test_a_fault_of_ours_is_no_fault_of_the_students(tmp_path):
    """An exception in the grader is a report that says so, exit code 2, and a traceback for us."""
    shutil.copytree(ROOT / "tests" / "example_course", tmp_path, dirs_exist_ok=True)
    room = tmp_path / "solutions" / "ex01_rms_norm"
    (room / "reference.py").write_text("raise RuntimeError('the reference is gone')\n")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "grader", "exercise", "1", "--course", tmp_path),
            *("-s", room / "right" / "by_norm.py", "-f", "json"),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["status"] == "ungraded"
    assert "the reference is gone" in json.loads(done.stdout)["reason"]
    assert "Traceback" in done.stderr


# Several exercises, and what is no submission


def test_several_exercises_make_one_report():
    """Each named once, in the order in which they are named."""
    done = call("6", "3", "count_conv_params", "-s", ROOT / "exercises", "-f", "json")
    assert [each["exercise"]["number"] for each in json.loads(done.stdout)] == [6, 3]
    assert done.exit_code == 1


def test_all_exercises_are_graded(patient_course):
    """`all` stands for every exercise of the course."""
    done = call("all", "-s", ROOT / "exercises", "-f", "csv", "--course", patient_course)
    numbers = [int(row["exercise"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert numbers == [each.number for each in course.load(patient_course).exercises] == [6, 3]


def test_what_a_system_has_graded_is_no_attempt_of_a_learners(tmp_path, monkeypatch):
    """Gradescope's container keeps no history; whoever works through the course does."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("GRADE_HISTORY", str(tmp_path))
    call("6", "-s", UNTOUCHED, "-f", "gradescope")
    call("6", "-s", UNTOUCHED, "--device", "simulated")  # what an author tries is none either
    assert not list(tmp_path.iterdir())
    call("6", "-s", UNTOUCHED, "-f", "json")
    assert list(tmp_path.iterdir())


def test_several_for_a_person_end_with_the_sum():
    """Each report as ever, then the points together."""
    done = call("6", "3", "-s", ROOT / "exercises")
    assert done.stdout.index("Exercise 6.") < done.stdout.index("Exercise 3.")
    assert done.stdout.rstrip().endswith("0 / 200 together")


@pytest.mark.parametrize("format_", ["gradescope", "junit", "github", "prairielearn"])
def test_a_system_is_told_why_a_file_is_no_submission(format_, tmp_path):
    """A student sees nothing but the results: what is no Python text is a zero with its reason."""
    (tmp_path / "ex06_count_conv_params.py").write_bytes(b"\xff\xfe")
    done = call("6", "-s", tmp_path, "-f", format_)
    assert "UTF-8" in done.stdout
    assert done.exit_code == (1 if format_ in ("junit", "github") else 0)


def test_a_missing_file_among_several_costs_itself_alone(tmp_path):
    """The others are graded."""
    (tmp_path / UNTOUCHED.name).write_text(UNTOUCHED.read_text())
    done = call("3", "6", "-s", tmp_path, "-f", "json")
    missing, untouched = json.loads(done.stdout)
    assert (missing["status"], untouched["status"]) == ("failed", "not_started")
    assert "holds neither ex03_attention_scoring.py" in missing["reason"]


@pytest.mark.parametrize("arguments", [("6", "-s", "nowhere"), ("3", "6", "-s", UNTOUCHED)])
def test_a_path_that_cannot_be_meant_is_a_usage_error(arguments):
    """A folder that is not there is the workflow's mistake, and no zero."""
    done = call(*arguments, "-f", "gradescope")
    assert isinstance(done.exception, UsageError)


# The examples in docs/


def shape(value: object) -> object:
    """What stays the same from machine to machine: keys, names, points, but not the times."""
    if isinstance(value, dict):
        kept = (
            "score",
            "max_score",
            "max-score",
            "status",
            "passed",
            "name",
            "test-name",
            "schema",
        )
        return {k: v if k in kept else shape(v) for k, v in value.items() if k != "sandbox"}
    if isinstance(value, list):
        return [shape(each) for each in value]
    return type(value).__name__ if value is not None else "null"


@pytest.mark.slow
def test_the_examples_in_docs_are_what_the_program_writes(grade_source, monkeypatch):
    """Graded again, the submission in docs/examples gives the files beside it. Where a change is
    meant, docs/examples/README.md says how to write them anew."""
    recipe = (EXAMPLES / "README.md").read_text()
    for name, value in re.findall(r"\b([A-Z]\w+)=(\S+)", recipe):
        monkeypatch.setenv(name, value)
    sources = sorted((EXAMPLES / "submission").glob("*.py"))
    reports = [grade_source(source.stem, source.read_text()) for source in sources]
    for form, example in (
        ("gradescope", "gradescope/results.json"),
        ("classroom50", "classroom50/result.json"),
    ):
        assert f"--format {form} --output {example}" in recipe
        kept = json.loads((EXAMPLES / example).read_text())
        assert shape(json.loads(formats.render(form, reports))) == shape(kept)


# One property alone, everything in full


def test_a_property_that_is_not_there_is_a_usage_error():
    """With the names of those that are, before anything is graded."""
    refusal = call("3", "--only", "nothing").exception
    assert isinstance(refusal, UsageError)
    assert refusal.problem == "Exercise 3 has no property `nothing` to try."
    assert "test_scores, test_output" in refusal.advice


@pytest.mark.parametrize(
    "arguments", [("3", "--format", "gradescope"), ("3", "--format", "junit"), ("3", "4")]
)
def test_no_system_takes_one_property_for_a_grade(arguments):
    """--only is for a person, and for one exercise."""
    refusal = call(*arguments, "--only", "test_scores").exception
    assert isinstance(refusal, UsageError)
    assert refusal.problem.startswith("--only tries one property of one exercise")


@pytest.mark.slow
def test_one_property_alone_is_no_attempt(tmp_path):
    """It is tried whatever it needs, shown in full, and not remembered."""
    reference = course.load(ROOT).exercise("6").room / "reference.py"
    answer = tmp_path / "answer.py"
    answer.write_text(reference.read_text().replace(" + bias", ""))
    history = tmp_path / "history"
    done = subprocess.run(
        [*command("6", "-s", answer, "--only", "square")],
        cwd=ROOT,
        env={**os.environ, "GRADE_HISTORY": str(history)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "test_square" in done.stdout
    assert "this is no grade" in done.stdout
    assert "more to be tried" not in done.stdout
    assert not history.exists() or not list(history.iterdir())
