"""The judge's hold on its workers: what one may do, how it ends, and that nothing is left of it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch

from grader.course.model import Limits
from grader.judge.processes import workers
from grader.judge.processes.workers import (
    Start,
    Worker,
    WorkerBrokeProtocol,
    WorkerDied,
    WorkerFailure,
    WorkerFlooded,
    WorkerHung,
)
from grader.worker import forkserver, origin, warmth
from grader.worker.invoke import Invocation
from grader.worker.walls import layers

PATIENT = 60.0
LIMITS = Limits(property_seconds=5, submission_seconds=20, memory_mib=512, output_kib=64)
# Every socket that a worker holds is the channel to the judge.
CHANNEL = """
import os

class Channel:
    # What answers travel on, found by trying: the one that is no file and no device.
    def send(self, frame):
        for descriptor in range(3, 256):
            try:
                os.lseek(descriptor, 0, os.SEEK_CUR)
            except OSError as error:
                if error.errno == 29 and not os.isatty(descriptor):
                    os.write(descriptor, frame)
                    return

    def shutdown(self, how):
        os.closerange(3, 256)

def channel():
    return Channel()

# The engine cannot be imported; its classes lead to the module that packs frames.
(writer,) = (each for each in object.__subclasses__() if each.__name__ == "_Writer")
names = writer.node.__globals__
pack, PREFIX, MAGIC = names["pack"], names["PREFIX"], names["MAGIC"]
"""

MakeWorker = Callable[..., Worker]


@pytest.fixture
def scratch(tmp_path, monkeypatch) -> Path:
    """Where the workers of this test have their scratch folders."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def worker(forkserver, scratch, processes) -> Iterator[MakeWorker]:
    """`worker(source, **limits)`: a worker that has loaded `source`. None outlives its test."""
    before, descriptors = processes(), set(os.listdir("/proc/self/fd"))
    made: list[Worker] = []

    def make(
        source: str, load: bool = True, without: tuple[str, ...] = (), **limits: int
    ) -> Worker:
        start = Start(
            source=dedent(source),
            filename="mine.py",
            functions=["f"],
            forbidden=[],
            device="cpu",
            limits=Limits(**{**vars(LIMITS), **limits}),
            without=without,
        )
        made.append(Worker(forkserver, start))
        if load:
            assert made[-1].load(PATIENT)["raised"] is None
        return made[-1]

    yield make
    for each in made:
        each.close()
    assert processes() <= before
    assert set(os.listdir("/proc/self/fd")) <= descriptors
    assert not list(scratch.iterdir())


def call(worker: Worker, *args: Any, seconds: float = PATIENT) -> Any:
    """The value of `f(*args)` in the worker; what it raised is a failure of the test."""
    reply = worker.request({"op": "call", "call": Invocation("f", args).fields()}, seconds)
    assert reply["raised"] is None, reply["raised"]
    return reply["outcome"]["value"]


