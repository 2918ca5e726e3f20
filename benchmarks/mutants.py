"""Every mutant of every reference: prints the table of docs/mutants.md.

Runs `grade validate --mutants` as an author does, over all exercises or the ones named, and takes
its time. Run it as `python benchmarks/mutants.py`, with nothing else at work.
"""

import argparse
import re
import subprocess
import time

from latency import GRADE, ROOT

from grader.course import model as course

SUMMARY = re.compile(r"✓ +(\d+)  (\d+) mutants: (\d+) die, (\d+) live; (\d+) declarations say why")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", help="numbers; all by default")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    found = course.load(ROOT)
    command = [*GRADE, "validate", "--mutants", "--jobs", str(options.jobs), *options.exercises]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    print("| exercise | mutants | die | equivalent | declarations |\n|---|---|---|---|---|")
    totals = [0, 0, 0, 0]
    for line in done.stdout.splitlines():
        if match := SUMMARY.match(line):
            number, *counts = map(int, match.groups())
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
            row = " | ".join(map(str, counts))
            print(f"| {number} {found.exercise(str(number)).slug} | {row} |")
    print(f"| **all** | {' | '.join(map(str, totals))} |")
    print(f"\n{seconds / 60:.1f} minutes with {options.jobs} jobs.")
    for line in done.stdout.splitlines():
        if line.startswith("✗"):
            print(line)
    print(done.stderr, end="")


if __name__ == "__main__":
    main()
