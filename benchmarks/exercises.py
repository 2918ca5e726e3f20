"""The bounds on latency and timing, for every exercise: prints the table of docs/benchmarks.md.

For each exercise, whole runs of the program take turns: the reference as an answer, and the first
misconception as a wrong one, both without the running time; then the judge's clock times the
reference as an answer. Run it as `python benchmarks/exercises.py`, with nothing else at work.
"""

import argparse
import tempfile
import time
from pathlib import Path

from latency import BASELINE, GRADE, ROOT, interleaved

from grader.judge.processes.workers import Forkserver, Start, Worker

RIGHT_LIMIT = 1.6
WRONG_LIMIT = 1.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", help="numbers; all by default")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with Forkserver() as forkserver, tempfile.TemporaryDirectory() as folder:
        # Only now: what is imported here may hold secrets, and the workers are forks of this.
        from grader.course import model as course

        found = course.load(ROOT)
        chosen = [found.exercise(n) for n in options.exercises] or found.exercises
        print("| exercise | right answer | against imports | wrong against right | one call"
              " | clock | verdict on an equal answer |\n|---|---|---|---|---|---|---|")  # fmt: skip
        worst_right = worst_wrong = 0.0
        interleaved(commands(chosen[0], Path(folder)), 1)
        for exercise in chosen:
            medians = interleaved(commands(exercise, Path(folder)), options.runs, warm=False)
            right = medians["right"] / medians["baseline"]
            wrong = medians["wrong"] / medians["right"]
            worst_right, worst_wrong = max(worst_right, right), max(worst_wrong, wrong)
            print(
                f"| {exercise.number} {exercise.slug} | {medians['right']:.2f} s | {right:.2f}"
                f" | {wrong:.2f} | {' | '.join(clocked(exercise, forkserver))} |",
                flush=True,
            )
    print(
        f"\nGreatest: {worst_right:.2f} (at most {RIGHT_LIMIT}) and {worst_wrong:.2f}"
        f" (at most {WRONG_LIMIT}). Medians of {options.runs} runs."
    )


def commands(exercise, folder: Path) -> dict[str, list[str]]:
    """Whole runs of the program: imports alone, a right answer, a wrong one."""
    from grader.judge.explain.diagnosis import load

    wrong = folder / f"{exercise.stem}.py"
    wrong.write_text(load(exercise.room)[0].source)
    grade = [*GRADE, "exercise", str(exercise.number), "--no-speed", "--submission"]
    return {
        "baseline": BASELINE,
        "right": [*grade, str(exercise.room / "reference.py")],
        "wrong": [*grade, str(wrong)],
    }


def clocked(exercise, forkserver: Forkserver) -> tuple[str, str, str]:
    """Milliseconds of one call, seconds that the clock takes, and its verdict on the reference."""
    from grader.judge import room
    from grader.judge.clock.timing import Clock
    from grader.judge.reference import Reference
    from grader.judge.student import Student
    from grader.submission import text as submission

    if not (exercise.room / "speed.py").is_file():
        return "", "", ""
    path = exercise.room / "reference.py"
    module = room.load(path)
    reference = Reference({name: getattr(module, name) for name in exercise.functions})
    answer = submission.read(path)
    start = Start(answer.source, path.name, list(exercise.functions), [], "cpu", exercise.limits)
    student = Student(answer, reference, start, lambda each: Worker(forkserver, each))
    clock = Clock(forkserver, student, exercise.room, limit=exercise.speed_limit)
    began = time.perf_counter()
    timing = clock.measure()
    took = time.perf_counter() - began
    student.close()
    return f"{timing.reference_ms:.1f} ms", f"{took:.1f} s", f"{timing.verdict}"


if __name__ == "__main__":
    main()
