"""How long somebody who watches waits: from a save to the verdict on the screen.

Run it as `python benchmarks/watch.py [EXERCISE]...`, with nothing else at work, by default for
exercises 1 to 6. It drives the real `grade watch` in a terminal, saves the reference and each
misconception by turns, and prints the table of docs/benchmarks.md.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import pexpect

from grader.course import model as course
from grader.judge.explain import diagnosis
from grader.submission import text as submission

ROOT = Path(__file__).resolve().parent.parent
VERDICT = r" / 100 · in [\d.]+ s"


def measured(exercise: course.Exercise, folder: Path) -> tuple[list[float], list[float]]:
    """Seconds from save to verdict: for the reference, and for each wrong answer."""
    reference = submission.read(exercise.room / "reference.py").source
    wrongs = [wrong.source for wrong in diagnosis.load(exercise.room)]
    path = folder / exercise.stub.name
    path.write_text(reference)
    program = pexpect.spawn(
        sys.executable,
        ["-m", "grader", "watch", str(exercise.number), "--no-speed", "--submission", str(path)],
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb", "LC_ALL": "C.UTF-8", "GRADE_HISTORY": str(folder)},
        dimensions=(60, 100),
        timeout=120,
        encoding="utf-8",
    )
    program.expect(VERDICT)

    def seconds(source: str) -> float:
        began = time.perf_counter()
        path.write_text(source)
        program.expect(VERDICT)
        return time.perf_counter() - began

    seconds(wrongs[0])  # the first of each kind imports what the others find there
    right, wrong = [], []
    for source in wrongs:
        right.append(seconds(reference))
        wrong.append(seconds(source))
    program.send("q")
    program.expect(pexpect.EOF)
    program.close()
    return right, wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", default=["1", "2", "3", "4", "5", "6"])
    names = parser.parse_args().exercises
    found = course.find(ROOT)
    print("| exercise | right answer | wrong answers | the slowest of them | saves |")
    print("|---|---|---|---|---|", flush=True)
    every: list[float] = []
    for exercise in map(found.exercise, names):
        with tempfile.TemporaryDirectory() as folder:
            right, wrong = measured(exercise, Path(folder))
        every += right + wrong
        figures = (statistics.median(right), statistics.median(wrong), max(wrong))
        row = " | ".join(f"{figure:.2f} s" for figure in figures)
        saves = len(right) + len(wrong)
        print(f"| {exercise.number} {exercise.slug} | {row} | {saves} |", flush=True)
    print(f"\nMedian of all {len(every)} saves: {statistics.median(every):.2f} s.", end=" ")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end.")


if __name__ == "__main__":
    main()
