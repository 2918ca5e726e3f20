"""What a program costs, and answers to let it work on."""

import contextlib
import ctypes
import itertools
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from latency import GRADE, ROOT

from grader.course.model import Exercise
from grader.judge.explain import diagnosis
from grader.submission import text as submission

PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, processor seconds, and the most MiB that all processes held at once.

    A page that processes share counts once among them (proportional set size).
    """

    seconds: float
    processor: float
    mib: float


def cost(command: Sequence[object], cwd: Path = ROOT) -> Cost:
    """What a program and all that it starts cost. Raises CalledProcessError where it fails."""
    # Whatever outlives its parent becomes ours, so that its seconds are counted.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = os.times()
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            list(map(str, command)), cwd=cwd, stdout=output, stderr=subprocess.STDOUT
        )
        most = [0.0]
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.25):
                most[0] = max(most[0], sum(map(held, family(process.pid))))

        thread = threading.Thread(target=watch)
        thread.start()
        code = process.wait()
        seconds = time.perf_counter() - began
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()
        over.set()
        thread.join()
        if code:
            output.seek(0)
            raise subprocess.CalledProcessError(code, process.args, output.read())
    after = os.times()
    processor = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return Cost(seconds, processor, most[0])


def grade_class(submissions: Path, jobs: int) -> Cost:
    """What `grade class` costs for a folder of submissions; results go beside it."""
    output = submissions.with_name("graded")
    return cost([*GRADE, "class", submissions, "-o", output, "--seed", 1, "--jobs", jobs])


def family(pid: int) -> Iterator[int]:
    """A process, and all that descend from it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:  # it has ended meanwhile
        return
    for child in children:
        yield from family(int(child))


def held(pid: int) -> float:
    """MiB of a process, 0 once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def answers(exercise: Exercise) -> Iterator[str]:
    """Right and wrong ones by turns, for ever; each is another text, as students' are."""
    room = exercise.room
    right = [room / "reference.py", *sorted((room / "right").glob("*.py"))]
    turns = zip(
        itertools.cycle([submission.read(path).source for path in right]),
        itertools.cycle([wrong.source for wrong in diagnosis.load(room)]),
        strict=False,
    )
    for number, source in enumerate(itertools.chain.from_iterable(turns)):
        yield f"{source}\n# answer {number}\n"