class TestServing:
    """A worker loads a submission and answers calls."""

    def test_a_function_is_called_with_what_the_judge_sends(self, worker):
        one = worker("def f(x, n): return x * n, [n]")
        value, rest = call(one, torch.ones(2), 3)
        assert value.tolist() == [3.0, 3.0]
        assert rest == [3]

    def test_it_says_which_functions_there_are(self, worker):
        one = worker("def f(a, b=1, *, c): pass", load=False)
        assert one.load(PATIENT)["functions"] == {
            "f": [
                ["a", "POSITIONAL_OR_KEYWORD", False],
                ["b", "POSITIONAL_OR_KEYWORD", True],
                ["c", "KEYWORD_ONLY", False],
            ]
        }

    @pytest.mark.parametrize(("source", "found"), [("", None), ("f = 3", "int"), ("f = max", True)])
    def test_it_says_what_stands_in_a_functions_place(self, worker, source, found):
        assert worker(source, load=False).load(PATIENT)["functions"] == {"f": found}

    def test_an_exception_comes_back_with_its_line(self, worker):
        one = worker("def f():\n    raise ValueError('no')\n")
        reply = one.request({"op": "call", "call": Invocation("f", ()).fields()}, PATIENT)
        assert reply["raised"] == {
            "type": "ValueError",
            "bases": ["ValueError", "Exception"],
            "message": "no",
            "lines": [2],
        }
        assert not one.ended

    def test_a_syntax_error_comes_back_with_its_line(self, worker):
        reply = worker("x = 1\ndef f(:\n", load=False).load(PATIENT)
        assert reply["raised"]["type"] == "SyntaxError"
        assert reply["raised"]["lines"] == [2]

    def test_sys_exit_ends_a_call_and_not_the_worker(self, worker):
        one = worker("import sys\ndef f(go): return sys.exit(0) if go else 'here'")
        reply = one.request({"op": "call", "call": Invocation("f", (True,)).fields()}, PATIENT)
        assert reply["raised"]["type"] == "SystemExit"
        assert call(one, False) == "here"

    def test_one_seed_gives_the_same_numbers_in_each_worker(self, worker):
        source = "import random, torch\ndef f(): return random.random(), torch.rand(2).tolist()"
        drawn = []
        for seed in (1, 1, 2):
            one = worker(source)
            one.request({"op": "seed", "seed": seed}, PATIENT)
            drawn.append(call(one))
        assert drawn[0] == drawn[1] != drawn[2]

    def test_gradients_work_in_a_worker(self, worker):
        one = worker("def f(x): return x ** 2")
        asked = Invocation("f", (torch.ones(2, requires_grad=True),), {}, (torch.ones(2),))
        reply = one.request({"op": "call", "call": asked.fields()}, PATIENT)
        assert reply["outcome"]["gradients"][0].tolist() == [2.0, 2.0]

    def test_what_cannot_travel_is_said_to_be_so(self, worker):
        one = worker("def f(): return {1, 2}")
        reply = one.request({"op": "call", "call": Invocation("f", ()).fields()}, PATIENT)
        assert reply["unsendable"] == "a value of type set"

    def test_prints_are_captured_and_go_nowhere_else(self, worker, capfd):
        one = worker(
            """
            import os, sys
            print("loading")
            def f():
                print("printed")
                sys.stderr.write("complained\\n")
                os.write(1, b"raw \\xff\\n")
            """
        )
        call(one)
        assert one.printed.split() == ["loading", "printed", "complained", "raw", "�"]
        assert capfd.readouterr() == ("", "")

    def test_standard_input_is_empty(self, worker):
        one = worker("import os, sys\ndef f(): return sys.stdin.read(), os.read(0, 9) == b''")
        assert call(one) == ("", True)

    def test_the_environment_holds_nothing_of_the_judges(self, worker, scratch):
        os.environ["GRADE_TEST_SECRET"] = "secret"
        try:
            one = worker("import os, sys\ndef f(): return dict(os.environ), sys.argv, os.getcwd()")
        finally:
            del os.environ["GRADE_TEST_SECRET"]
        environment, arguments, folder = call(one)
        assert set(environment) == {"HOME", "TMPDIR", "PATH", "LANG"}
        assert arguments == ["submission"]
        assert Path(folder).parent == scratch
        assert environment["HOME"] == environment["TMPDIR"] == folder

    def test_the_judges_folder_is_not_importable(self, worker):
        source = "def f():\n    import test_workers_secret_module"
        one = worker(source)
        reply = one.request({"op": "call", "call": Invocation("f", ()).fields()}, PATIENT)
        assert reply["raised"]["type"] == "ModuleNotFoundError"

    def test_it_holds_no_descriptor_but_its_own(self, worker):
        one = worker(
            "import os\ndef f():\n"
            "    open_ = [f'/proc/self/fd/{n}' for n in os.listdir('/proc/self/fd')]\n"
            "    return sorted(os.readlink(link) for link in open_ if os.path.lexists(link))",
            without=layers.NAMES,
        )
        kinds = [re.sub(r"\d+", "", link) for link in call(one)]
        assert kinds == ["/dev/null", "pipe:[]", "pipe:[]", "pipe:[]", "socket:[]"]

    def test_it_computes_with_one_thread_whatever_the_student_asks_for(self, worker):
        one = worker(
            "import torch\ntorch.set_num_threads(2)\ndef f(): return torch.get_num_threads()"
        )
        assert call(one) == 1

    def test_a_file_that_it_writes_is_gone_with_it(self, worker, scratch):
        source = "def f():\n    open('left.txt', 'w').write('x')"
        one = worker(source, without=("scratch",))
        call(one)
        assert [path.name for path in scratch.glob("*/*")] == ["left.txt"]
        one.close()
        assert not list(scratch.iterdir())


