"""It runs where learners are: what a system lacks is not asked of it.

The engine's own modules are run here as on a system without forks, signals, groups of processes and
the like: whatever they ask for of that is not there, for them and in every process that they start.
What each system's file may call, a reading of the code holds. No Mac and no Windows is needed, and
neither is replaced: what only they have is called in their own files.
"""

import ast
import functools
import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import GRADE

from grader.systems.here import SYSTEM
from grader.worker.walls import seatbelt

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "grader"
ROOM = ROOT / "solutions" / "ex03_attention_scoring"

# Source: Python, "Availability" of each, and the lists of `os` and `signal` on Windows.
NOT_ON_WINDOWS = {
    "os": """fork forkpty killpg setsid setpgid getpgid getsid getuid geteuid getgid getresuid
        getresgid setuid setresuid setresgid setgroups chown lchown chroot mkfifo mknod nice
        sysconf pidfd_open memfd_create posix_spawn wait waitid wait3 wait4 WIFEXITED WEXITSTATUS
        WTERMSIG WIFSIGNALED uname getloadavg sched_getaffinity sched_setaffinity statvfs
        openpty pipe2 O_ACCMODE O_CLOEXEC O_PATH O_NOFOLLOW O_DIRECTORY O_NONBLOCK WNOHANG
        MFD_CLOEXEC MFD_ALLOW_SEALING ctermid ttyname tcgetpgrp eventfd sendfile pread pwrite""",
    "signal": """SIGKILL SIGSTOP SIGCONT SIGUSR1 SIGUSR2 SIGCHLD SIGHUP SIGTSTP SIGWINCH SIGXCPU
        SIGPIPE SIGALRM SIGVTALRM SIGQUIT SIGTTIN SIGTTOU setitimer ITIMER_REAL ITIMER_VIRTUAL alarm
        pause pthread_sigmask pthread_kill sigwait sigwaitinfo sigtimedwait""",
    "select": "poll epoll kqueue POLLIN POLLOUT POLLHUP POLLERR POLLNVAL EPOLLIN",
    "socket": "send_fds recv_fds MSG_DONTWAIT AF_UNIX SCM_RIGHTS CMSG_LEN",
}
NOT_ON_MACOS = {
    "os": """memfd_create MFD_CLOEXEC MFD_ALLOW_SEALING pidfd_open O_PATH getresuid getresgid
        setresuid setresgid sched_getaffinity sched_setaffinity eventfd posix_fadvise unshare""",
    "signal": "SIGRTMIN SIGRTMAX SIGPOLL sigtimedwait sigwaitinfo",
    "select": "epoll EPOLLIN",
    "socket": "",
}
MODULES = {
    "fcntl",
    "resource",
    "termios",
    "tty",
    "pty",
    "pwd",
    "grp",
    "crypt",
    "syslog",
    "readline",
}
OF_WINDOWS = {"msvcrt", "_winapi", "winreg", "winsound"}

# Files that another system never loads, or whose functions it never calls; what each is for.
OF_POSIX = {
    "systems/posix.py": "the file of what Linux and macOS share",
    "judge/processes/line.py": "a line by descriptors that are handed over",
    "judge/processes/workers.py": "a forkserver's, and its judge's",
    "worker/serving.py": "what a forkserver, or a keeper, does",
    "worker/keeper.py": "what hands descriptors over",
    "worker/executed.py": "what is handed them",
}
OF_LINUX = {
    "systems/linux.py": "the file of Linux",
    "judge/processes/forked.py": "forks",
    "judge/processes/origin.py": "asks whether there are forks",
    "worker/forkserver.py": "forks",
    "worker/origin.py": "forks",
    "grading/prefork.py": "forks",
    "submission/limited.py": "forks, where that is safe",
    "worker/walls/disk.py": "mounts",
    "worker/walls/landlock.py": "Landlock",
    "worker/walls/limits.py": "counts a user's threads",
    "worker/walls/users.py": "users of a worker's own",
    "worker/sandbox.py": "verifies Linux's walls",
}
# On the way to what other systems have too, and looked for before they are asked for.
LOOKED_FOR = {
    "systems/here.py": {"os.fork"},
    "worker/process.py": {"signal.SIGUSR1"},  # where there is a pipe to answer by
    "judge/explain/diagnosis.py": {
        *("signal.SIGVTALRM", "signal.setitimer", "signal.ITIMER_VIRTUAL"),
    },
    "judge/processes/line.py": {"os.pidfd_open"},
    "judge/processes/workers.py": {"os.sysconf"},  # to read /proc, which others lack
}


