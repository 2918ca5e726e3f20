"""The walls around a worker: what each says of itself, what it lets through, what is left of it."""

import errno
import fcntl
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.course import model as course
from grader.course.model import Limits
from grader.judge.grading import grade
from grader.judge.processes.workers import Start, Worker, WorkerDied
from grader.submission.text import read
from grader.worker import sources
from grader.worker.invoke import Invocation
from grader.worker.walls import disk, landlock, layers, seccomp

ROOT = Path(__file__).resolve().parents[2]
ANSWER = ROOT / "solutions" / "ex03_attention_scoring" / "reference.py"
PATIENT = 60.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is Linux's")


@pytest.fixture
def told(forkserver, tmp_path, monkeypatch):
    """`told(expression, *without)`: its value in a worker, and the states of the layers."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def ask(expression: str, *without: str, hidden: tuple[str, ...] = (), unreadable=()):
        source = f"{PRELUDE}\ndef f(): return {expression}"
        start = Start(source, "a.py", ["f"], [], "cpu", Limits(), hidden=hidden, without=without)
        worker = Worker(forkserver, start)
        worker._plan = replace(worker._plan, unreadable=unreadable)
        try:
            worker.load(PATIENT)
            call = {"op": "call", "call": Invocation("f", ()).fields()}
            reply = worker.request(call, PATIENT)
            value = reply["raised"]["type"] if reply["raised"] else reply["outcome"]["value"]
            return value, worker.sandbox
        finally:
            worker.close()

    return ask


# For expressions that are asked for: `why_not` is the error of a system call, 0 where it has none.
PRELUDE = """
import ctypes, fcntl, importlib.util, inspect, mmap, os, resource, select, shutil, signal, socket
import sys, tempfile, threading, time, torch
libc = ctypes.CDLL(None, use_errno=True)

def why_not(*arguments):
    longs = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return ctypes.get_errno() if libc.syscall(*longs) == -1 else 0

def refused(action, *arguments):
    try:
        action(*arguments)
    except PermissionError as error:
        return error.errno == 1
    return False
"""


def number_of(name: str) -> int:
    """The number of a system call on this machine; negative where there is none."""
    import pyseccomp

    found: int = pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)
    return found


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
        assert tuple(states) == layers.NAMES
        assert all(s == "active" or s.startswith("unavailable: ") for s in states.values())

    @pytest.mark.parametrize("name", layers.NAMES)
    def test_a_layer_that_is_left_out_is_said_to_be(self, told, name):
        value, states = told("torch.ones(2).sum().item()", name)
        assert value == 2.0
        assert states[name] == layers.SWITCHED_OFF

    def test_what_is_missing_is_named_with_its_reason(self):
        states = dict.fromkeys(layers.NAMES, "active") | {
            "landlock": "unavailable: no kernel",
            "uid": "unavailable: no root",
        }
        assert layers.missing(states) == ["landlock (unavailable: no kernel)"]
        assert len(layers.missing({})) == sum(layer.needed for layer in layers.LAYERS)

    @pytest.mark.slow
    def test_a_kernel_without_landlock_is_told_the_truth(self):
        run = without_landlock("-m", "grader", "doctor")
        assert run.returncode == 1, run.stderr
        assert "this kernel has no Landlock" in " ".join(run.stdout.split())
        assert max(map(len, run.stdout.splitlines())) <= 80

    @pytest.mark.slow
    def test_require_sandbox_refuses_where_landlock_is_missing(self):
        asked = ("-m", "grader", "exercise", "3", "-s", str(ANSWER), "--require-sandbox")
        run = without_landlock(*asked)
        assert (run.returncode, run.stdout) == (2, "")
        assert "landlock (unavailable: this kernel has no Landlock" in run.stderr

    @pytest.mark.slow
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


# Puts the walls up where the root is a folder, no mount, with /proc in it or without.
IN_A_CHROOT = """
import ctypes, errno, json, os, sys
import pyseccomp
from grader.worker import sandbox
from grader.worker.walls.layers import Plan, Prepared
from grader.worker.walls.system import call
root, proc = sys.argv[1], sys.argv[2] == "with"
os.makedirs(root + "/scratch")
os.mkdir(root + "/proc")
call("unshare", 0x20000)
try:
    call("mount", None, b"/", None, ctypes.c_ulong(1 << 14 | 1 << 18), None)