# How each ends, by what `f` does, and what the student reads.
ENDINGS: dict[str, tuple[str, type[WorkerFailure], str]] = {
    "exit code 0": ("os._exit(0)", WorkerDied, "ended the whole process (exit code 0)"),
    "exit code 3": ("os._exit(3)", WorkerDied, "ended the whole process (exit code 3)"),
    "SIGKILL": (
        "os.kill(os.getpid(), 9)",
        WorkerDied,
        "crashed the process that it ran in (SIGKILL)",
    ),
    "a signal without a name": ("os.kill(os.getpid(), 40)", WorkerDied, "(signal 40)"),
    "a request to end": ("os.kill(os.getpid(), 15)", WorkerDied, "(SIGTERM)"),
    "segmentation fault": ("ctypes.string_at(8)", WorkerDied, "(SIGSEGV)"),
    "abort": ("os.abort()", WorkerDied, "(SIGABRT)"),
    "processor time": ("os.kill(os.getpid(), 24)", WorkerDied, "processor time"),
    "closed channel": ("os.closerange(3, 256)", WorkerDied, "Your code"),
    "shut channel": ("channel().shutdown(2)", WorkerDied, "Your code"),
    "flood": ("exec('while True: print(10000 * chr(120))')", WorkerFlooded, "more than 64 KiB"),
    "raw flood": (
        "exec('while True: os.write(2, bytes(5000))')",
        WorkerFlooded,
        "more than 64 KiB",
    ),
    "garbage": ("channel().send(b'x' * 100)", WorkerBrokeProtocol, "disturbed the channel"),
    "a giant announced": (
        "channel().send(PREFIX.pack(MAGIC, 1 << 31, 1 << 62))",
        WorkerBrokeProtocol,
        "over the limit",
    ),
    "another call's answer": (
        "channel().send(pack({'id': 1, 'raised': None}))",
        WorkerBrokeProtocol,
        "the reply does not answer the call",
    ),
    "an answer to no call": (
        "channel().send(pack({'id': torch.ones(3)}))",
        WorkerBrokeProtocol,
        "the reply does not answer the call",
    ),
    "no dict": ("channel().send(pack([2]))", WorkerBrokeProtocol, "disturbed the channel"),
}


