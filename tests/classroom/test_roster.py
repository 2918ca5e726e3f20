"""Which file is whose answer to which exercise, however a class hands in."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
import synthetic

from grader.classroom.received import roster
from grader.course import model as course
from grader.errors import UsageError
from grader.submission import limited, naming
from grader.systems.here import SYSTEM

pytestmark = pytest.mark.usefixtures("within_limits")

COURSE = course.load(course.bundled())
EXERCISES = COURSE.exercises
STUB = COURSE.exercise("3").stub.read_bytes()
THREE = b"def attention_scores(q, k):\n    return q\n\ndef attention(q, k, v):\n    return v\n"
SIX = b"def count_conv_params(i, o, k):\n    return 7\n"


# Python's parser is quadratic in it.
LONG = 'z = f"' + "{x}" * 200_000 + '"\n'


@pytest.fixture
def folder(tmp_path):
    """Write files and give their folder."""

    def write(**files: bytes):
        return fill(files)

    def fill(files: dict[str, bytes]):
        for name, data in files.items():
            path = tmp_path / "class" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return tmp_path / "class"

    return fill


def answers(folder, *numbers: int, pattern: str | None = None) -> dict[tuple[str, int], str]:
    wanted = [COURSE.exercise(str(number)) for number in numbers] or None
    found = roster.discover(folder, EXERCISES, wanted, pattern)
    return {(a.student, a.exercise.number): a.file.path for a in found.answers}


NAMED = {
    "ex03_attention_scoring.py": [3],
    "EX03_Attention_Scoring.PY": [3],
    "ex03_attention_scoring-2.py": [3],
    "ex03_attention_scoring (1).ipynb": [3],
    "ex3.py": [3],
    "Exercise 3.ipynb": [3],
    "my_ex_03_final.py": [3],
    "attention_scoring_v2.py": [3],
    "lstm_peephole.py": [21],
    "lstm_step.py": [1],
    "ex03/answer.py": [3],
    "hw/lstm_step/main.py": [1],
    "ex01_and_ex02.ipynb": [1, 2],
    "index3.py": [],
    "complex4.py": [],
    "answer.py": [],
}


@pytest.mark.parametrize("name", NAMED)
def test_a_name_tells_the_exercise(name):
    """The stem, a number after `ex`, the slug, or a folder's name; nothing else."""
    found = naming.by_name(name, EXERCISES)
    assert [e.number for e in EXERCISES if e.slug in found] == NAMED[name]


def test_every_student_has_a_folder_a_file_or_an_archive(folder):
    """The layouts that people use need no option."""
    one = {"ex03_attention_scoring.py": THREE}
    root = folder(
        {
            "ada/ex03_attention_scoring.py": THREE,
            "ada/hw/ex06.ipynb": synthetic.notebook(SIX.decode()),
            "alan.zip": synthetic.zipped(one),
            "barbara/homework.tar.gz": synthetic.tarred({"hw/ex3.py": THREE}),
            "claude_ex03_attention_scoring.py": THREE,
            "grace.ipynb": synthetic.notebook(THREE.decode(), SIX.decode()),
        }
    )
    assert answers(root) == {
        ("ada", 3): "ada/ex03_attention_scoring.py",
        ("ada", 6): "ada/hw/ex06.ipynb",
        ("alan", 3): "alan.zip/ex03_attention_scoring.py",
        ("barbara", 3): "barbara/homework.tar.gz/hw/ex3.py",
        ("claude", 3): "claude_ex03_attention_scoring.py",
        ("grace", 3): "grace.ipynb",
        ("grace", 6): "grace.ipynb",
    }
    assert answers(root, 6).keys() == {("ada", 6), ("grace", 6)}


def test_functions_tell_the_exercise_where_a_name_does_not(folder):
    """A name that holds a slug by chance, or speaks of several, yields to what is in the file."""
    peephole = b"def peephole_lstm_step(x, h, c):\n    return h, c\n"
    both = synthetic.notebook(THREE.decode(), SIX.decode())
    root = folder({"ada/peephole_lstm_step.py": peephole, "alan/ex01-06.ipynb": both})
    assert answers(root).keys() == {("ada", 21), ("alan", 3), ("alan", 6)}


@pytest.mark.parametrize("form", ["py", "ipynb"])
def test_a_file_of_everything_is_read_once(folder, monkeypatch, form):
    """Not once for each exercise: what takes long to read would keep the whole class waiting."""
    asked = []
    ask = limited.ask
    monkeypatch.setattr(limited, "ask", lambda *a: asked.append(a[0].__name__) or ask(*a))
    text = "".join(f"def {name}(*a): pass\n" for each in EXERCISES for name in each.functions)
    text += "".join(f"class {name}: pass\n" for each in EXERCISES for name, _ in each.classes)
    data = text.encode() if form == "py" else synthetic.notebook(text)
    found = roster.discover(folder({f"ada/ex01-40.{form}": data}), EXERCISES)
    assert len(found.answers) == len(EXERCISES)
    for answer in found.answers:
        assert all(f"def {name}(" in answer.submission.source for name in answer.exercise.functions)
    assert asked == (["_without"] if form == "py" else ["_opened", "_assembled_each"])