@functools.cache
def asked_for(path: Path) -> set[str]:
    """The names that a file takes of `os`, `signal`, `select` and `socket`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("hasattr", "getattr")
            and isinstance(node.args[0], ast.Name)
            and isinstance(node.args[1], ast.Constant)
            and len(node.args) == 2
        ):
            found.add(f"{node.args[0].id}.{node.args[1].value}")
    return found


def lacking(names: dict[str, str]) -> set[str]:
    return {f"{module}.{name}" for module, text in names.items() for name in text.split()}


def modules(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


FILES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}


class TestWhatFilesAsk:
    """Read from the code: what one system's file may call, and that no other file does."""

    @pytest.mark.slow
    def test_what_windows_lacks_is_asked_for_by_files_of_other_systems_alone(self):
        windows = lacking(NOT_ON_WINDOWS)
        found = {
            name: (asked_for(path) & windows) - LOOKED_FOR.get(name, set())
            for name, path in FILES.items()
            if name not in OF_POSIX and name not in OF_LINUX
        }
        assert {name: asked for name, asked in found.items() if asked} == {}

    def test_what_macos_lacks_is_asked_for_by_files_of_linux_alone(self):
        macos = lacking(NOT_ON_MACOS)
        found = {
            name: (asked_for(path) & macos) - LOOKED_FOR.get(name, set())
            for name, path in FILES.items()
            if name not in OF_LINUX
        }
        assert {name: asked for name, asked in found.items() if asked} == {}

    @pytest.mark.slow
    def test_modules_of_one_system_are_loaded_by_its_own_file(self):
        """Neither at the top of another file nor within a function of it."""
        found = {name: modules(path) & (MODULES | OF_WINDOWS) for name, path in FILES.items()}
        assert {name: asked for name, asked in found.items() if asked} == {
            "systems/posix.py": {"fcntl", "resource", "termios", "tty"},
            "systems/linux.py": {"fcntl"},
        }

    @pytest.mark.parametrize("plan", [OF_POSIX, OF_LINUX, LOOKED_FOR])
    def test_the_plan_names_files_that_need_it(self, plan):
        """A file that asks for nothing any more leaves it."""
        names = lacking(NOT_ON_WINDOWS) | lacking(NOT_ON_MACOS)
        for name in plan:
            asked = asked_for(FILES[name])
            assert asked & names or modules(FILES[name]) & MODULES, name
            if plan is LOOKED_FOR:
                assert plan[name] <= asked


# --- the engine without what some systems lack --------------------------------------------------

