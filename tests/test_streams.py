"""What is printed and written, whatever the encoding, the terminal, the pipe and the disk."""

import contextlib
import csv
import io
import itertools
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from commands import GRADE
from quality import WHOLE, sample

from grader.errors import UsageError
from grader.judge.wrong import wrong_answers
from grader.writing import put

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "solutions" / "ex03_attention_scoring"
REFERENCE = ROOM / "reference.py"
BY_LOCALE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
ENCODINGS = ["ascii", "cp1252", "latin-1", "gbk", "euc-jp", "cp437", "utf-16", "utf-8"]
SURROUNDINGS = [*({"PYTHONIOENCODING": each} for each in ENCODINGS), BY_LOCALE]
FORMATS = ["html", "json", "csv", "markdown", "junit", "gradescope", "github", "prairielearn"]


def grade(*arguments, cwd=ROOT, stdout=subprocess.PIPE, limit=None, **variables):
    """Run the real program; `limit` is how many bytes the system lets a file have."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "FORCE_"))}

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd,
        env={**environment, "COLUMNS": "80", **variables},
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=full if limit is not None else None,
        timeout=120,
    )


def refused(done) -> str:
    """What is said by a command that could not do what it should; nothing of it is a traceback."""
    said = done.stderr.decode("utf-8", "replace")
    assert done.returncode == 2, said
    assert said.startswith("grade: ")
    assert "Traceback" not in said
    return said


# --- encodings ------------------------------------------------------------------------------------

READ = {
    "list": 0, "progress": 0, "next": 0, "show 3": 0, "hint 3": 0, "--help": 0,
    "exercise --help": 0, "exercise 3": 1, "solution 3 --give-up": 0, "list --lang zh": 0,
    "exercise 3 --lang zh": 1, "exercise 99": 2, "nonsense": 2,
}  # fmt: skip


# In the suite each command meets one encoding or two, and each encoding one command or two.
@pytest.mark.parametrize(
    ("variables", "command"),
    sample(itertools.product(SURROUNDINGS, READ), 8),
    ids=lambda each: each if isinstance(each, str) else each.get("PYTHONIOENCODING", "C"),
)
def test_no_encoding_ends_a_command(variables, command, tmp_path):
    """Whatever a learner reads comes out in every encoding, as near as it goes."""
    done = grade(*command.split(), **variables, GRADE_HISTORY=str(tmp_path))
    assert b"Traceback" not in done.stderr, done.stderr
    assert done.returncode == READ[command], done.stderr
    assert done.stdout or done.stderr


@pytest.mark.slow
def test_marks_have_something_near_them_in_ascii(tmp_path):
    """A graded report is readable where the encoding has none of its marks."""
    wrong = tmp_path / "answer.py"
    wrong.write_text(next(each.source for each in wrong_answers(ROOM) if each.name == "detached"))
    done = grade("exercise", "3", "-s", wrong, "--no-speed", PYTHONIOENCODING="ascii")
    text = done.stdout.decode("ascii")
    assert done.returncode == 1
    assert "+ 15/15 Each score" in text
    assert "x  0/10 Gradients" in text or "x 0/10 Gradients" in text
    assert "=====" in text
    assert "?" not in text


def test_who_chose_no_language_gets_one_that_can_be_shown():
    """With a Chinese locale and a terminal that has no Chinese, it speaks English."""
    locale = {"LC_ALL": "zh_CN.UTF-8"}
    assert b"Attention scoring" in grade("list", **locale, PYTHONIOENCODING="latin-1").stdout
    assert "注意力" in grade("list", **locale, PYTHONIOENCODING="gbk").stdout.decode("gbk")


def test_question_marks_are_explained():
    """Who asks for Chinese where it cannot be shown is told how it could be."""
    done = grade("list", "--lang", "zh", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert b"PYTHONIOENCODING=utf-8" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("format_", sample(FORMATS, 2))
def test_what_programs_read_is_utf8(format_, tmp_path):
    """A report for a program is the same on standard output as in a file, in every encoding."""
    file = tmp_path / "report"
    command = ["exercise", "3", "--format", format_]
    grade(*command, "-o", file)
    stdout = grade(*command, PYTHONIOENCODING="cp1252").stdout
    assert _steady(stdout) == _steady(file.read_bytes())
    stdout.decode("utf-8")


def _steady(data: bytes) -> bytes:
    """Without figures: how long it took is in some of them."""
    return re.sub(rb"[\d.]+", b"", data)


# --- writes that fail -----------------------------------------------------------------------------

# Each second prints in another way than those before it.
COMMANDS = [
    "list", "next", "show 3", "hint 3", "show 3 --plot", "progress", "doctor", "--version",
    "--help", "exercise --help", "exercise 3", "exercise 3 9", "exercise 3 -f json",
    "exercise 3 -f html", "solution 3 --give-up", "similar {class} --course {course}",
    "similar {class} -f json --course {course}", "validate --translations 3",
]  # fmt: skip


@pytest.fixture
def handed_in(tmp_path):
    """A class of two, and the course that it takes."""
    course = ROOT / "tests" / "example_course"
    answer = course / "solutions" / "ex01_rms_norm" / "reference.py"
    for student in ("ada", "bob"):
        folder = tmp_path / "class" / student
        folder.mkdir(parents=True)
        (folder / "ex01_rms_norm.py").write_text(answer.read_text())
    return {"class": str(tmp_path / "class"), "course": str(course)}


@pytest.mark.slow
@pytest.mark.parametrize("command", sample(COMMANDS, 2))
def test_a_full_disk_is_one_sentence(command, handed_in, tmp_path):
    """Output that cannot be written is exit code 2, and says why in one line."""
    words = [word.format(**handed_in) for word in command.split()]
    with open("/dev/full", "wb") as full:
        done = grade(*words, stdout=full, GRADE_HISTORY=str(tmp_path))
    assert "No space left on device" in refused(done)
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("command", ["list", "--help", "exercise 3 -f json", "show 3"])
def test_a_closed_pipe_is_one_sentence(command):
    """So is a reader that has gone; it is not the code of a wrong answer."""
    reading, writing = os.pipe()
    os.close(reading)
    done = grade(*command.split(), stdout=writing)
    os.close(writing)
    assert "Broken pipe" in refused(done)


def test_a_closed_output_is_one_sentence():
    """So is standard output that was closed; no other file takes its place."""
    command = f"exec {sys.executable} -m grader list >&-"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, stderr=subprocess.PIPE)
    assert "cannot be written" in refused(done)


@pytest.mark.slow
def test_a_full_standard_error_changes_nothing(tmp_path):
    """Where even errors cannot be written, the code is still right."""
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "grader", "exercise"]
        for name, code in {"3": 1, "99": 2}.items():
            assert subprocess.run([*command, name], cwd=ROOT, stderr=full).returncode == code


PLACES = {
    "a full disk": "/dev/full",
    "a folder": "{folder}",
    "no folder": "{folder}/none/report",
    "below a file": "{folder}/file/report",
    "a link in a circle": "{folder}/circle",
}
# Each place with one of the formats, which change; with both where quality is asked for.
IN_TURN = [
    (place, format_)
    for n, place in enumerate(PLACES)
    for m, format_ in enumerate(("terminal", "json"))
    if WHOLE or n % 2 == m
]


@pytest.fixture
def places(tmp_path):
    """Where nothing can be written."""
    (tmp_path / "file").write_text("kept")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    return lambda place: Path(PLACES[place].format(folder=tmp_path))


@pytest.mark.parametrize(("place", "format_"), IN_TURN)
def test_a_report_that_cannot_be_written_is_said(place, format_, places):
    """Whatever is in the way of the file, the code is 2 and nothing is a traceback."""
    refused(grade("exercise", "3", "-f", format_, "-o", places(place)))


@pytest.mark.slow
@pytest.mark.parametrize("place", sample(PLACES, 2))
def test_other_files_that_cannot_be_written_are_said(place, places, handed_in):
    """So it is with what other commands write."""
    to = places(place)
    refused(grade("similar", handed_in["class"], "-f", "html", "-o", to))
    refused(grade("notebook", "3", "-o", to.with_name(f"{to.name}.d") / "mine.ipynb"))
    if place not in ("a folder", "no folder"):  # these make the folders that they need
        refused(grade("init", to / "mine"))
        refused(grade("new", "mask", "--course", to / "course"))
        refused(grade("class", handed_in["class"], "-o", to / "out"))


def test_a_disk_that_fills_up_leaves_what_was_there(tmp_path):
    """A report that no longer fits leaves the file as it was, and is printed instead."""
    file = tmp_path / "report.json"
    command = ["exercise", "3", "-f", "json", "-o", file]
    file.write_text("before")
    done = grade(*command, limit=64)
    refused(done)
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_graded_report_that_cannot_be_written_is_printed(tmp_path):
    """What was graded is not lost with the file that it was for."""
    done = grade("exercise", "3", "-f", "json", "-o", "/dev/full")
    said = refused(done)
    assert "printed instead" in said
    assert json.loads(done.stdout)["status"] == "not_started"


def test_what_was_graded_is_remembered_though_nothing_can_be_printed(tmp_path):
    """A full disk under the output loses no attempt."""
    with open("/dev/full", "wb") as full:
        grade("exercise", "3", stdout=full, GRADE_HISTORY=str(tmp_path))
    (history,) = tmp_path.glob("*.sqlite")
    import sqlite3

    with sqlite3.connect(history) as db:
        assert db.execute("SELECT slug FROM attempts").fetchall() == [("attention_scoring",)]


@pytest.mark.slow
def test_a_table_that_cannot_be_written_loses_no_grade(tmp_path, handed_in):
    """A folder in a table's place is said; the other tables and the gradebook hold the grades."""
    output = tmp_path / "out"
    command = ["class", handed_in["class"], "-o", output, "--course", handed_in["course"]]
    assert grade(*command).returncode == 0
    (output / "gradebook.csv").unlink()
    (output / "gradebook.csv").mkdir()
    (output / "canvas.csv").mkdir()
    done = grade(*command, "--csv", "moodle")
    assert "gradebook.csv" in refused(done)
    assert "same command again" in done.stderr.decode()
    (output / "gradebook.csv").rmdir()
    assert grade(*command).returncode == 0
    rows = list(csv.reader(io.StringIO((output / "gradebook.csv").read_text())))
    assert [row[1] for row in rows] == ["ex01_rms_norm", "100", "100"]