class TestEnding:
    """A worker that can serve no longer is gone, with a sentence that a student understands."""

    @pytest.mark.parametrize("how", ENDINGS)
    def test_the_student_is_told_how_it_ended(self, worker, how):
        code, failure, says = ENDINGS[how]
        imports = "import ctypes, os, torch\n"
        one = worker(f"{imports}{CHANNEL}\ndef f(): {code}")
        with pytest.raises(WorkerFailure) as caught:
            call(one)
        assert type(caught.value) is failure
        assert says in str(caught.value)
        assert "Traceback" not in str(caught.value)
        assert one.ended
        assert not Path(f"/proc/{one.pid}").exists()

    @pytest.mark.parametrize(
        "code",
        [
            "exec('while True: pass')",
            "time.sleep(1e6)",
            "exec('while True:\\n try:\\n  while True: pass\\n except BaseException: pass')",
            "os.kill(os.getpid(), signal.SIGSTOP)",
            "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 15, 24)] and time.sleep(1e6)",
        ],
        ids=["loop", "sleep", "swallows everything", "stopped", "ignores signals"],
    )
    def test_one_that_does_not_come_back_is_ended_in_time(self, worker, code):
        one = worker(f"import os, signal, time\ndef f(): {code}")
        with pytest.raises(WorkerHung, match="time limit"):
            call(one, seconds=0.3)
        assert one.ended
        assert not Path(f"/proc/{one.pid}").exists()

    def test_time_that_other_programs_took_is_not_counted(self, worker, monkeypatch):
        """On a crowded machine a call has as much time of its own as on an idle one."""
        one = worker("import time\ndef f(): time.sleep(0.6)")
        others = {one.pid: 0.5}
        waited = workers.kept_waiting
        monkeypatch.setattr(workers, "kept_waiting", lambda p: waited(p) + others.get(p, 0.0))
        call(one, seconds=0.3)
        with pytest.raises(WorkerHung, match="time limit"):
            call(one, seconds=0.3)

    def test_time_that_a_submission_takes_from_itself_ends(self, worker, monkeypatch):
        """However long a worker is said to have waited, its time is bounded."""
        one = worker("import time\ndef f(): time.sleep(1e6)")
        monkeypatch.setattr(workers, "kept_waiting", lambda pid: 1e6)
        monkeypatch.setattr(workers, "MOST_FORGIVEN", 0.02)
        with pytest.raises(WorkerHung, match="time limit"):
            call(one, seconds=0.3)

    def test_nobody_is_forgiven_the_waiting_that_they_cause(self, worker, monkeypatch):
        """What a submission's own threads take from it counts as its own."""
        one = worker(
            "import hashlib, threading, time\n"
            "def spin():\n    while True: hashlib.sha256(bytes(1 << 20))\n"
            "def f():\n"
            "    for _ in range(4): threading.Thread(target=spin, daemon=True).start()\n"
            "    time.sleep(1e6)\n"
        )
        waited, beside = workers.kept_waiting, workers.busy_beside
        monkeypatch.setattr(
            workers, "kept_waiting", lambda pid: beside(pid) if pid == one.pid else waited(pid)
        )
        with pytest.raises(WorkerHung, match="time limit"):
            call(one, seconds=0.3)

    @pytest.mark.parametrize(("where", "beside"), [("thread", True), ("f", False)])
    def test_what_other_threads_take_is_counted_apart(self, worker, where, beside):
        """Processor time of the first thread is that of the call itself."""
        one = worker(
            "import hashlib, threading, time\n"
            "def work():\n"
            "    while time.thread_time() < 0.5: hashlib.sha256(bytes(1 << 16))\n"
            "def thread():\n"
            "    other = threading.Thread(target=work)\n"
            "    other.start(); other.join()\n"
            f"f = {'thread' if where == 'thread' else 'work'}\n"
        )
        call(one, seconds=20)
        assert (workers.busy_beside(one.pid) > 0.3) is beside

    def test_one_that_never_loads_is_ended_in_time(self, worker):
        one = worker("while True: pass", load=False)
        with pytest.raises(WorkerHung):
            one.load(0.3)
        assert one.ended

    def test_one_that_reads_nothing_is_ended_in_time(self, worker):
        """A call too large for the channel's buffer waits no longer than any other."""
        one = worker("def f(x): return x")
        os.kill(one.pid, signal.SIGSTOP)
        with pytest.raises(WorkerHung):
            call(one, torch.zeros(1 << 20), seconds=0.3)

    def test_what_it_printed_before_it_died_is_kept(self, worker):
        one = worker("import os\ndef f():\n    os.write(1, b'last words')\n    os._exit(1)")
        with pytest.raises(WorkerDied):
            call(one)
        assert one.printed == "last words"

    def test_too_much_memory_is_refused_and_the_worker_goes_on(self, worker):
        one = worker("import torch\ndef f(n): return torch.empty(n, dtype=torch.uint8).numel()")
        asked = Invocation("f", (1 << 30,)).fields()
        reply = one.request({"op": "call", "call": asked}, PATIENT)
        assert reply["raised"]["type"] == "RuntimeError"
        assert "allocate" in reply["raised"]["message"]
        assert call(one, 1000) == 1000

    @pytest.mark.parametrize("code", ["bytearray(1 << 30)", "[0] * (1 << 30)", "'x' * (1 << 30)"])
    def test_pythons_own_memory_has_the_same_limit(self, worker, code):
        one = worker(f"def f(): return len({code})")
        reply = one.request({"op": "call", "call": Invocation("f", ()).fields()}, PATIENT)
        assert reply["raised"]["type"] == "MemoryError"

    def test_a_large_file_is_refused(self, worker):
        one = worker("def f():\n with open('x', 'wb') as file: file.truncate(1 << 30)")
        reply = one.request({"op": "call", "call": Invocation("f", ()).fields()}, PATIENT)
        assert reply["raised"]["type"] == "OSError"

    def test_closing_twice_is_closing_once(self, worker):
        one = worker("")
        one.close()
        one.close()
        assert one.ended

    def test_the_next_worker_is_as_good_as_new(self, worker):
        source = """
            import os
            calls = []

            def f(die):
                calls.append(die)
                return os._exit(1) if die else len(calls)
            """
        first = worker(source)
        with pytest.raises(WorkerDied):
            call(first, True)
        assert call(worker(source), False) == 1

    def test_the_end_of_one_leaves_the_others(self, worker):
        first, second = (worker("import os\ndef f(): return os.getpid()") for _ in range(2))
        assert call(first) == first.pid
        first.close()
        assert call(second) == second.pid