except OSError as error:
    sys.exit("the root is a folder already" if error.errno == errno.EINVAL else str(error))
sandbox.prepare()
Prepared.readable = ()  # nothing of it is there any more
if proc:
    call("mount", b"proc", os.fsencode(root + "/proc"), b"proc", ctypes.c_ulong(0), None)
os.chroot(root)
os.chdir("/")
states = sandbox.enter(Plan("/scratch", (), "cpu", 1 << 30, 60))
open("/scratch/a", "w").write("here")
print(json.dumps(states))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the root")
class TestInAChroot:
    """A wall that cannot be built there is told; the others stand, and grading goes on."""

    def states(self, tmp_path, proc):
        run = subprocess.run(
            [sys.executable, "-c", IN_A_CHROOT, str(tmp_path / "root"), proc],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        for lacks in ("Operation not permitted", "the root is a folder already"):
            if run.returncode and lacks in run.stderr:
                pytest.skip(f"no chroot of our own can be made: {lacks}")
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    def test_only_the_folder_is_not_bounded(self, told, tmp_path):
        states = self.states(tmp_path, "with")
        assert "chroot whose root is no mount" in states["scratch"]
        ordinary = told("1")[1]
        others = set(layers.NAMES) - {"scratch"}
        assert {name: states[name] for name in others} == {name: ordinary[name] for name in others}
        # No other process sees a mount: what it wrote lies on the disk.
        assert (tmp_path / "root" / "scratch" / "a").read_text() == "here"

    def test_without_proc_what_takes_it_is_told(self, tmp_path):
        states = self.states(tmp_path, "without")
        for name in ("uid", "memory"):
            assert states[name] == "unavailable: /proc is not mounted here"
        assert states["seccomp"] == states["capabilities"] == "active"


@pytest.mark.parametrize(
    ("step", "error", "told"),
    [
        ("unshare", errno.EPERM, "this container forbids mounting"),
        ("unshare", errno.ENOSPC, "no more namespaces"),
        ("unshare", errno.ENOSYS, "no namespaces of mounts"),
        ("private", errno.EINVAL, "chroot whose root is no mount"),
        ("tmpfs", errno.ENODEV, "no tmpfs"),
        ("tmpfs", errno.ENOSPC, "no more mounts"),
        ("tmpfs", errno.ENOENT, None),
        ("tmpfs", errno.EINVAL, None),
    ],
)
def test_what_a_system_lacks_for_the_folder_is_told_and_a_fault_is_not(
    monkeypatch, tmp_path, step, error, told
):
    """The calls are stand-ins: no machine refuses in all of these ways."""

    def call(name, *arguments):
        asked = "tmpfs" if b"tmpfs" in arguments else "private" if name == "mount" else name
        if asked == step:
            raise OSError(error, os.strerror(error))

    monkeypatch.setattr(disk, "call", call)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    plan = layers.Plan(str(tmp_path), (), "cpu", 1 << 30, 60)
    if told is None:
        with pytest.raises(OSError, match=os.strerror(error)):
            disk.mount_scratch(plan, None)
    else:
        assert told in disk.mount_scratch(plan, None)


class TestReading:
    """What a worker may read is a list, and a hidden folder in it stays hidden."""

    def test_python_and_torch_can_be_imported_on(self, told):
        modules = ("sqlite3", "xmlrpc.client", "torch.distributions", "torch.optim")
        value, _ = told(f"[__import__(name).__name__ for name in {modules!r}]")
        assert value == [name.split(".")[0] for name in modules]

    @pytest.mark.parametrize("path", ["/", "/proc/self/status", "/etc/passwd", str(ANSWER)])
    def test_nothing_else_can_be_read(self, told, path):
        how = "os.listdir" if Path(path).is_dir() else "open"
        # Where root grades, a worker has no /proc at all.
        assert told(f"{how}({path!r})")[0] in ("PermissionError", "FileNotFoundError")

    def test_a_hidden_folder_in_an_allowed_one_is_left_out(self, tmp_path):
        """Landlock cannot take it out: what lies beside it is allowed, entry by entry."""
        site = tmp_path / "site-packages"
        for name in ("torch/nn", "grader/bundled/solutions", "course/solutions/ex01", "course/x"):
            (site / name).mkdir(parents=True)
        (site / "six.py").touch()
        (site / "linked").symlink_to(site / "course")
        hidden = (f"{site}/grader", f"{site}/course/solutions")
        rules = dict(landlock._reading([str(site)], hidden))
        listed = {path for path, rights in rules.items() if rights == landlock._READ_DIR}
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

    def test_a_file_that_is_not_to_be_read_is_not_and_its_neighbours_are(self, told):
        """Also as bytecode; and what is loaded of it works on."""
        files = sources.sources_of(["torch.nn.utils.clip_grad_norm_"])
        beside = str(Path(torch.nn.utils.__file__).parent / "fusion.py")
        assert [Path(file).name.split(".")[0] for file in files] == ["clip_grad"] * len(files)
        for file in files:
            assert told(f"open({file!r}, 'rb').read(4)", unreadable=files)[0] == "PermissionError"
        works = (
            "torch.nn.utils.clip_grad_norm_([torch.ones(2, requires_grad=True)], 1).item()",
            f"open({beside!r}).read(0)",
            "__import__('torch.nn.utils.fusion').__name__",
        )
        assert told(f"({', '.join(works)})", unreadable=files)[0] == (0.0, "", "torch")
        twice = "importlib.util.spec_from_file_location('mine', {!r})"
        twice = f"(lambda s: s.loader.exec_module(importlib.util.module_from_spec(s)))({twice})"
        assert told(twice.format(files[-1]), unreadable=files)[0] == "PermissionError"


class TestSystemCalls:
    """By permission: what Python and torch need, and of that only what harms nobody."""

    def test_every_number_that_is_not_allowed_is_refused(self, told):
        """Those too that this libseccomp, or this kernel, does not know yet."""
        allowed = {number_of(name) for name in seccomp._ALLOWED.split()}
        if platform.machine() == "x86_64":
            # uretprobe and uprobe, which Linux lets past every filter: they serve code that the
            # kernel has put in itself, and end a process that calls them otherwise.
            allowed |= {335, 336}
        numbers = [number for number in (*range(600), 999, 4095) if number not in allowed]
        whys, states = told(f"[why_not(number, -1, -1, -1, -1, -1, -1) for number in {numbers}]")
        assert states["seccomp"] == "active"
        let_through = {
            number: errno.errorcode.get(why, "allowed")
            for number, why in zip(numbers, whys, strict=True)
            if why not in (errno.EPERM, errno.ENOSYS)
        }
        assert not let_through

    def test_what_is_allowed_has_a_number_here(self):
        """A slip of the pen would refuse it to right answers in silence."""
        names = {*seccomp._ALLOWED.split(), *seccomp._ALLOWED_FOR_CUDA.split(), *seccomp._MISSING}
        names |= {name for each in seccomp._PERMISSIONS for name in each.names.split()}
        newer = {"riscv_flush_icache", "riscv_hwprobe", "mseal", "futex_waitv"}
        newer |= {"futex_wake", "futex_wait", "futex_requeue", "epoll_pwait2"}
        # -1 is what no machine has; -10000 and less is what another machine has.
        assert not {name for name in names - newer if number_of(name) == -1}

    @pytest.mark.parametrize(
        ("name", "number"), [("setxattrat", 463), ("removexattrat", 466), ("file_setattr", 469)]
    )
    def test_rights_of_files_cannot_be_changed_in_new_ways(self, told, name, number):
        """Numbers from 424 on are the same on every machine."""
        path = "tempfile.gettempdir().encode()"
        call = f"why_not({number}, -100, {path}, 0, b'user.grade', b'12345678', 24)"
        assert told(call)[0] == errno.EPERM, name

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("shmctl", "0, 0, 0"),
            ("semctl", "0, 0, 0"),
            ("msgctl", "0, 0, 0"),
            ("mq_unlink", "b'grade-attack'"),
            ("mq_open", "b'grade-attack', 0o102, 0o600, 0"),
            ("io_setup", "1, ctypes.create_string_buffer(8)"),
            ("flock", "FILE, 2"),
            ("ioctl", "FILE, 0x40086602, ctypes.create_string_buffer(8)"),  # FS_IOC_SETFLAGS
            ("ioctl", "FILE, 0x401C5820, ctypes.create_string_buffer(32)"),  # FS_IOC_FSSETXATTR
            ("ioctl", "1, 0x5412, b'x'"),  # TIOCSTI
            ("ioctl", "0xFF_0000_0001, 0x1_0000_5412, b'x'"),  # the same to the kernel
            ("ioctl", "1, 0x8901, ctypes.byref(ctypes.c_int(1))"),  # FIOSETOWN
            ("fcntl", f"FILE, {fcntl.F_SETLEASE}, {fcntl.F_RDLCK}"),
            ("fcntl", f"FILE, {fcntl.F_GETLEASE}"),
            ("fcntl", f"os.open('.', os.O_RDONLY), {fcntl.F_NOTIFY}, 1"),
            ("fcntl", f"FILE, {fcntl.F_SETLK}, struct"),
            ("fcntl", f"FILE, {fcntl.F_GETLK}, struct"),
            ("fcntl", "FILE, 37, struct"),  # F_OFD_SETLK
            ("fcntl", f"FILE, {fcntl.F_SETOWN}, 1"),
            ("fcntl", f"FILE, {fcntl.F_SETSIG}, 9"),
            ("fcntl", f"FILE, {fcntl.F_SETFL}, 0x2000"),  # O_ASYNC
            ("fcntl", f"os.pipe()[0], {fcntl.F_SETPIPE_SZ}, 1 << 20"),
            ("fcntl", "FILE, 0x1_0000_0008, 1"),  # F_SETOWN to the kernel
            ("prctl", "1, 0, 0, 0, 0"),  # PR_SET_PDEATHSIG
            ("prctl", "4, 1, 0, 0, 0"),  # PR_SET_DUMPABLE
            ("prctl", "0x1_0000_0004, 1, 0, 0, 0"),
            ("prctl", "22, 2, 0, 0, 0"),  # PR_SET_SECCOMP
            ("prctl", "36, 1, 0, 0, 0"),  # PR_SET_CHILD_SUBREAPER
            ("clone", "17, 0, 0, 0, 0"),  # a process
            ("clone", "0x1001_0F00, 0, 0, 0, 0"),  # a thread with users of its own
            ("clone", "0x1_4F00, 0, 0, 0, 0"),  # a thread that another waits for, and cannot stop
            ("kill", "os.getppid(), 0"),
            ("kill", "0, 0"),
            ("tgkill", "os.getppid(), os.getppid(), 0"),
            ("prlimit64", "os.getppid(), 7, 0, 0"),
            ("sched_setaffinity", "os.getppid(), 8, b'\\1' + bytes(7)"),
            ("sched_getaffinity", "os.getppid(), 8, ctypes.create_string_buffer(8)"),
            ("clock_gettime", "~os.getppid() << 3 | 2, ctypes.create_string_buffer(16)"),
            ("sysinfo", "ctypes.create_string_buffer(512)"),
            ("statfs", "b'/', ctypes.create_string_buffer(512)"),
            ("sync", ""),
            ("fadvise64", "FILE, 0, 0, 4"),
            ("mincore", "BUFFER, 4096, ctypes.create_string_buffer(8)"),
            ("madvise", "BUFFER, 4096, 21"),  # MADV_PAGEOUT
            ("madvise", "BUFFER, 4096, 12"),  # MADV_MERGEABLE
            ("mmap", "0, 1 << 21, 3, 0x40022, -1, 0"),  # MAP_HUGETLB
            ("getpgid", "os.getppid()"),
            ("openat", "-100, b'a', 0o1000, 0"),  # O_TRUNC to read
            ("sendto", "FILE, b'x', 1, 0, ctypes.create_string_buffer(16), 16"),
            ("sendmsg", "FILE, ctypes.create_string_buffer(64), 0"),
            ("getpriority", "0, os.getppid()"),
            ("utimensat", "-100, b'a', 0, 0"),
            ("socketpair", "1, 1, 0, ctypes.create_string_buffer(8)"),
        ],
    )
    def test_a_call_is_refused_for_its_arguments(self, told, name, arguments):
        """Nothing of it reaches the kernel: the error is that of the filter."""
        arguments = arguments.replace("FILE", "os.open(torch.__file__, os.O_RDONLY)")
        arguments = arguments.replace("struct", "ctypes.create_string_buffer(64)")
        arguments = arguments.replace("BUFFER", "ctypes.c_void_p(torch.ones(9000).data_ptr())")
        call = ", ".join(filter(None, (str(number_of(name)), arguments)))
        # Landlock and a user of its own would refuse some of it in the same words.
        without = ("landlock", "landlock_scope", "uid", "capabilities")
        assert told(f"why_not({call})", *without)[0] == errno.EPERM

    @pytest.mark.parametrize(
        "expression",
        [
            "os.isatty(1), os.get_inheritable(1), os.get_blocking(1)",
            "[os.set_blocking(fd, False) for fd in os.pipe()]",
            "fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 0) > 2",
            "os.kill(os.getpid(), 0), signal.pthread_kill(threading.get_ident(), 0)",
            "signal.raise_signal(signal.SIGURG), signal.setitimer(signal.ITIMER_REAL, 0)",
            "os.sched_getaffinity(0), os.cpu_count(), os.sched_yield(), os.uname().machine",
            "time.sleep(0.001), time.process_time(), time.thread_time(), time.localtime().tm_zone",
            "resource.getrlimit(7), resource.getrusage(0).ru_maxrss, os.times().user",
            "select.select([], [], [], 0.001), select.poll().poll(1), select.epoll().close()",
            "tempfile.TemporaryFile().write(b'x'), tempfile.TemporaryDirectory().cleanup()",
            "[tempfile.NamedTemporaryFile(mode=m).close() for m in ('w', 'w+b', 'x')]",
            "open('a', 'w').write('x'), os.truncate(os.open('a', 2), 9), os.fsync(os.open('a', 2))",
            "open('a', 'w').close(), shutil.copyfile('a', 'b'), shutil.move('b', 'c')",
            "os.makedirs('x/y'), list(os.walk('.')), shutil.rmtree('x'), os.listdir()",
            "mmap.mmap(-1, 4096).write(b'x'), mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE).flush()",
            "torch.save(torch.ones(3), 'a'), torch.load('a'), torch.load('a', mmap=True).sum()",
            "torch.from_file('b', shared=True, size=100).fill_(1).sum()",
            "[threading.Thread(target=torch.ones(9).sum).start() for _ in range(8)]",
            "torch.ones(50_000_000).sum(), torch.linalg.svdvals(torch.eye(50)), os.urandom(3)",
            "torch.ones(9, requires_grad=True).exp().sum().backward()",
            "torch.func.jvp(torch.sin, (torch.ones(2),), (torch.ones(2),))[0].sum()",
        ],
    )
    def test_what_honest_code_does_works(self, told, expression):
        value, states = told(f"repr(({expression},))")
        assert states["seccomp"] == "active"
        assert value.startswith("("), value

    @pytest.mark.skipif(platform.machine() != "x86_64", reason="such processors have two tables")
    def test_a_call_by_another_table_ends_the_worker(self, told):
        """`int 0x80` with the number that 32-bit programs have for getpid."""
        code = bytes.fromhex("b814000000cd80c3")
        program = (
            f"(m := mmap.mmap(-1, 4096, prot=7)).write({code}),"
            " ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()"
        )
        with pytest.raises(WorkerDied, match="SIGSYS"):
            told(program)
        assert told(program, "seccomp")[0][1] > 0

    def test_where_root_grades_no_other_process_can_be_asked_about(self, told):
        """The number of its threads would be a way to speak; without root that way remains."""
        (seen, states) = told("os.path.exists(f'/proc/{os.getppid()}/task')")
        assert seen == (states["scratch"] != "active")