@pytest.mark.parametrize(
    ("named", "place"),
    sample(
        itertools.product(
            (("github", "GITHUB_STEP_SUMMARY"), ("github-classroom", "GITHUB_OUTPUT")),
            ("a full disk", "a folder", "no folder"),
        ),
        2,
    ),
)
def test_results_of_github_that_cannot_be_written_are_said(named, place, places):
    """The files that GitHub Actions names are written to like any other."""
    format_, variable = named
    refused(grade("exercise", "3", "-f", format_, **{variable: str(places(place))}))


# --- terminals ------------------------------------------------------------------------------------


WIDTHS = ["1", "-5", "0", "many", "20", "", "9", "00"]
LAID_OUT = ["list", "next", "show 3", "hint 3", "progress", "exercise 3", "--help",
            "show 3 --plot", "show 4 --plot"]  # fmt: skip


# In the suite each command gets one width, and each width one command or two.
@pytest.mark.slow
@pytest.mark.parametrize(("columns", "command"), sample(itertools.product(WIDTHS, LAID_OUT), 8))
def test_no_width_is_too_odd(columns, command, tmp_path):
    """A width of 0 is one that nobody knows; any other is made the best of."""
    done = grade(*command.split(), COLUMNS=columns, GRADE_HISTORY=str(tmp_path))
    assert done.returncode == (command == "exercise 3"), done.stderr
    assert len(done.stdout.split()) > 10


