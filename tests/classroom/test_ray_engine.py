"""`grade class --engine ray`: real nodes, one of them lost in mid-run, and the same scores."""

import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import synthetic
from test_class import (
    CLASS,
    COURSE,
    ONE,
    RIGHT,
    ROOT,
    command,
    environment,
    grade,
    without_seconds,
    write,
)

from grader.classroom import run
from grader.classroom.kept.gradebook import Gradebook
from grader.classroom.run import ClassRun, Options
from grader.course import model as course
from grader.report import Status

ODD = b"def double(x):\n    return x * %d\n"
SPY = b"""
import sys

def double(x):
    assert not {name for name in sys.modules if name.split(".")[0] in ("ray", "grpc")}
    return x + x
"""
# Whom no other engine may grade: they wait for their machine to be lost, or end their own process.
ONLY_HERE = {f"augusta/{ONE}.py": ODD % 1006, f"konrad/{ONE}.py": ODD % 1007}


class Nodes:
    """A Ray cluster on this machine, as `ray_cluster.py` runs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.marker = folder / "grade-odd-pid"  # where Augusta's waits
        there = {"RAY_TMPDIR": str(folder), "TMPDIR": str(folder), "RAY_USAGE_STATS_ENABLED": "0"}
        there["RAY_AUTH_MODE"] = "disabled"  # whoever runs the tests may have a token
        self.environment = {**environment(), **there}
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("ray_cluster.py")],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.address = self._process.stdout.readline().strip()
        assert self.address

    def order(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline().strip() == line

    def grade(self, *arguments: object) -> subprocess.Popen:
        """Begin to grade there, with the real program."""
        return subprocess.Popen(
            command("--engine", "ray", "--address", self.address, *arguments),
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """A head, where nothing is graded, and two nodes of one processor each."""
    pytest.importorskip("ray", reason="Ray clusters were NOT tested: ray is not installed")
    # Sockets lie below it, and their paths are short; workers may be another user.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    folder.chmod(0o755)
    cluster = Nodes(folder)
    try:
        for _ in range(2):
            cluster.order(f"add {ROOT}")
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder)


def reports(book: Gradebook) -> dict[tuple[str, str], object]:
    """Every newest report by student and exercise, but the seconds in it."""
    attempts = {attempt.id: attempt for attempt in book.attempts()}
    return {
        (attempts[number].student, attempts[number].exercise): without_seconds(
            book.history(attempts[number].student, attempts[number].exercise)[-1].content
        )
        for number in book.latest()
    }


@pytest.fixture(scope="module")
def graded(nodes, tmp_path_factory):
    """A class graded on two nodes, one of which was killed while it graded Augusta's."""
    folder = tmp_path_factory.mktemp("ray")
    for files, _ in CLASS.values():
        write(folder / "submissions", files)
    write(folder / "submissions", {f"ida/{ONE}.py": SPY})
    write(folder / "submissions", {f"nora/{ONE}.ipynb": synthetic.notebook(RIGHT.decode())})
    shutil.copytree(folder / "submissions", folder / "all")
    write(folder / "all", ONLY_HERE)
    program = nodes.grade(folder / "all", "-o", folder / "out", "--course", COURSE, "--seed", 5)
    while not nodes.marker.exists():
        assert program.poll() is None, program.communicate()
        time.sleep(0.05)
    nodes.order(f"lose {nodes.marker.read_text()}")
    output, errors = program.communicate(timeout=300)
    return folder, program.returncode, output, errors


@pytest.mark.slow
def test_a_lost_node_changes_no_score(graded, judges):
    """Every report is the one of the local engine, to the word."""
    folder, _, _, errors = graded
    assert errors == ""
    with Gradebook.open(folder / "local.sqlite3") as book:
        this = ClassRun(book, Options(seed=5))
        found = run.discover(course.load(COURSE), this.options, folder / "submissions")
        plan = this.plan(found)
        assert len(list(this.grade(plan, judges))) == plan.count
        local = reports(book)
    with Gradebook.open(folder / "out" / "gradebook.sqlite3") as book:
        there = reports(book)
    assert {key: there[key] for key in local} == local
    assert there["ida", "double"]["score"] == there["nora", "double"]["score"] == 100