@pytest.mark.slow
def test_however_many_files_take_long_to_read_a_student_has_one_allowance(folder, monkeypatch):
    """The others' are read as ever."""
    monkeypatch.setattr(limited, "SECONDS", 1)
    monkeypatch.setattr(limited, "ALLOWED", 1.5)
    files = {f"eve/ex{n:02d}.ipynb": synthetic.notebook(LONG) for n in range(1, 9)}
    before = SYSTEM.seconds_of_children()
    found = roster.discover(
        folder({**files, "grace/ex06.ipynb": synthetic.notebook(SIX.decode())}), EXERCISES
    )
    assert SYSTEM.seconds_of_children() - before < 5
    of = {(each.student, each.exercise.number): each.submission for each in found.answers}
    assert all(of["eve", n].is_too_much for n in range(1, 9))
    assert "count_conv_params" in of["grace", 6].source


def test_a_notebook_of_everything_is_graded_one_exercise_at_a_time(folder):
    """What is forbidden in one may be right in another, and lines stay where they are; a function
    that this one's answer uses stays too."""
    six = (
        "import torch\n\ndef count_conv_params(i, o, k):\n"
        "    torch.nn.functional.scaled_dot_product_attention\n    return 7\n"
    )
    shared = "def masked_softmax(x):\n    return x\n"
    three = THREE.decode().replace("return v", "return masked_softmax(v)")
    root = folder({"ada.ipynb": synthetic.notebook(six, shared, three)})
    found = {a.exercise.number: a for a in roster.discover(root, EXERCISES).answers}
    source = found[3].file.submission.source
    assert "scaled_dot" not in source
    assert "masked_softmax" in source
    whole = found[6].file.submission
    assert "scaled_dot" in whole.source
    line = source.split("\n").index("def attention(q, k, v):") + 1
    assert found[3].file.submission.where(line) == "cell 5, line 4"
    assert source.count("\n") == whole.source.count("\n")
    assert found[3].file.sha256 == found[6].file.sha256


def test_where_one_exercise_is_asked_one_file_without_a_name_answers_it(folder):
    """`solution.py` is it, even where it defines something else."""
    root = folder({"ada/solution.py": b"x = 1\n", "alan/ex03.py": THREE})
    assert answers(root, 3) == {("ada", 3): "ada/solution.py", ("alan", 3): "alan/ex03.py"}


def test_an_untouched_stub_gives_way(folder):
    """Who hands in the stub beside the notebook that they worked in meant the notebook."""
    root = folder(
        {
            "ada/ex03_attention_scoring.py": STUB,
            "ada/exercise 3.ipynb": synthetic.notebook(THREE.decode()),
        }
    )
    assert answers(root) == {("ada", 3): "ada/exercise 3.ipynb"}
    assert "not ada/ex03_attention_scoring.py" in " ".join(roster.discover(root, EXERCISES).notes)


EXPORTS = {
    "canvas": {
        "lovelaceada_2345_678901_ex03_attention_scoring-1.py": ("lovelaceada", "2345"),
        "turingalan_LATE_99_678902_homework.ipynb": ("turingalan", "99"),
    },
    "moodle": {
        "Ada Lovelace_2345_assignsubmission_file_/ex03.py": ("Ada Lovelace", "2345"),
        "Alan Turing_99_assignsubmission_file_ex03.ipynb": ("Alan Turing", "99"),
    },
    "by-exercise": {
        "ex03/ada.py": ("ada", None),
        "ex03/alan/answer.ipynb": ("alan", None),
        "ex03/grace.zip": ("grace", None),
    },
    r"^(?P<student>[a-z]+)-v(?P<attempt>\d)-(?P<file>.+)$": {"ada-v2-ex03.py": ("ada", None)},
}


@pytest.mark.parametrize("pattern", EXPORTS)
def test_flat_exports_are_read_with_a_pattern(folder, pattern):
    """Ready ones for Canvas and Moodle; a regular expression for everything else."""
    kinds = {
        ".py": THREE,
        ".ipynb": synthetic.notebook(THREE.decode()),
        ".zip": synthetic.zipped({"answer.py": THREE}),
    }
    names = EXPORTS[pattern]
    root = folder({name: kinds[os.path.splitext(name)[1]] for name in names})
    found = roster.discover(root, EXERCISES, pattern=pattern)
    assert {(s.name, s.details.get("id")) for s in found.students} == set(names.values())
    assert {a.student for a in found.answers} == {name for name, _ in names.values()}
    assert {a.exercise.number for a in found.answers} == {3}


