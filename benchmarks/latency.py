"""How long a grading takes, as ratios in one run on one machine.

Run it as `python benchmarks/latency.py`, with nothing else at work. It prints the README's table.
"""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "solutions" / "ex03_attention_scoring"
GRADE = [sys.executable, "-m", "grader"]
EXECUTED = "GRADE_WORKERS=executed"
BASELINE = [sys.executable, "-c", "import torch, pytest, hypothesis"]


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def interleaved(
    commands: dict[str, list[str]], runs: int, *, warm: bool = True
) -> dict[str, float]:
    """The median seconds of each command; they take turns, so that drift meets all of them."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    if warm:
        for command in commands.values():
            seconds(command)  # bytecode and the file cache
    for _ in range(runs):
        for name, command in commands.items():
            times[name].append(seconds(command))
    return {name: statistics.median(values) for name, values in times.items()}


def proxy_call(calls: int = 2000, workers: int = 20) -> tuple[float, float, float]:
    """Median microseconds of one round trip on small tensors; MB of memory that a worker adds;
    median milliseconds that putting up the sandbox takes."""
    import torch

    from grader.course import model as course
    from grader.judge.processes.workers import Forkserver, Start, Worker
    from grader.submission import text as submission
    from grader.worker.invoke import Invocation

    exercise = course.find(ROOT).exercise("3")
    source = submission.read(ROOM / "reference.py").source
    functions = list(exercise.functions)
    start = Start(source, "reference.py", functions, [], "cpu", exercise.limits)
    with Forkserver() as forkserver:
        confining = []
        for _ in range(workers):
            with contextlib.closing(Worker(forkserver, start)) as worker:
                began = time.perf_counter()
                worker.confine(10)
                confining.append(time.perf_counter() - began)
        # An undumpable process shows its memory map to nobody.
        worker = Worker(forkserver, replace(start, without=("undumpable",)))
        worker.load(10)
        small = torch.ones(1, 2, 3, dtype=torch.float64)
        call = {"op": "call", "call": Invocation("attention_scores", (small, small)).fields()}
        times = []
        for _ in range(calls):
            began = time.perf_counter()
            worker.request(call, 10)
            times.append(time.perf_counter() - began)
        private = private_memory(worker.pid)
        worker.close()
    return statistics.median(times) * 1e6, private, statistics.median(confining) * 1e3


def handle_step(calls: int = 2000) -> tuple[float, float]:
    """Median microseconds of one call of a function on small tensors, and of one step with an
    object: a call of a module that lives in the worker. They take turns."""
    import torch

    from grader.course.model import Limits
    from grader.judge.processes.workers import Forkserver, Start, Worker
    from grader.judge.story import Story
    from grader.worker.invoke import Invocation
    from grader.worker.objects import CONSTRUCT, METHOD

    source = "from torch import nn\n\ndef add(x, y):\n    return x + y\n\nclass Add(nn.Module):\n"
    source += "    def forward(self, x, y):\n        return x + y\n"
    classes = (("Add", ("forward",)),)
    start = Start(source, "add.py", ["add"], [], "cpu", Limits(), classes=classes)
    small = torch.ones(1, 2, 3, dtype=torch.float64)
    call = {"op": "call", "call": Invocation("add", (small, small)).fields()}
    story = Story()
    made = story.tell(kind=CONSTRUCT, function="Add", args=())
    step = story.tell(
        kind=METHOD, function="Add", name="__call__", on=made.keep, args=(small, small)
    )
    asked = {"op": "step", "step": step.fields(), "story": 0}
    times: list[list[float]] = [[], []]
    with Forkserver() as forkserver, contextlib.closing(Worker(forkserver, start)) as worker:
        worker.load(10)
        worker.request({"op": "step", "step": made.fields(), "story": 0}, 10)
        for _ in range(calls):
            for request, taken in zip((call, asked), times, strict=True):
                began = time.perf_counter()
                worker.request(request, 10)
                taken.append(time.perf_counter() - began)
    function, method = (statistics.median(each) * 1e6 for each in times)
    return function, method


def private_memory(pid: int) -> float:
    """MB of memory that this process alone holds."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    rows = (line.split() for line in rollup.splitlines() if line.startswith("Private_"))
    return sum(int(row[1]) for row in rows) / 1024


def wrong_answer(folder: str) -> Path:
    """Exercise 3 with the scale forgotten."""
    text = (ROOM / "reference.py").read_text()
    path = Path(folder) / "unscaled.py"
    path.write_text(text.replace(" / math.sqrt(d)", ""))
    assert path.read_text() != text
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        exercise = [*GRADE, "exercise", "3", "--no-speed", "--submission"]
        medians = interleaved(
            {
                "list": [*GRADE, "list"],
                "baseline": BASELINE,
                "right": [*exercise, str(ROOM / "reference.py")],
                "wrong": [*exercise, str(wrong_answer(folder))],
                "executed": ["env", EXECUTED, *exercise, str(ROOM / "reference.py")],
            },
            runs,
        )
    microseconds, megabytes, milliseconds = proxy_call()
    function, step = handle_step()
    right, wrong, baseline = (medians[name] for name in ("right", "wrong", "baseline"))
    rows = [
        ("`grade list`", f"{medians['list']:.2f} s", "0.3 s"),
        (
            "`grade exercise 3`, right answer, against `import torch, pytest, hypothesis`",
            f"{right:.2f} s / {baseline:.2f} s = {right / baseline:.2f}",
            "1.25",
        ),
        (
            "the same, wrong answer, against the right one",
            f"{wrong:.2f} s / {right:.2f} s = {wrong / right:.2f}",
            "1.5",
        ),
        (
            "right answer with executed workers, against forked ones",
            f"{medians['executed']:.2f} s / {right:.2f} s = {medians['executed'] / right:.2f}",
            "2",
        ),
        ("one proxy call on small tensors", f"{microseconds:.0f} µs", "200 µs"),
        (
            "one step with an object, against a call of a function that does the same",
            f"{step:.0f} µs / {function:.0f} µs = {step / function:.2f}",
            "200 µs",
        ),
        ("putting up the sandbox, per worker", f"{milliseconds:.0f} ms", "50 ms"),
        ("memory that a worker adds", f"{megabytes:.0f} MB", "100 MB"),
    ]
    print("| what | measured | at most |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    written = "off" if os.environ.get("PYTHONDONTWRITEBYTECODE") else "on"
    print(f"\nMedians of {runs} runs on {os.cpu_count()} cores, writing of bytecode {written}.")


if __name__ == "__main__":
    main()