class TestSources:
    """The files of forbidden built-ins, and what Python has of their text in memory."""

    def test_a_class_is_in_its_file_and_in_its_second_homes(self):
        files = {
            os.path.relpath(f, Path(torch.__file__).parent) for f in self.found("torch.nn.LSTM")
        }
        assert {"nn/modules/rnn.py", "ao/nn/quantizable/modules/rnn.py"} <= files
        assert "nn/functional.py" not in files

    def test_an_operator_is_where_torch_has_it_in_python(self):
        assert any(f.endswith("_decomp/decompositions.py") for f in self.found("aten::*lstm*"))
        assert any(f.endswith("_refs/nn/functional/__init__.py") for f in self.found("aten::gelu"))

    def test_what_nobody_has_loaded_keeps_its_file(self):
        assert self.found("torch.no_such.thing") == ()
        assert self.found("aten::no_such") == ()

    @staticmethod
    def found(entry: str) -> tuple[str, ...]:
        files = sources.sources_of([entry])
        assert all(Path(file).is_file() for file in files)
        return files

    @pytest.mark.slow
    def test_the_text_of_what_is_forbidden_is_forgotten_and_the_rest_is_not(self):
        """In another process: a test must not take torch's text away from the others."""
        program = (
            "import inspect, linecache, torch, torch.nn.functional as F\n"
            "from grader.worker import sources\n"
            "lines = linecache.getlines(F.__file__)\n"
            "files = sources.withhold(['torch.nn.functional.layer_norm', 'torch.nn.GRU'])\n"
            "assert F.__file__ in files\n"
            "rnn = ''.join(linecache.getlines(inspect.getfile(torch.nn.GRU)))\n"
            "assert '_VF.lstm(' in rnn and '_VF.gru(' not in rnn\n"
            "assert 'def relu' in inspect.getsource(F.relu)\n"
            "assert 'def __init__' in inspect.getsource(torch.nn.RNN.__init__)\n"
            "left = ''.join(linecache.getlines(F.__file__))\n"
            "assert 'torch.layer_norm(' not in left and 'torch.layer_norm(' in ''.join(lines)\n"
            "assert linecache.getline(F.__file__, 900) == lines[899]\n"
            "assert torch.jit.script(torch.nn.ReLU())(-torch.ones(1)) == 0\n"
            "print('done')\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, timeout=100
        )
        assert run.stdout == "done\n", run.stderr


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
        if os.geteuid() == 0 and "chroot" not in states["scratch"]:
            assert states["scratch"] == "active"