@pytest.mark.parametrize("pattern", ["(", "(?P<exercise>.*)", "(?P<student>.)(?P<grade>.)"])
def test_a_pattern_that_cannot_work_is_refused(folder, pattern):
    """The message says what it lacks, and that there are ready ones."""
    with pytest.raises(UsageError) as caught:
        roster.discover(folder({"ada/ex03.py": THREE}), EXERCISES, pattern=pattern)
    assert "canvas" in caught.value.advice


def test_attempts_are_told_apart(folder):
    """Each attempt of a pattern is a hand-in of its own; the same content twice is one."""
    files = {f"ada-{n}-ex03.py": THREE + b"#" * size for n, size in ((1, 0), (2, 5), (3, 0))}
    root = folder(files)
    for n, name in enumerate(files):
        os.utime(root / name, (n, n))
    found = roster.discover(
        root, EXERCISES, pattern=r"(?P<student>\w+)-(?P<attempt>\d)-(?P<file>.+)"
    )
    assert [(a.file.place.attempt, a.file.path) for a in found.answers] == [
        (1, "ada-1-ex03.py"),
        (2, "ada-2-ex03.py"),
    ]


UNREADABLE = {
    "ada/ex03_attention_scoring.py": b"\xff\xfe\x00",
    "ada/ex03.ipynb": b"not a notebook",
    "ada.zip": b"PK\x03\x04 cut",
    "ada/homework.rar": b"Rar!",
    "ada/report.pdf": b"%PDF",
    "ada/answer.py": b"x = 1\n",
    "ada/ex03.pdf": b"%PDF",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_there_with_its_reason(folder, name):
    """It costs its student the exercise, and the class nothing."""
    root = folder({name: UNREADABLE[name], "zoe/ex03.py": THREE, "zoe/ex06.py": SIX})
    found = roster.discover(root, EXERCISES)
    assert {a.exercise.number for a in found.answers if a.student == "zoe"} == {3, 6}
    problems = {a.exercise.number: a.file.problem for a in found.answers if a.student == "ada"}
    assert 3 in problems
    assert set(problems) == ({3} if "ex03" in name else {3, 6})
    for problem in problems.values():
        assert problem.problem
        assert str(root) not in str(problem)


def test_what_is_broken_beside_an_answer_takes_nothing_from_it(folder):
    """A good file counts, whatever lies beside it."""
    root = folder({"ada/ex03.py": THREE, "ada/ex03.ipynb": b"broken", "ada/data.bin": b"1"})
    assert answers(root) == {("ada", 3): "ada/ex03.py"}


def test_links_are_never_followed(folder, tmp_path):
    """A link to the reference, or to another's folder, is no answer."""
    root = folder({"zoe/ex03.py": THREE, "ada/note.txt": b"x"})
    (root / "ada" / "ex03.py").symlink_to(COURSE.exercise("3").room / "reference.py")
    (root / "alan").symlink_to(root / "zoe")
    (root / "mallory.zip").symlink_to(tmp_path / "nowhere.zip")
    found = {a.student: a.file for a in roster.discover(root, EXERCISES).answers}
    for student in ("ada", "alan", "mallory"):
        assert found[student].submission is None
        assert "link" in str(found[student].problem)


def test_a_pipe_keeps_nobody_waiting(folder):
    """What is no ordinary file is not opened."""
    root = folder({"zoe/ex03.py": THREE})
    (root / "ada").mkdir()
    os.mkfifo(root / "ada" / "ex03.py")
    found = {a.student: a.file for a in roster.discover(root, EXERCISES).answers}
    assert "not an ordinary file" in str(found["ada"].problem)


def test_odd_names_are_made_printable(folder):
    """Bytes that are no text, control characters and accents in two pieces all come out as text."""
    root = folder({"zoe/ex03.py": THREE})
    for name in (b"a\xffda", b"al\x1b[31man", "Zoe\u0308".encode()):
        os.makedirs(os.path.join(os.fsencode(root), name))
        with open(os.path.join(os.fsencode(root), name, b"ex03.py"), "wb") as file:
            file.write(THREE)
    found = {a.student for a in roster.discover(root, EXERCISES).answers}
    assert found == {"zoe", "a\ufffdda", "al\ufffd[31man", "Zo\u00eb"}


def test_the_moment_is_the_files_or_the_archives(folder):
    """What an archive says of its members, the student's clock wrote."""
    root = folder({"ada/ex03.py": THREE, "alan.zip": synthetic.zipped({"ex03.py": THREE})})
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    for name in ("ada/ex03.py", "alan.zip"):
        os.utime(root / name, (moment.timestamp(),) * 2)
    for answer in roster.discover(root, EXERCISES).answers:
        assert answer.file.submitted_at == moment
        assert not answer.file.is_dated


def test_a_list_of_moments_goes_before_the_files(folder):
    """`submissions.csv` dates files, folders and archives; the nearest says it."""
    dates = (
        b"path,submitted_at,note\n"
        b"ada,2026-03-01T12:00:00+02:00,\n"
        b"ada/ex06.py,2026-03-02T12:00:00+00:00,again\n"
        b"alan.zip,2026-03-03 12:00:00Z,\n"
    )
    root = folder(
        {
            "submissions.csv": dates,
            "ada/ex03.py": THREE,
            "ada/ex06.py": SIX,
            "alan.zip": synthetic.zipped({"ex03.py": THREE}),
        }
    )
    found = roster.discover(root, EXERCISES).answers
    assert {(a.student, a.exercise.number): a.file.submitted_at for a in found} == {
        ("ada", 3): datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))),
        ("ada", 6): datetime(2026, 3, 2, 12, tzinfo=UTC),
        ("alan", 3): datetime(2026, 3, 3, 12, tzinfo=UTC),
    }
    assert all(a.file.is_dated for a in found)