# Runs at the start of every interpreter of an environment: whatever code of the grader's asks for
# is not there. Python's own libraries, and torch, have what they need on this system.
BLOCKED = """
import builtins, os, select, signal, socket, sys, types

LACKING = {lacking!r}
MODULES = {modules!r}
real_import = builtins.__import__


def is_ours(frame):
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "grader"


def blocked_import(name, globals=None, locals=None, fromlist=(), level=0):
    if name in MODULES and str((globals or {{}}).get("__name__")).partition(".")[0] == "grader":
        raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
    return real_import(name, globals, locals, fromlist, level)


class Blocked(types.ModuleType):
    def __getattribute__(self, name):
        get = types.ModuleType.__getattribute__
        if name in LACKING.get(get(self, "__name__"), ()) and is_ours(sys._getframe(1)):
            raise AttributeError(f"module has no attribute {{name!r}}")
        return get(self, name)


for module in (os, select, signal, socket):
    module.__class__ = Blocked
builtins.__import__ = blocked_import
"""
# In place of what Windows has: the calls of its file have something to meet, by its own rules. A
# duplicate of a socket is for one process, a job ends what is in it, a pipe tells what it holds.
WINDOWS = """
import array, ctypes, fcntl, importlib, mmap, subprocess, threading

PLACE = {place!r}
real_import_module, real_mmap = importlib.import_module, mmap.mmap
frame_of = sys._getframe


class Platform(types.ModuleType):
    def __getattribute__(self, name):
        get = types.ModuleType.__getattribute__
        if name == "platform" and get(self, "__name__") == "sys" and is_ours(frame_of(1)):
            return "win32"
        return get(self, name)


def share(self, pid):
    waiting = socket.socket(socket.AF_UNIX)
    waiting.bind("")  # a name of its own, in no file
    waiting.listen()

    def hand_over(descriptor=os.dup(self.fileno())):
        taker, _ = waiting.accept()
        who = taker.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        if array.array("i", who)[0] == pid:
            socket.send_fds(taker, [b"s"], [descriptor])
        os.close(descriptor)
        taker.close()
        waiting.close()

    threading.Thread(target=hand_over, daemon=True).start()
    return waiting.getsockname()


def fromshare(name):
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(name)
        _, (descriptor,), _, _ = socket.recv_fds(asking, 1, 1)
    return socket.socket(fileno=descriptor)


class Kernel:
    CreateJobObjectW = type("Function", (), {{"__call__": lambda *_: Kernel.create()}})()
    jobs = {{}}

    @classmethod
    def create(cls):
        cls.jobs[len(cls.jobs) + 1] = []
        return len(cls.jobs)

    def SetInformationJobObject(self, job, which, limits, size):
        assert (which, size, limits._obj.basic.flags) == (9, 144, 0x2000)
        return 1

    def AssignProcessToJobObject(self, job, handle):
        self.jobs[job.value].append(handle.value)
        return 1

    def TerminateJobObject(self, job, code):
        for pid in self.jobs[job.value]:
            os.kill(pid, signal.SIGKILL)

    def CloseHandle(self, job):
        del self.jobs[job.value]

    def SetErrorMode(self, mode):
        pass


def peek(handle, size):
    held = array.array("i", [0])
    fcntl.ioctl(handle, 0x541B, held)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    if not held[0] and any(event & select.POLLHUP for _, event in poll.poll(0)):
        raise BrokenPipeError
    return held[0], 0


class Tagged(real_mmap):
    def __new__(cls, descriptor, size, *rest, tagname=None):
        if tagname is None:
            return super().__new__(cls, descriptor, size, *rest)
        with open(os.path.join(PLACE, tagname), "ab+") as file:
            file.truncate(size)
            return super().__new__(cls, file.fileno(), size)


fakes = {{
    "_winapi": types.SimpleNamespace(PeekNamedPipe=peek),
    "msvcrt": types.SimpleNamespace(get_osfhandle=lambda descriptor: descriptor),
}}


def import_module(name, package=None):
    return fakes[name] if name in fakes else real_import_module(name, package)


importlib.import_module = import_module
ctypes.WinDLL = lambda *_, **__: Kernel()
subprocess.Popen._handle = property(lambda process: process.pid)
socket.socket.share, socket.fromshare, mmap.mmap = share, fromshare, Tagged
sys._base_executable = sys.executable
sys.__class__ = Platform
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> Callable[[str], list[str]]:
    """`environment(more)`: the command `grade` of an environment in whose processes the engine
    finds no more than it would on a system that has nothing of POSIX."""
    made: dict[str, list[str]] = {}

    def command(more: str = "") -> list[str]:
        if more not in made:
            made[more] = built(tmp_path_factory.mktemp("bare") / "environment", more)
        return made[more]

    return command


@pytest.fixture(scope="module")
def bare(environment) -> list[str]:
    """Of a system of which nothing is known."""
    return environment()


@pytest.fixture(scope="module")
def windows(environment) -> list[str]:
    """Of one that has what Windows has, as far as the engine asks for it."""
    return environment(WINDOWS)


def built(folder: Path, more: str) -> list[str]:
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    names = {module: text.split() for module, text in NOT_ON_WINDOWS.items()}
    text = (BLOCKED + more).format(lacking=names, modules=MODULES, place=str(folder))
    (site / "blocked.py").write_text(text)
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("-packages"))]
    (site / "blocked.pth").write_text("\n".join([*paths, "import blocked", ""]))
    return [str(folder / "bin" / "python"), "-m", "grader"]


def run(command: list[str], *arguments: str, **options) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "COLUMNS": "100", "OMP_NUM_THREADS": "1"}
    environment.pop("GRADE_WORKERS", None)
    return subprocess.run(
        [*command, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=200,
        **options,
    )


def unscaled(folder: Path) -> Path:
    text = (ROOM / "reference.py").read_text()
    path = folder / "ex03_attention_scoring.py"
    path.write_text(text.replace(" / math.sqrt(d)", ""))
    assert path.read_text() != text
    return path


ASK = """
import json, os, socket
from grader.systems.here import SYSTEM
def refused(ask):
    try:
        ask()
    except (ImportError, AttributeError):
        return True
print(json.dumps([SYSTEM.name, SYSTEM.forks, hasattr(os, "fork")]))
"""


def test_the_engine_finds_nothing_of_posix_there(bare):
    """The test's own premise: what is blocked is blocked in the engine, and only there."""
    text = ASK.replace("print", "import grader.report as r\nprint")
    told = run([bare[0]], "-c", text)
    assert json.loads(told.stdout) == ["this system", False, True], told.stderr
    inside = "exec(compile('import os; found = hasattr(os, \"fork\")', 'a', 'exec'), vars(r))"
    told = run([bare[0]], "-c", f"import grader.report as r; {inside}; print(r.found)")
    assert told.stdout == "False\n", told.stderr