def test_a_width_need_not_be_said():
    """Mostly nobody says it."""
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "grader", "list"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_line_of_progress_fits_the_terminal():
    """It says for how long it has been going on, and never fills the line."""
    shown = _on_terminal(60, "exercise", "3", "-s", REFERENCE, "--no-speed")
    parts = re.findall(r"\r\x1b\[2K([^\r\n\x1b]*)", shown)
    assert re.fullmatch(r"exercise 3: starting \.\.\. 0 s", parts[0])
    assert any(re.match(r"\d+ s, 3 tried: \w", part) for part in parts)
    assert max(map(len, parts)) == 59
    assert "100 / 100" in shown


@pytest.mark.slow
def test_the_line_of_progress_goes_on_while_nothing_happens(tmp_path):
    """While a call does not come back, the seconds are told all the same."""
    course = shutil.copytree(ROOT / "tests" / "example_course", tmp_path / "course")
    file = course / "exercises" / "course.toml"
    limits = "[limits]\nproperty_seconds = 6\n\n[[parts]]"
    file.write_text(file.read_text().replace("[[parts]]", limits, 1))
    answer = tmp_path / "ex01_rms_norm.py"
    answer.write_text("import time\ndef rms_norm(x, weight, eps=1e-6):\n    time.sleep(1000)\n")
    shown = _on_terminal(60, "exercise", "1", "-s", answer, "--course", course)
    seconds = set(map(int, re.findall(r"starting \.\.\. (\d+) s", shown)))
    assert len(seconds) > 3


def _on_terminal(columns: int, *arguments: object) -> str:
    """What a terminal of that width is sent."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "CI")}
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", *map(str, arguments)],
        cwd=ROOT,
        env={**environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    pieces = []
    with contextlib.suppress(OSError):  # the end of a terminal
        while piece := os.read(ours, 1 << 16):
            pieces.append(piece)
    os.close(ours)
    process.wait()
    return b"".join(pieces).decode()


# --- one file -------------------------------------------------------------------------------------


def test_a_file_is_written_through_a_link(tmp_path):
    """A link stays one, and what it leads to is replaced in one piece."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("before")
    link.symlink_to(real)
    put(link, "after")
    assert link.is_symlink()
    assert real.read_text() == "after"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]


def test_characters_that_no_file_can_hold_are_replaced(tmp_path):
    """Half a character, as file names may have, becomes a question mark."""
    put(tmp_path / "file", "a\udcffb")
    assert (tmp_path / "file").read_text() == "a?b"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every file")
def test_a_read_only_file_is_left_alone(tmp_path):
    """A file that its owner has closed to writing is not replaced by another."""
    file = tmp_path / "file"
    file.write_text("before")
    file.chmod(0o400)
    with pytest.raises(UsageError, match="cannot be written"):
        put(file, "after")
    assert file.read_text() == "before"