FAMILY = """
import os, signal, time

def tell(children):
    told = b""
    while told.count(b"\\n") < children:
        told += os.read(reader, 1000)
    os.write(1, told)

reader, writer = os.pipe()
def settle(stop=False):
    os.write(writer, b"pid %d\\n" % os.getpid())
    if stop:
        os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(1e6)
"""
CHILDREN = {
    "a child": "if os.fork() == 0: settle()",
    "a child in its own group": "if os.fork() == 0: os.setpgid(0, 0); settle()",
    "a child in its own session": "if os.fork() == 0: os.setsid(); settle()",
    "a daemon": "if os.fork() == 0: os.setsid(); os.fork() and os._exit(0); settle()",
    "a deaf daemon": "if os.fork() == 0:"
    " [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; os.setsid();"
    " os.fork() and os._exit(0); settle()",
    "a stopped child": "if os.fork() == 0: os.setsid(); settle(stop=True)",
}


# What a system has where processes can be started at all: no seccomp.
FREE = ("seccomp",)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells")
class TestDescendants:
    """Whatever a worker starts ends with it, wherever it has hidden, also without seccomp."""

    @pytest.mark.parametrize("then", ["returns", "dies", "is closed"])
    @pytest.mark.parametrize("what", CHILDREN)
    def test_no_process_outlives_its_worker(self, worker, what, then):
        last = "os._exit(0)" if then == "dies" else "return"
        source = f"{FAMILY}\ndef f():\n    {CHILDREN[what]}\n    tell(1)\n    {last}"
        one = worker(source, without=FREE)
        if then == "dies":
            with pytest.raises(WorkerFailure):
                call(one)
        else:
            call(one)
        one.close()
        (pid,) = re.findall(r"pid (\d+)", one.printed)
        assert not Path(f"/proc/{pid}").exists()

    def test_a_death_is_seen_at_once_though_a_child_holds_the_channel(self, worker):
        """What the worker has left behind does not keep the judge waiting for its answer."""
        one = worker(
            "import os, time\ndef f():\n    if os.fork() == 0:\n        time.sleep(1e6)\n"
            "    os._exit(3)",
            without=FREE,
        )
        began = time.monotonic()
        with pytest.raises(WorkerDied, match="exit code 3"):
            call(one)
        assert time.monotonic() - began < 5

    def test_a_whole_tree_of_processes_ends(self, worker):
        one = worker(
            f"{FAMILY}\ndef f():\n    if os.fork() == 0:\n        os.setsid()\n"
            "        for _ in range(3):\n            os.fork() or os.setsid()\n"
            "        settle()\n    tell(8)",
            without=FREE,
        )
        call(one)
        one.close()
        pids = re.findall(r"pid (\d+)", one.printed)
        assert len(set(pids)) == 8
        assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