class TestWithoutPosix:
    """Commands from one end to the other, on a system of which nothing is known."""

    @pytest.mark.slow
    @pytest.mark.parametrize("which", ["windows"])
    def test_a_right_answer_gets_all_points(self, which, request):
        """The running time is measured there too."""
        right = str(ROOM / "reference.py")
        command = [*request.getfixturevalue(which), "exercise", "3", "--submission", right]
        graded = run(command, "--format", "json")
        report = json.loads(graded.stdout)
        assert (report["score"], report["status"]) == (100, "passed"), graded.stderr
        assert report["timing"]["verdict"] in ("ok", "inconclusive")

    @pytest.mark.slow
    @pytest.mark.parametrize("which", ["bare"])
    def test_a_wrong_one_is_told_the_same_as_on_linux(self, which, request, tmp_path):
        bare = request.getfixturevalue(which)
        options = ["exercise", "3", "--no-speed", "--submission", str(unscaled(tmp_path))]
        here = run([*GRADE], *options)
        there = run(bare, *options)
        assert here.returncode == there.returncode == 1
        assert there.stdout == here.stdout
        assert "√d" in there.stdout or "sqrt" in there.stdout

    @pytest.mark.slow
    def test_reading_that_comes_to_no_end_is_ended(self, bare):
        """Though no limit on processor time is there to end it, and Python is never interrupted."""
        ask = "from grader.submission import limited; import time; limited.ask(time.sleep, 1e6)"
        assert run([bare[0]], "-c", ask).stderr.rstrip().endswith("limited.TakesTooMuch")

    def test_what_needs_no_worker_works(self, bare):
        assert "Attention scoring" in run(bare, "list").stdout
        assert run(bare, "hint", "3").returncode == 0

    @pytest.mark.slow
    def test_a_class_is_graded(self, bare, tmp_path):
        (tmp_path / "class" / "ann").mkdir(parents=True)
        unscaled(tmp_path / "class" / "ann")
        out = tmp_path / "results"
        done = run(
            bare,
            "class",
            str(tmp_path / "class"),
            "--output",
            str(out),
            "--jobs",
            "1",
            "--exercise",
            "3",
        )
        assert done.returncode in (0, 1), done.stderr
        assert "\nann,0,0,100," in (out / "gradebook.csv").read_text()

    @pytest.mark.slow
    def test_a_save_is_graded_while_somebody_watches(self, bare, tmp_path):
        """Once, and then the person leaves."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(
            [*bare, "watch", "3", "--no-speed", "--submission", str(unscaled(tmp_path))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        ) as watching:
            told = ""
            for line in watching.stdout:
                told += line
                if "/ 100" in line or "of 100" in line:
                    break
            watching.terminate()
            watching.communicate(timeout=30)
        assert "100" in told

    @pytest.mark.slow
    def test_memory_is_bounded_by_looking(self, bare):
        """Where no limit of the system's does it: a worker that fills it is ended, and told so."""
        told = run([bare[0]], "-c", FILLED)
        assert told.stdout == "Your code took more than 200 MiB of memory.\n", told.stderr


FILLED = """
from grader.course.model import Limits
from grader.judge.processes.workers import Forkserver, Start, Worker, WorkerFlooded
from grader.worker.invoke import Invocation

SOURCE = '''
import time
def f():
    kept = bytearray(b"x") * (300 << 20)
    time.sleep(1e6)
'''
with Forkserver() as forkserver:
    worker = Worker(forkserver, Start(SOURCE, "a.py", ["f"], [], "cpu", Limits(memory_mib=200)))
    worker.load(60)
    try:
        worker.request({"op": "call", "call": Invocation("f", ()).fields()}, 60)
    except WorkerFlooded as failure:
        print(failure)
"""


# --- what one system alone has --------------------------------------------------------------------


def test_a_limit_that_is_refused_is_told_and_raises_nothing(monkeypatch):
    """As on macOS, which answers some with ValueError."""
    resource = pytest.importorskip("resource")

    def refuse(*_):
        raise ValueError("current limit exceeds maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    assert SYSTEM.limit(files=64) == "files: current limit exceeds maximum limit"


def test_the_profile_of_a_mac_opens_what_python_needs_and_closes_the_rest():
    """Of two rules that fit a file, Seatbelt follows the later."""
    home, library, scratch = "/Users/ann", "/Users/ann/venv/lib", "/private/var/x/grade-1"
    closed = [f"{library}/grader", '/Users/ann/od"d']
    rules = seatbelt.profile([library], closed, scratch, home).splitlines()

    def last(operation: str, path: str) -> str:
        fits = [rule for rule in rules if operation in rule and f'(subpath "{path}")' in rule]
        return fits[-1].split()[0]

    assert last("file-read-data", home) == "(deny"
    assert last("file-read-data", library) == "(allow"
    assert last("file-read-data", f"{library}/grader") == "(deny"
    assert last("file-write*", scratch) == "(allow"
    assert '(subpath "/Users/ann/od\\"d")' in rules[-1]
    assert rules[0] == "(version 1)"
    assert rules.index("(deny network*)") > rules.index("(allow default)")
    for rule in rules:
        assert rule.count("(") == rule.count(")")
