"""A student who wants a neighbour's grade, or takes it away: each gets what their own files earn.

One class is graded. Two are honest, one of them wrong; the others hand in nothing of their own that
is right, and try to be taken for the one who is.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.course import model as course

FILE = "ex03_attention_scoring.py"
RIGHT = (course.bundled() / "solutions" / "ex03_attention_scoring" / "reference.py").read_text()
WRONG = RIGHT.replace(" / math.sqrt(d)", "")
SECONDS = 300


def file(text: str = WRONG, name: str = FILE) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        (folder / name).write_text(text)

    return put


def of_all_dates(folder: Path) -> None:
    """A table of dates, a course and a gradebook of one's own."""
    file()(folder)
    (folder / "submissions.csv").write_text("path,time\nbob,2001-01-01T00:00:00Z\n")
    (folder / "course.toml").write_text("title = 'mine'\n")
    (folder / "gradebook.sqlite3").write_text("mine")


def archived(*members: str) -> Callable[[Path], None]:
    """An archive whose members say that they lie elsewhere."""

    def put(folder: Path) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for member in members:
                archive.writestr(member, WRONG)
        (folder / "answer.zip").write_bytes(packed.getvalue())

    return put


def notebook(folder: Path) -> None:
    """A notebook that says whose it is."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1}
    said = {"student": "bob", "name": "bob", "authors": [{"name": "bob", "id": "bob"}]}
    book = {"cells": [{**cell, "source": WRONG}], "metadata": said, "nbformat": 4}
    text = json.dumps({**book, "nbformat_minor": 4})
    (folder / FILE).with_suffix(".ipynb").write_text(text)


def linked(target: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        os.symlink(target, folder / FILE)

    return put


def imports_the_neighbour(folder: Path) -> None:
    """An answer that imports what lies in the neighbour's folder, as a file and by a link."""
    file("from neighbour import attention, attention_scores\n")(folder)
    os.symlink(f"../bob/{FILE}", folder / "neighbour.py")


def waits(folder: Path) -> None:
    """A pipe in place of a file: who opens it waits for ever."""
    os.mkfifo(folder / FILE)


def history(folder: Path) -> None:
    """A clone whose configuration has programs run, and whose objects are the neighbour's."""
    file()(folder)
    git = folder / ".git"
    (git / "objects" / "info").mkdir(parents=True)
    (git / "objects" / "info" / "alternates").write_text("../../../bob/.git/objects\n")
    (git / "HEAD").write_text("0" * 40 + "\n")
    (git / "config").write_text(
        "[core]\n fsmonitor = touch GRADED\n[log]\n showSignature = true\n[gpg]\n program = GRADED"
    )


def history_of_pipes(folder: Path) -> None:
    """A clone in whose objects git would wait."""
    history(folder)
    os.mkfifo(folder / ".git" / "objects" / "pack")


def deep(folder: Path) -> None:
    """A path that is longer than any system call takes."""
    file()(folder)
    name = "d" * 250
    place = os.open(folder, os.O_RDONLY)
    for _ in range(18):
        os.mkdir(name, dir_fd=place)
        within = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = within
    os.close(place)


ATTACKS = {
    "a table of all dates": of_all_dates,
    "an archive that points at bob": archived(f"../bob/{FILE}", f"bob/{FILE}", f"/bob/{FILE}"),
    "bob - a notebook": notebook,
    "b\u043eb": file(),  # a Cyrillic letter
    "bob\u0301": file(),
    "bob::set-output name=bob": file(),
    "=bob": file(),
    "a link": linked(f"../bob/{FILE}"),
    "a link to the folder": linked("../bob"),
    "an import": imports_the_neighbour,
    "a pipe": waits,
    "a history": history,
    "a history of pipes": history_of_pipes,
    "a deep folder": deep,
    "another's name": file(WRONG, f"bob_{FILE}"),
}


@pytest.mark.slow
def test_nobody_takes_a_neighbours_grade(tmp_path):
    """Bob has his, Ada hers, and each of the others that of their own files: none."""
    folder = tmp_path / "class"
    for name, put in {"ada": file(), "bob": file(RIGHT), **ATTACKS}.items():
        (folder / name).mkdir(parents=True)
        put(folder / name)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "grader", "class", str(folder), "--exercise", "3"),
            *("--output", str(tmp_path / "graded"), "--jobs", "1"),
        ],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=SECONDS,
    )
    assert run.returncode in (0, 1), run.stderr
    rows = (tmp_path / "graded" / "gradebook.csv").read_text(encoding="utf-8").splitlines()
    earned = {row.split(",")[0]: row.split(",")[2] for row in rows[1:]}
    assert len(earned) == len(ATTACKS) + 2
    assert {name for name, score in earned.items() if score != "0"} == {"bob"}
    assert earned["bob"] == "100"
    assert not any("GRADED" in files for _, _, files in os.walk(tmp_path))
