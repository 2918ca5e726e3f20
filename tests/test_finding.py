# ruff: noqa: E501 - a row of a table is a line
"""Which file of a folder answers an exercise: the same one for every command."""

import os
from pathlib import Path

import pytest

from grader.classroom.received import roster
from grader.course import model as course
from grader.errors import UsageError
from grader.submission import finding

COURSE = course.load(course.bundled())
THREE = COURSE.exercise("3")
STEM = THREE.stem
ANSWER = "def attention_scores(q, k):\n    return q\n\ndef attention(q, k, v):\n    return {}\n"
STUB = THREE.stub.read_text(encoding="utf-8")
PLAIN = "x = 1\n"

# The files, oldest first, and the one of them that is graded.
TAKEN: dict[str, tuple[list[tuple[str, str]], str]] = {
    "its own name": ([(f"{STEM}.py", "v"), ("notes.py", PLAIN)], f"{STEM}.py"),
    "a notebook": ([(f"{STEM}.ipynb", "v")], f"{STEM}.ipynb"),
    "a copy": ([(f"{STEM} (1).py", "v")], f"{STEM} (1).py"),
    "a copy of a copy": ([(f"{STEM}-2.py", "v")], f"{STEM}-2.py"),
    "in capitals": ([(f"{STEM.upper()}.PY", "v")], f"{STEM.upper()}.PY"),
    "by its number": ([("ex3.py", "v")], "ex3.py"),
    "by its slug": ([("my_attention_scoring.py", "v")], "my_attention_scoring.py"),
    "by its folder": ([("ex03/answer.py", "v")], "ex03/answer.py"),
    "by its functions": ([("answer.py", "v"), ("other.py", PLAIN)], "answer.py"),
    "the only one": ([("whatever.py", "def attention(q, k, v): return v\n")], "whatever.py"),
    "nearest to the top": ([(f"{STEM}.py", "v"), (f"old/{STEM}.py", "q")], f"{STEM}.py"),
    "nearest, though older": ([(f"a/{STEM}.py", "v"), (f"a/b/{STEM}.py", "q")], f"a/{STEM}.py"),
    "the newest of equals": ([(f"hw1/{STEM}.py", "v"), (f"hw2/{STEM}.py", "q")], f"hw2/{STEM}.py"),
    "the newest, whatever the order": (
        [(f"hw2/{STEM}.py", "v"), (f"hw1/{STEM}.py", "q")], f"hw1/{STEM}.py"),
    "no untouched stub": ([(f"hw/{STEM} (1).py", "v"), (f"{STEM}.py", STUB)], f"hw/{STEM} (1).py"),
    "a notebook beside a stub": ([(f"{STEM}.ipynb", "v"), (f"{STEM}.py", STUB)], f"{STEM}.ipynb"),
    "a stub where there is nothing else": ([(f"{STEM}.py", STUB)], f"{STEM}.py"),
    "the better name": ([(f"{STEM}.py", "v"), ("ex3.py", "q")], f"{STEM}.py"),
    "not what systems leave": (
        [(f"{STEM}.py", "v"), (f"__MACOSX/{STEM}.py", "q"), (f".git/{STEM}.py", "q")], f"{STEM}.py"),
    "not what is called old": ([("ex03.py", "v"), (f"old/{STEM}.py", "q")], "ex03.py"),
    "not an old one, though newer": ([("ex03.py", "v"), ("ex03_old.py", "q")], "ex03.py"),
    "not a copy, a backup or an archive": (
        [("a/b/answer.py", "v"), (f"{STEM} - Copy.py", "q"), (f"{STEM}.bak.py", "r"), (f"Archive/{STEM}.py", "s")], "a/b/answer.py"),
    "however it is written": (
        [("a/b/answer.py", "v"), ("Backup2/ex03.py", "t"), ("ex03Old.py", "u"), ("ex03 副本.py", "y")], "a/b/answer.py"),
    "an old one where there is nothing else": ([(f"old/{STEM}.py", "v")], f"old/{STEM}.py"),
    "an old one rather than a stub": ([(f"{STEM}_old.py", "v"), (f"{STEM}.py", STUB)], f"{STEM}_old.py"),
    "no word within another": ([("ex03.py", "v"), (f"threshold/gold/{STEM}.py", "q")], f"threshold/gold/{STEM}.py"),
    "umlauts and spaces": ([(f"Übung 1/{STEM}.py", "v")], f"Übung 1/{STEM}.py"),
}  # fmt: skip


