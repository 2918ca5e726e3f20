"""How often the judge's clock is wrong, and what it costs.

Times exercise 3 again and again: the reference handed in as a submission, which must never be
`slow`, an answer at twice the limit, which must be caught, and answers near the limit, whose
verdicts should not be a matter of luck. Alone, and with a neighbour that burns one core. Run it as
`python benchmarks/timing.py`, with nothing else at work.
"""

import argparse
import collections
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grader.judge.processes.workers import Forkserver, Start, Worker

ROOT = Path(__file__).resolve().parent.parent
BURN = "while True: pass"
NEAR = (0.9, 1.0, 1.1, 1.5)


@contextlib.contextmanager
def neighbour(burning: bool) -> Iterator[None]:
    """A process that keeps one core busy, or none."""
    process = subprocess.Popen([sys.executable, "-c", BURN]) if burning else None
    try:
        yield
    finally:
        if process:
            process.kill()
            process.wait()


def answers(limit: float) -> dict[str, str]:
    """The reference, and answers that do its work several times over."""
    text = (ROOT / "solutions" / "ex03_attention_scoring" / "reference.py").read_text()
    tail = "    return weights @ values, weights\n"
    assert tail in text

    def repeated(times: float) -> str:
        """The work so many times over: as often as it fits, and once for a share of the queries."""
        share = times - int(times)
        loop = (
            f"    some = queries[:, : round({share} * queries.shape[1])]\n"
            "    torch.softmax(attention_scores(some, keys), dim=-1) @ values\n"
            f"    for _ in range({int(times)}):\n"
            "        weights = torch.softmax(attention_scores(queries, keys), dim=-1)\n"
            "        output = weights @ values\n"
            "    return output, weights\n"
        )
        return text[: text.index("    # torch.softmax subtracts")] + loop

    near = {f"{factor} times the limit": repeated(factor * limit) for factor in NEAR}
    return {"equal": text, "twice the limit": repeated(2 * limit), **near}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--equal", type=int, default=200, help="gradings of the equal answer")
    parser.add_argument("--slow", type=int, default=100, help="gradings of the slow answer")
    parser.add_argument("--near", type=int, default=50, help="gradings of each near the limit")
    options = parser.parse_args()
    with Forkserver() as forkserver:
        # Only now: what is imported here may hold secrets, and the workers are forks of this.
        from grader.course import model as course
        from grader.judge import room
        from grader.judge.clock.timing import Clock
        from grader.judge.reference import Reference
        from grader.judge.student import Student
        from grader.submission import text as submission

        exercise = course.load(ROOT).exercise("3")
        module = room.load(exercise.room / "reference.py")
        reference = Reference({name: getattr(module, name) for name in exercise.functions})
        sources = answers(exercise.speed_limit)
        counts = dict.fromkeys(sources, options.near)
        counts |= {"equal": options.equal, "twice the limit": options.slow}
        print("| answer | neighbour | gradings | ok | inconclusive | slow | rounds | seconds |")
        print("|---|---|---|---|---|---|---|---|")
        with tempfile.TemporaryDirectory() as folder:
            for burning in (False, True):
                for name, source in sources.items():
                    path = Path(folder) / "answer.py"
                    path.write_text(source)
                    start = Start(
                        source, path.name, list(exercise.functions), [], "cpu", exercise.limits
                    )
                    verdicts: collections.Counter[str] = collections.Counter()
                    seconds, rounds = [], []
                    with neighbour(burning):
                        for _ in range(counts[name]):
                            student = Student(
                                submission.read(path),
                                reference,
                                start,
                                lambda each: Worker(forkserver, each),
                            )
                            clock = Clock(
                                forkserver,
                                student,
                                exercise.room,
                                limit=exercise.speed_limit,
                            )
                            began = time.perf_counter()
                            timing = clock.measure()
                            seconds.append(time.perf_counter() - began)
                            verdicts[timing.verdict] += 1
                            rounds.append(timing.rounds)
                            student.close()
                    print(
                        f"| {name} | {'burns a core' if burning else 'none'} | {counts[name]}"
                        f" | {verdicts['ok']} | {verdicts['inconclusive']} | {verdicts['slow']}"
                        f" | {statistics.median(rounds):.0f} | {statistics.median(seconds):.2f} |",
                        flush=True,
                    )
    print(f"\nExercise 3 on {os.cpu_count()} cores, limit {exercise.speed_limit}; medians.")


if __name__ == "__main__":
    main()
