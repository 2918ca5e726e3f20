"""The walls around a worker: what each says of itself, what it lets through, what is left of it."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader import course
from grader.course import Limits
from grader.judge.grading import grade
from grader.judge.workers import Start, Worker
from grader.submission import read
from grader.worker import sandbox
from grader.worker.invoke import Invocation

ROOT = Path(__file__).resolve().parents[2]
ANSWER = ROOT / "solutions" / "ex03_attention_scoring" / "reference.py"
PATIENT = 60.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")


@pytest.fixture
def told(forkserver, tmp_path, monkeypatch):
    """`told(expression, *without)`: its value in a worker, and the states of the layers."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def ask(expression: str, *without: str, hidden: tuple[str, ...] = ()):
        source = f"import ctypes, os, socket, sys, threading, torch\ndef f(): return {expression}"
        start = Start(source, "a.py", ["f"], [], "cpu", Limits(), hidden=hidden, without=without)
        worker = Worker(forkserver, start)
        try:
            worker.load(PATIENT)
            call = {"op": "call", "call": Invocation("f", ()).fields()}
            reply = worker.request(call, PATIENT)
            value = reply["raised"]["type"] if reply["raised"] else reply["outcome"]["value"]
            return value, worker.sandbox
        finally:
            worker.close()

    return ask


def without_landlock(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command where the kernel says that it has no Landlock."""
    program = (
        "import errno, os, sys, pyseccomp as s\n"
        "rules = s.SyscallFilter(s.ALLOW)\n"
        "rules.add_rule(s.ERRNO(errno.ENOSYS), 'landlock_create_ruleset')\n"
        "rules.load()\n"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        timeout=100,
    )


class TestStates:
    """Each layer says that it is active, or why it cannot be."""

    def test_every_layer_is_reported(self, told):
        _, states = told("1")
        assert tuple(states) == sandbox.NAMES
        assert all(s == "active" or s.startswith("unavailable: ") for s in states.values())

    @pytest.mark.parametrize("name", sandbox.NAMES)
    def test_a_layer_that_is_left_out_is_said_to_be(self, told, name):
        value, states = told("torch.ones(2).sum().item()", name)
        assert value == 2.0
        assert states[name] == sandbox.SWITCHED_OFF

    def test_what_is_missing_is_named_with_its_reason(self):
        states = dict.fromkeys(sandbox.NAMES, "active") | {
            "landlock": "unavailable: no kernel",
            "uid": "unavailable: no root",
        }
        assert sandbox.missing(states) == ["landlock (unavailable: no kernel)"]
        assert len(sandbox.missing({})) == sum(layer.needed for layer in sandbox.LAYERS)

    def test_a_kernel_without_landlock_is_told_the_truth(self):
        run = without_landlock("-m", "grader", "doctor")
        assert run.returncode == 1, run.stderr
        assert "this kernel has no Landlock" in " ".join(run.stdout.split())
        assert max(map(len, run.stdout.splitlines())) <= 80

    def test_require_sandbox_refuses_where_landlock_is_missing(self):
        asked = ("-m", "grader", "exercise", "3", "-s", str(ANSWER), "--require-sandbox")
        run = without_landlock(*asked)
        assert (run.returncode, run.stdout) == (2, "")
        assert "landlock (unavailable: this kernel has no Landlock" in run.stderr

    def test_without_it_the_same_machine_grades_and_says_so(self):
        asked = ("-m", "grader", "exercise", "3", "-s", str(ANSWER), "--no-speed", "-f", "json")
        run = without_landlock(*asked)
        report = json.loads(run.stdout)
        assert report["status"] == "passed"
        assert report["sandbox"]["landlock"].startswith("unavailable: this kernel")
        assert report["sandbox"]["seccomp"] == "active"

    def test_a_layer_that_cannot_be_put_up_fails_the_start(self, forkserver, tmp_path):
        """It is not left out in silence: the folder to write to is not there."""
        worker = Worker(forkserver, Start("", "a.py", [], [], "cpu", Limits()))
        os.rmdir(worker._plan.scratch)
        with pytest.raises(Exception, match="sandbox cannot be put up"):
            worker.load(PATIENT)
        assert worker.ended


class TestReading:
    """What a worker may read is a list, and a hidden folder in it stays hidden."""

    def test_python_and_torch_can_be_imported_on(self, told):
        modules = ("sqlite3", "xmlrpc.client", "torch.distributions", "torch.optim")
        value, _ = told(f"[__import__(name).__name__ for name in {modules!r}]")
        assert value == [name.split(".")[0] for name in modules]

    @pytest.mark.parametrize("path", ["/", "/proc/self/status", "/etc/passwd", str(ANSWER)])
    def test_nothing_else_can_be_read(self, told, path):
        how = "os.listdir" if Path(path).is_dir() else "open"
        assert told(f"{how}({path!r})")[0] == "PermissionError"

    def test_a_hidden_folder_in_an_allowed_one_is_left_out(self, tmp_path):
        """Landlock cannot take it out: what lies beside it is allowed, entry by entry."""
        site = tmp_path / "site-packages"
        for name in ("torch/nn", "grader/bundled/solutions", "course/solutions/ex01", "course/x"):
            (site / name).mkdir(parents=True)
        (site / "six.py").touch()
        (site / "linked").symlink_to(site / "course")
        hidden = (f"{site}/grader", f"{site}/course/solutions")
        rules = dict(sandbox._reading([str(site)], hidden))
        listed = {path for path, rights in rules.items() if rights == sandbox._READ_DIR}
        assert listed == {str(site), f"{site}/course"}
        assert set(rules) - listed == {f"{site}/torch", f"{site}/six.py", f"{site}/course/x"}

    def test_what_the_judge_hides_is_closed_wherever_it_lies(self, told):
        """As for a course that is installed among Python's own libraries."""
        folder = Path(json.__file__).parent
        (listed, value), _ = told(
            f"(len(os.listdir({str(folder.parent)!r})) > 50, os.access({str(folder)!r}, 4))"
        )
        assert (listed, value) == (True, True)
        hidden = (str(folder),)
        path = str(folder / "tool.py")
        assert told(f"open({path!r}).read(9)")[0] != "PermissionError"
        assert told(f"open({path!r}).read(9)", hidden=hidden)[0] == "PermissionError"
        assert told("__import__('csv').__name__", hidden=hidden)[0] == "csv"


class TestLimits:
    """What a worker may use up."""

    def test_threads_start_up_to_a_limit(self, told):
        value, _ = told("[threading.Thread(target=int).start() for _ in range(50)]")
        assert value == [None] * 50

    def test_its_own_signals_arrive(self, told):
        value, _ = told("os.kill(os.getpid(), 0)")
        assert value is None

    def test_a_folder_of_its_own_takes_files_and_folders(self, told):
        value, states = told("(os.mkdir('a'), open('a/b', 'w').write('xy'), os.listdir('.'))")
        assert value == (None, 2, ["a"])
        if os.geteuid() == 0:
            assert states["scratch"] == "active"


class TestFolders:
    """The judge looks at folders that nothing bounds, and removes whatever was left in them."""

    def test_an_ordinary_folder_is_fine(self, tmp_path):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "b").write_bytes(bytes(1000))
        assert sandbox.too_much_in(str(tmp_path)) is None
        assert sandbox.too_much_in(str(tmp_path / "gone")) is None

    def test_many_files_are_too_many(self, tmp_path):
        for number in range(sandbox.MAX_SCRATCH_FILES + 1):
            (tmp_path / f"{number}").touch()
        assert "1000 files" in sandbox.too_much_in(str(tmp_path))

    def test_a_large_file_is_too_much(self, tmp_path, monkeypatch):
        monkeypatch.setattr(sandbox, "MAX_SCRATCH_BYTES", 10_000)
        (tmp_path / "a").write_bytes(bytes(50_000))
        assert "to its folder" in sandbox.too_much_in(str(tmp_path))

    def test_a_tree_that_is_deep_closed_and_full_of_links_is_removed(self, tmp_path):
        folder = tmp_path / "scratch"
        folder.mkdir()
        kept = tmp_path / "kept"
        kept.mkdir()
        (kept / "file").touch()
        here = os.getcwd()
        os.chdir(folder)
        try:
            for _ in range(1500):  # deeper than a path can be long, or Python can recurse
                os.mkdir("deep")
                os.chdir("deep")
            os.symlink(kept, "link")
            os.mkdir("closed")
            Path("closed/file").touch()
            os.chmod("closed", 0)
        finally:
            os.chdir(here)
        sandbox.remove(str(folder))
        assert not folder.exists()
        assert (kept / "file").exists()