class TestForkserver:
    """The process that workers are forked from is out of reach of one bad worker, or is missed."""

    def test_it_has_ready_what_the_first_optimizer_imports(self, worker, forkserver):
        """Once it was asked to; executed workers import it themselves."""
        forkserver.warm_optimizers()
        source = "import sys\ndef f(): return 'torch._dynamo' in sys.modules"
        found = call(worker(source))
        assert found or os.environ.get("GRADE_WORKERS") == "executed"

    def test_what_each_begins_with_is_done_once(self, monkeypatch):
        """Where they are forked from; where that fails, each fails by itself, which is told."""
        done = []
        monkeypatch.setattr(warmth, "warm_up", lambda: done.append("warm"))
        forkserver.prepare.cache_clear()
        origin._prepare()
        origin._prepare()
        forkserver.prepare()
        assert done == ["warm"]

        forkserver.prepare.cache_clear()
        monkeypatch.delattr(warmth, "warm_up")
        origin._prepare()
        with pytest.raises(AttributeError):
            forkserver.prepare()
        assert signal.SIGCHLD not in signal.pthread_sigmask(signal.SIG_BLOCK, [])

    def test_a_worker_that_stops_it_holds_up_nobody(self, worker):
        """Not even where no sandbox keeps its signals back."""
        source = "import os, signal\ndef f(): os.kill(os.getppid(), signal.SIGSTOP)"
        one = worker(source, without=layers.NAMES)
        call(one)
        one.close()
        assert call(worker("def f(): return 'served'")) == "served"

    @pytest.mark.slow
    @pytest.mark.parametrize("how", ["forkserver.close()", "os._exit(0)", "raise SystemExit"])
    def test_workers_that_nobody_closed_go_with_it_and_so_do_their_folders(self, tmp_path, how):
        """Whether it is told to end, or the judge has gone without a word."""
        program = (
            "import os\nfrom grader.course.model import Limits\n"
            "from grader.judge.processes.workers import Forkserver, Start, Worker\n"
            "forkserver = Forkserver()\n"
            "worker = Worker(forkserver, Start('', 'a.py', [], [], 'cpu', Limits()))\n"
            f"worker.load(60)\nprint(worker.pid, flush=True)\n{how}\n"
        )
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        run = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, env=environment
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and list(tmp_path.iterdir()):
            time.sleep(0.05)
        assert not list(tmp_path.iterdir())
        assert not Path(f"/proc/{int(run.stdout)}").exists()

    def test_it_leaves_no_zombies(self, worker, processes):
        for _ in range(3):
            worker("").close()
        states = [
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            for pid in processes()
        ]
        assert "Z" not in states


LONG_CALLS = """
    import ctypes
    import threading

    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = ctypes.c_void_p, *(ctypes.c_size_t,) * 5
    libc.munmap.argtypes = ctypes.c_void_p, ctypes.c_size_t
    SIZE = 400 << 20
    MAP_PRIVATE, MAP_ANONYMOUS, MAP_POPULATE = 0x02, 0x20, 0x8000
    FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE

    def fill():
        while True:  # no signal but the last one interrupts it
            libc.munmap(libc.mmap(0, SIZE, 3, FLAGS, 0, 0), SIZE)

    threading.Thread(target=fill, daemon=True).start()

    def f():
        return 1
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells")
def test_a_worker_that_is_stopped_stands_still(worker):
    """A signal alone lets a long system call go on for as long as it takes: it is over when the
    worker counts as stopped, and so before it is anybody else's turn."""
    mine = worker(LONG_CALLS, memory_mib=1024)
    for _ in range(5):
        assert call(mine) == 1
        assert mine.stop()
        tasks = list(Path(f"/proc/{mine.pid}/task").iterdir())
        assert len(tasks) > 1
        states = {(task / "stat").read_text().rpartition(") ")[2][0] for task in tasks}
        assert states == {"T"}
        mine.go_on()
