"""Nothing worth stealing is in a worker: its memory is read from outside, byte by byte.

Whatever way leads to a grading, strings are planted on the judge's side: in hints, reference,
properties, environment, arguments, paths, in the files of other students. None may stand in the
memory of a worker, nor of the process that it is forked from or was started by.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "tests" / "example_course"
STEM = "ex01_rms_norm"
SEED = "918273645546372819"
PATIENCE_SECONDS = 60
# In the worker's own memory, so that a test that reads the wrong process finds out.
MINE = b"what the student wrote"
WAITING = f'''
import time
import torch


def rms_norm(x, weight, eps=1e-6):
    mark = "{MINE.decode()}"
    while mark:
        time.sleep(0.01)
'''


def planted(what: str) -> str:
    # Put together, so that the test's own text holds none of them.
    return "-".join(("planted", "in", what))


KINDS = (
    *("hints", "reference", "properties", "misconceptions", "environment", "path", "folder"),
    *("neighbour", "history", "title"),
)


@pytest.fixture
def place(tmp_path) -> Path:
    """A folder with a course, in whose files and names something is planted."""
    place = tmp_path / planted("folder")
    course = place / planted("path")
    shutil.copytree(COURSE, course)
    room = course / "solutions" / STEM
    for name in ("reference", "properties", "misconceptions"):
        with (room / f"{name}.py").open("a") as file:
            file.write(f'\n# {planted(name)}\nSECRET = "{planted(name)}"\n')
    listing = course / "exercises" / "course.toml"
    text = listing.read_text().replace("The eps belongs", f"{planted('hints')} The eps belongs")
    listing.write_text(text.replace("Root mean square", planted("title")))
    answer = course / "exercises" / f"{STEM}.py"
    answer.write_text(WAITING)
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1}
    book = {"cells": [{**cell, "source": WAITING}], "metadata": {}, "nbformat": 4}
    answer.with_suffix(".ipynb").write_text(json.dumps({**book, "nbformat_minor": 4}))
    right = (room / "right" / "by_norm.py").read_text()
    for student, text in (("ann", f"# {planted('neighbour')}\n{right}"), ("bob", WAITING)):
        (place / "class" / student).mkdir(parents=True)
        (place / "class" / student / f"{STEM}.py").write_text(text)
    (place / planted("history")).mkdir()
    return place


def question(course: Path) -> str:
    runs = [{"count": 1, "text": WAITING, "stale": False}]
    asked = {"exercise": "1", "runs": runs, "course": str(course), "seed": int(SEED)}
    return json.dumps({**asked, "device": "cpu", "speed": False, "language": "en"})


def commands(place: Path) -> dict[str, list[str]]:
    course = place / planted("path")
    answer = str(course / "exercises" / STEM)
    grade = [sys.executable, "-m", "grader"]
    options = ["--course", str(course), "--no-speed"]
    one = [*grade, "exercise", "1", *options, "--seed", SEED, "--submission"]
    properties = str(course / "solutions" / STEM / "properties.py")
    return {
        "exercise": [*one, f"{answer}.py"],
        "exercise of a notebook": [*one, f"{answer}.ipynb"],
        "class": [
            *(*grade, "class", str(place / "class"), "--course", str(course), "--jobs", "1"),
            *("--output", str(place / "results"), "--seed", SEED),
        ],
        "cells": [sys.executable, "-m", "grader.notebook.grade_cells"],
        "pytest": [
            *(sys.executable, "-m", "pytest", properties, "--submission", f"{answer}.py"),
            *("--no-speed", "--grade-seed", SEED, "-p", "no:cacheprovider"),
        ],
        "validate": [*grade, "validate", "1", "--course", str(course), "--right", f"{answer}.py"],
    }


COMMANDS = list(commands(Path()))
WAYS = [*((name, "forked") for name in COMMANDS), *((n, "executed") for n in COMMANDS[:4])]


@pytest.fixture(params=WAYS, ids=" ".join)
def running(request, place) -> Iterator[int]:
    """A grading in progress; its process number."""
    name, way = request.param
    log = (place / "log").open("wb")
    process = subprocess.Popen(
        commands(place)[name],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd=ROOT,
        env={
            **os.environ,
            "GRADE_WORKERS": way,
            "PGPASSWORD": planted("environment"),
            "GRADE_HISTORY": str(place / planted("history")),
        },
        start_new_session=True,
    )
    if name == "cells":
        process.stdin.write(question(place / planted("path")).encode())
    process.stdin.close()
    yield process.pid
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    log.close()


def children(pid: int) -> list[int]:
    try:
        return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def descendants(pid: int) -> list[int]:
    return [each for child in children(pid) for each in (child, *descendants(child))]


def memory(pid: int) -> Iterator[bytes]:
    """All that a process can read, without what lies in files of libraries."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            found = re.match(r"(\w+)-(\w+) (r)\S+ \S+ \S+ (\d+)", line)
            if found is None or (found[4] != "0" and "w" not in line.split()[1]):
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            try:
                mem.seek(start)
                yield mem.read(end - start)
            except (OSError, OverflowError, ValueError):
                continue  # what the kernel alone reads


def waiting_worker(pid: int, place: Path) -> int:
    """The worker in which the student's code waits, once it does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for each in descendants(pid):
            try:
                # Whoever is called by the judge and sleeps has loaded the submission.
                if is_worker(each) and any(MINE in part for part in memory(each)):
                    return each
            except OSError:
                continue
        time.sleep(0.2)
    raise AssertionError((place / "log").read_text())


def is_worker(pid: int) -> bool:
    """Whether a process stands behind the walls: seccomp filters what it asks for."""
    return "Seccomp:\t2" in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads the memory of another process")
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a part of Linux")
def test_the_memory_of_a_worker_holds_nothing_of_the_judges(running, place):
    """Nor does that of the process it is forked from: no hint, no path, no seed, no argument."""
    worker = waiting_worker(running, place)
    parent = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
    secrets = [planted(kind) for kind in KINDS] + [SEED]
    # What each of them begins with: memory is large, and is read twice instead of eleven times.
    begin = [planted("").encode(), SEED.encode()]
    for pid in (worker, parent):
        found = set()
        for part in memory(pid):
            if any(each in part for each in begin):
                found |= {secret for secret in secrets if secret.encode() in part}
        assert not found, f"in {'the worker' if pid == worker else 'its parent'}"