def test_what_was_graded_on_a_lost_node_is_graded_elsewhere(graded):
    """Augusta has what she earned, and the screen says what happened."""
    folder, _, output, _ = graded
    with Gradebook.open(folder / "out" / "gradebook.sqlite3") as book:
        assert [result.score for result in book.history("augusta", "double")] == [40]
    (said, *_) = [line for line in output.splitlines() if "Lost the judge" in line]
    # Between the brackets Ray says what died first, the node or the process on it.
    assert re.fullmatch(r"Lost the judge on \S+ \(.+\); what it was at is tried again\.", said)


def test_what_is_lost_again_and_again_has_no_verdict(graded):
    """Nobody has a zero for what a machine does; three losses end it, and exit code 2 says so."""
    folder, code, output, _ = graded
    with Gradebook.open(folder / "out" / "gradebook.sqlite3") as book:
        (result,) = book.history("konrad", "double")
    assert result.status is Status.UNGRADED
    assert "lost 3 times" in result.report.reason
    assert output.count("Lost the judge on") == 1 + 3
    assert output.count("has no verdict") == 1
    assert code == 2


def test_what_ray_says_is_for_the_log(graded):
    """The screen is for the teacher."""
    folder, _, output, _ = graded
    assert "raylet" not in output
    assert "raylet" in (folder / "out" / "grader.log").read_text()


def test_nothing_of_the_course_stays_on_a_node(graded, nodes):
    """However a judge ended: with the run, with its node, or killed."""
    for _ in range(400):
        if not (left := set(nodes.folder.glob("grade-*")) - {nodes.marker}):
            break
        time.sleep(0.05)
    assert left == set()


@pytest.mark.slow
def test_a_gpu_that_no_node_has_is_said(nodes, tmp_path):
    """It is said before anything is graded, and charged to nobody."""
    write(tmp_path / "submissions", {f"ada/{ONE}.py": RIGHT})
    program = nodes.grade(
        tmp_path / "submissions", "-o", tmp_path / "out", "--course", COURSE, "--device", "cuda"
    )
    _, errors = program.communicate(timeout=120)
    assert program.returncode == 2
    assert "No node of the Ray cluster has a GPU." in errors


@pytest.mark.slow
def test_a_node_with_another_engine_is_refused(nodes, graded, tmp_path):
    """The same version with one line changed is another engine; the message names the node."""
    shutil.copytree(ROOT / "grader", tmp_path / "other" / "grader")
    with (tmp_path / "other" / "grader" / "policy.py").open("a") as file:
        file.write("# mended in place\n")
    nodes.order("lose all")
    nodes.order(f"add {tmp_path / 'other'}")
    write(tmp_path / "submissions", {f"ada/{ONE}.py": RIGHT})
    program = nodes.grade(tmp_path / "submissions", "-o", tmp_path / "out", "--course", COURSE)
    _, errors = program.communicate(timeout=120)
    assert program.returncode == 2
    assert f"The node {platform.node()} of the Ray cluster has another grade" in errors


def test_no_cluster_at_the_address(tmp_path):
    """It is said at once, and nothing is written."""
    pytest.importorskip("ray", reason="Ray clusters were NOT tested: ray is not installed")
    write(tmp_path / "submissions", {f"ada/{ONE}.py": RIGHT})
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    done = grade(
        tmp_path / "submissions", "-o", tmp_path / "out", "--engine", "ray", "--address", address
    )
    assert done.returncode == 2
    assert f"There is no Ray cluster at {address}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_ray_the_extra_is_named(tmp_path):
    """Who has not installed Ray reads how to."""
    write(tmp_path / "submissions", {f"ada/{ONE}.py": RIGHT})
    program = "import sys; sys.modules['ray'] = None; from grader.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "class", tmp_path / "submissions", "-o", tmp_path / "out",
         "--engine", "ray"],
        cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "pip install 'torchgrade[ray]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_an_address_is_for_ray(tmp_path):
    """It would otherwise be ignored in silence."""
    write(tmp_path / "submissions", {f"ada/{ONE}.py": RIGHT})
    done = grade(tmp_path / "submissions", "-o", tmp_path / "out", "--address", "127.0.0.1:6379")
    assert done.returncode == 2
    assert "--engine ray" in done.stderr