@pytest.mark.parametrize("row", ["ada,yesterday", "ada,2026-03-01T12:00:00", "ada,"])
def test_a_moment_without_its_offset_is_refused(folder, row):
    """Nobody should have to guess a time zone; the message names the line."""
    root = folder({"ada/ex03.py": THREE, "submissions.csv": f"path,submitted_at\n{row}\n".encode()})
    with pytest.raises(UsageError, match=r"submissions\.csv, line 2"):
        roster.discover(root, EXERCISES)


def test_who_has_an_empty_folder_is_listed(folder):
    """Nothing handed in is not the same as nobody there."""
    root = folder({"zoe/ex03.py": THREE})
    (root / "ada").mkdir()
    found = roster.discover(root, EXERCISES)
    assert [student.name for student in found.students] == ["ada", "zoe"]
    assert {a.student for a in found.answers} == {"zoe"}


def test_nothing_to_grade_is_said(folder, tmp_path):
    """A wrong folder, an archive of all, or one student's files are told from a class."""
    with pytest.raises(UsageError, match="There is no folder"):
        roster.discover(tmp_path / "nowhere", EXERCISES)
    root = folder({"ada.pdf": b"hello"})
    with pytest.raises(UsageError, match="answers an exercise"):
        roster.discover(root, EXERCISES)
    root.joinpath("ada.pdf").unlink()
    root.joinpath("ex03.py").write_bytes(THREE)
    with pytest.raises(UsageError, match="names an exercise but no student"):
        roster.discover(root, EXERCISES)
    (tmp_path / "all.zip").write_bytes(synthetic.zipped({"ada/ex03.py": THREE}))
    with pytest.raises(UsageError) as caught:
        roster.discover(tmp_path / "all.zip", EXERCISES)
    assert "Unpack" in caught.value.advice


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ex01-06.py", "def attention(q, k, v): return q\n" * 2_000),
        ("ex01-06.py", "def attention(q, k, v): return attention(q, k, v)\n" * 10_000),
        ("ex01-06.py", 'f"' + "{x}" * 300_000 + '"'),
        ("ex01-06.ipynb", json.dumps(['f"' + "{x}" * 200_000 + '"'])),
        ("ex01-06.ipynb", json.dumps([f"# grade:a{number}\n" for number in range(4_000)])),
    ],
    ids=["one name", "one name that calls itself", "an f-string", "in a notebook", "marks"],
)
def test_no_file_keeps_a_class_waiting(tmp_path, name, text):
    """These took minutes; the limit is there to end what does."""
    folder = tmp_path / "class" / "ann"
    folder.mkdir(parents=True)
    functions = "def lstm_step(): return 1\ndef attention_scores(): return 1\n"
    functions += "def attention(q, k, v): return q\n"
    if name.endswith(".py"):
        text = f"{text}\n{functions}"
    else:
        cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells = [{**cell, "source": each} for each in [functions, *json.loads(text)]]
        text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    (folder / name).write_text(text)
    program = (
        "import sys, pathlib; from grader.course import model as course\n"
        "from grader.classroom.received import roster\n"
        "from grader.submission import limited\n"
        "limited.SECONDS = 1\n"  # what has no end has none after three either
        "exercises = course.load(course.bundled()).exercises\n"
        "found = roster.discover(pathlib.Path(sys.argv[1]), exercises)\n"
        "[answer.submission for answer in found.answers]"
    )
    subprocess.run([sys.executable, "-c", program, folder.parent], check=True, timeout=60)