def test_a_judge_that_is_killed_leaves_neither_folder_nor_process(tmp_path):
    """The process that workers are forked from cleans up after it, and ends."""
    program = (
        "import os, sys, time\n"
        "from grader.course import Limits\n"
        "from grader.judge.workers import Forkserver, Start, Worker\n"
        "forkserver = Forkserver()\n"
        "worker = Worker(forkserver, Start('', 'a.py', [], [], 'cpu', Limits()))\n"
        "worker.load(60)\n"
        "print(worker.pid, forkserver.pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    judge = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert judge.stdout is not None
    pids = judge.stdout.readline().split()
    assert len(pids) == 2
    assert list(tmp_path.glob("grade-*"))
    judge.send_signal(signal.SIGTERM)
    judge.wait(10)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.05)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not list(tmp_path.glob("grade-*"))
    judge.stdout.close()


def test_a_report_carries_the_states(forkserver):
    """Those of the worker that the submission really ran in."""
    exercise = course.find(course.bundled()).exercise("3")
    options = {"device": "cpu", "speed": False, "forkserver": forkserver}
    report = grade(exercise, read(ANSWER), require_sandbox=False, **options)
    assert tuple(report.as_json()["sandbox"]) == sandbox.NAMES


def test_the_doctor_starts_a_worker_and_fits_a_screen(told):
    """What it says of this machine is what a submission's worker says."""
    run = subprocess.run(
        [sys.executable, "-m", "grader", "doctor"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        timeout=100,
    )
    assert run.returncode in (0, 1), run.stderr
    assert max(map(len, run.stdout.splitlines())) <= 80
    for layer in sandbox.LAYERS:
        assert layer.name in run.stdout
    _, states = told("1")
    assert run.returncode == bool(sandbox.missing(states))