@pytest.mark.slow
def test_what_was_computed_before_is_not_counted():
    """A worker that is an interpreter of its own has imported torch by then."""
    program = (
        "import resource, time\n"
        "from grader.worker.walls import limits\n"
        "from grader.worker.walls.layers import Plan\n"
        "while time.process_time() < 1.1: pass\n"
        "assert not limits.limit_use(Plan('', (), 'cpu', 0, 1), None)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU)[0] - time.process_time() >= 1)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout == "True\n", run.stderr


class TestFolders:
    """The judge looks at folders that nothing bounds, and removes whatever was left in them."""

    def test_an_ordinary_folder_is_fine(self, tmp_path):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "b").write_bytes(bytes(1000))
        assert disk.too_much_in(str(tmp_path)) is None
        assert disk.too_much_in(str(tmp_path / "gone")) is None

    def test_many_files_are_too_many(self, tmp_path):
        for number in range(disk.MAX_SCRATCH_FILES + 1):
            (tmp_path / f"{number}").touch()
        assert "1000 files" in disk.too_much_in(str(tmp_path))

    def test_a_large_file_is_too_much(self, tmp_path, monkeypatch):
        monkeypatch.setattr(disk, "MAX_SCRATCH_BYTES", 10_000)
        (tmp_path / "a").write_bytes(bytes(50_000))
        assert "to its folder" in disk.too_much_in(str(tmp_path))

    @pytest.mark.slow
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
        disk.remove(str(folder))
        assert not folder.exists()
        assert (kept / "file").exists()


@pytest.mark.slow
def test_a_judge_that_is_killed_leaves_neither_folder_nor_process(tmp_path):
    """The process that workers are forked from cleans up after it, and ends."""
    program = (
        "import os, sys, time\n"
        "from grader.course.model import Limits\n"
        "from grader.judge.processes.workers import Forkserver, Start, Worker\n"
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


@pytest.mark.slow
def test_a_report_carries_the_states(forkserver):
    """Those of the worker that the submission really ran in."""
    exercise = course.find(course.bundled()).exercise("3")
    options = {"device": "cpu", "speed": False, "forkserver": forkserver}
    report = grade(exercise, read(ANSWER), require_sandbox=False, **options)
    assert tuple(report.as_json()["sandbox"]) == layers.NAMES


@pytest.mark.slow
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
    for layer in layers.LAYERS:
        assert layer.name in run.stdout
    _, states = told("1")
    assert run.returncode == bool(layers.missing(states))