def write(folder: Path, files: list[tuple[str, str]]) -> Path:
    for age, (name, text) in enumerate(files):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = ANSWER.format(text) if len(text) == 1 else text
        if name.endswith(".ipynb"):
            import nbformat
            from nbformat.v4 import new_code_cell, new_notebook

            text = nbformat.writes(new_notebook(cells=[new_code_cell(text)]))
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("row", TAKEN)
def test_every_command_takes_the_same_file(row: str, tmp_path: Path) -> None:
    """In a folder on disk, and among what a student of a class handed in."""
    files, expected = TAKEN[row]
    folder = write(tmp_path / "class" / "ann", files)
    found, note = finding.read(folder, THREE, COURSE.exercises)
    assert found.path == folder / expected == finding.locate(folder, THREE, COURSE.exercises)
    (answer,) = roster.discover(tmp_path / "class", COURSE.exercises, [THREE]).answers
    assert answer.file.path == f"ann/{expected}"
    assert answer.submission is not None
    assert answer.submission.source == found.answer_to(THREE).source
    rivals = [name for name, _ in files if name not in (expected, "notes.py", "other.py")]
    hidden = any(name.startswith((".git", "__MACOSX")) for name in rivals)
    assert bool(note) == bool(rivals and not hidden)
    assert all(name in note for name in [expected, *rivals] if note)


def test_a_file_of_several_exercises_answers_each(tmp_path: Path) -> None:
    """Of which the others' functions are no part."""
    text = (
        ANSWER.format("v") + "\ndef lstm_step(*a):\n    import torch\n    return torch.lstm_cell\n"
    )
    folder = write(tmp_path, [("all.py", text)])
    for number, kept, gone in (
        ("3", "attention", "lstm_step"),
        ("1", "lstm_step", "attention_scores"),
    ):
        found, _ = finding.read(folder, COURSE.exercise(number), COURSE.exercises, alone=False)
        assert f"def {kept}" in found.source
        assert f"def {gone}" not in found.source


def test_the_same_text_twice_is_no_choice(tmp_path: Path) -> None:
    folder = write(tmp_path, [(f"a/{STEM}.py", "v"), (f"b/{STEM}.py", "v")])
    _, note = finding.read(folder, THREE, COURSE.exercises)
    assert note == ""


def test_what_is_there_instead_is_told(tmp_path: Path) -> None:
    """So that a student knows why it was passed over, without a command line."""
    folder = write(tmp_path, [("one.py", PLAIN), ("two.py", PLAIN), ("hw.zip", PLAIN)])
    os.symlink(folder / "one.py", folder / f"{STEM}.py")
    with pytest.raises(UsageError, match=rf"neither {STEM}\.py nor {STEM}\.ipynb") as caught:
        finding.read(folder, THREE, COURSE.exercises)
    for word in ("one.py", "two.py", "Passed over"):
        assert word in caught.value.problem
    assert caught.value.advice == "Give the file that name."
    assert "Passed over" not in str(refusal_of_an_empty(tmp_path / "empty"))


def refusal_of_an_empty(folder: Path) -> UsageError:
    folder.mkdir()
    with pytest.raises(UsageError) as caught:
        finding.read(folder, THREE, COURSE.exercises)
    return caught.value


@pytest.mark.parametrize("name", [f"{STEM}.py", "helpers.py"])
def test_a_link_is_not_followed(name: str, tmp_path: Path) -> None:
    """Neither to an answer nor to a module of it."""
    secret = write(tmp_path / "secret", [(name, "v")])
    folder = write(tmp_path / "mine", [("ex3.py", "import helpers\n" + ANSWER.format("q"))])
    os.symlink(secret / name, folder / name)
    found, _ = finding.read(folder, THREE, COURSE.exercises)
    assert found.path.name == "ex3.py"
    assert found.modules == ()
