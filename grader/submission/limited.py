"""Work on what a stranger wrote, done in a process of its own that has limits.

To read a text can take for ever before any of it runs: Python's parser is quadratic in an f-string,
and nothing interrupts it. So reading is done by `ask`, in a child that the system ends when it has
had its processor time or its memory. The child runs none of the text, and answers in JSON.

Where a fork is safe (Linux, one thread) the child is a fork and costs some milliseconds; elsewhere
it is an interpreter of its own, and costs its start.
"""

import contextlib
import faulthandler
import gc
import json
import mmap
import os
import pickle
import select
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NoReturn, Self

from grader import language
from grader.errors import UsageError
from grader.systems.here import SYSTEM

SECONDS = 3  # of the processor; what a person writes takes some thousandths of one
ALLOWED = 20.0  # seconds for all that one person hands in: forty exercises take less than one
MEMORY = 768 << 20  # bytes, beyond what the process has already
MOST_ANSWERED = 64 << 20  # bytes of JSON
# On the wall, where the system counts no processor time for a limit.
WALL = 4 * SECONDS
BEGUN = b"\n"  # that a program says before it answers; JSON passes it over
# On the wall, for a machine that is busy with other things or was asleep.
PATIENCE = 60.0

_NO_END = "reading a file came to no end; is this machine very busy?"
_TASKS = Path("/proc/self/task")
_PAGES = Path("/proc/self/statm")


class Allowance:
    """ALLOWED seconds of the processor for all that one stranger wrote, in however many files.

    `with allowance:` takes off it what `ask` takes; when they are gone, that raises TakesTooMuch.
    """

    def __init__(self) -> None:
        self.left = ALLOWED

    def __enter__(self) -> Self:
        self._before = _allowances.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _allowances.reset(self._before)


_allowances: ContextVar[Allowance | None] = ContextVar("allowance", default=None)
_is_own: ContextVar[bool] = ContextVar("own", default=False)


@contextlib.contextmanager
def own() -> Iterator[None]:
    """What is read meanwhile was written by the course's authors: it is read in this process, which
    saves the start of another for each of the answers that a course is proved with."""
    before = _is_own.set(True)
    try:
        yield
    finally:
        _is_own.reset(before)


class TakesTooMuch(Exception):
    """The work was not done within the limits: a matter of what was to be read."""


def ask(function: Callable[..., Any], *arguments: Any) -> Any:
    """What `function(*arguments)` gives, which JSON must be able to hold.

    `function` is one of a module's own, and can be pickled, like its arguments. UsageError where it
    says so. TakesTooMuch where it takes more than SECONDS or MEMORY, or breaks the interpreter.
    RuntimeError for any other exception, which is the grader's fault.
    """
    allowance, before = _allowances.get(), SYSTEM.seconds_of_children()
    if allowance is not None and allowance.left <= 0:
        raise TakesTooMuch
    try:
        answer = _way()(function, arguments)
    finally:
        if allowance is not None:
            allowance.left -= SYSTEM.seconds_of_children() - before
    content = json.loads(answer)
    if "problem" in content:
        raise UsageError(content["problem"], content["advice"])
    if "too_much" in content:
        raise TakesTooMuch
    if "fault" in content:
        raise RuntimeError(content["fault"])
    return content["value"]


def _way() -> Callable[[Callable[..., Any], tuple[Any, ...]], bytes]:
    if _is_own.get():
        return _answer
    return _of_fork if _can_fork() else _of_program


def _can_fork() -> bool:
    """Whether this process is all that a fork of it would be: one thread."""
    try:
        return SYSTEM.forks and len(os.listdir(_TASKS)) == 1
    except OSError:
        return False


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    try:
        with warnings.catch_warnings(action="ignore"):
            content = {"value": function(*arguments)}
        answer = json.dumps(content).encode()
    except UsageError as error:
        return json.dumps({"problem": error.problem, "advice": error.advice}).encode()
    except (MemoryError, RecursionError):
        return b'{"too_much": true}'
    except Exception:
        return json.dumps({"fault": traceback.format_exc()}).encode()
    return answer if len(answer) <= MOST_ANSWERED else b'{"too_much": true}'


# A fork


def _of_fork(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _be_the_child(function, arguments, writing)
    os.close(writing)
    try:
        answer = _all_of(reading, time.monotonic() + PATIENCE)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(reading)
    _, status = os.waitpid(child, 0)
    _check(os.waitstatus_to_exitcode(status))
    return answer


def _be_the_child(
    function: Callable[..., Any], arguments: tuple[Any, ...], writing: int
) -> NoReturn:
    # Nothing of the parent's is to be undone here: no collection, no handler, no exit function.
    status = 1
    try:
        gc.disable()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.closerange(3, writing)
        os.closerange(writing + 1, SYSTEM.most_descriptors)
        limit()
        _write(writing, _answer(function, arguments))
        status = 0
    finally:
        os._exit(status)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _all_of(descriptor: int, deadline: float) -> bytes:
    """Everything up to the end; RuntimeError where that does not come."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    pieces: list[bytes] = []
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise RuntimeError(_NO_END)
        if not (piece := os.read(descriptor, 1 << 20)):
            return b"".join(pieces)
        pieces.append(piece)


# A program


def _of_program(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    # Where to find things goes first, what is to be found there after it.
    order = pickle.dumps((language.current(), sys.path)) + pickle.dumps((function, arguments))
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", "from grader.submission.limited import serve; serve()"],
            input=order,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(_NO_END) from None
    if done.returncode == 1 and done.stdout.startswith(BEGUN) and not SYSTEM.limits:
        raise TakesTooMuch
    _check(done.returncode)
    return done.stdout


def serve() -> None:
    """Do what the parent asks for on standard input, and answer on standard output."""
    # What the parent itself sends, and the parent is the grader.
    name, sys.path[:] = pickle.load(sys.stdin.buffer)  # noqa: S301
    function, arguments = pickle.load(sys.stdin.buffer)  # noqa: S301
    language.use(name)
    limit()
    answering = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _write(answering, BEGUN)
    _watch_the_clock()
    _write(answering, _answer(function, arguments))


def _watch_the_clock() -> None:
    """Have this process end after WALL seconds, where the system does not end it: from a thread of
    C's, since none of Python's has its turn while Python's parser is at work."""
    if not SYSTEM.limits:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (it stays open)
        faulthandler.dump_traceback_later(WALL, exit=True, file=nowhere)


def _check(code: int) -> None:
    """TakesTooMuch where a child ended by what it read, RuntimeError where by anything else."""
    if not code:
        return
    outside = {-number for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGKILL", 0))}
    if code in outside or code == 1:
        raise RuntimeError(f"reading a file was ended from outside, or went wrong: {code}")
    raise TakesTooMuch


# The limits


def limit() -> None:
    """Have the system end this process when it has had SECONDS of the processor, and refuse it more
    than MEMORY. What the system lacks is left out."""
    SYSTEM.limit(cpu=int(SYSTEM.seconds_spent()) + SECONDS, core=0)
    if SYSTEM.bounds_memory:
        with contextlib.suppress(FileNotFoundError):  # /proc is not mounted
            pages = int(_PAGES.read_text().split()[0])
            SYSTEM.limit(addresses=pages * mmap.PAGESIZE + MEMORY)
