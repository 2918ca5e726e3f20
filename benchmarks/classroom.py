"""What a class costs: submissions per second and memory by jobs, and seconds by submissions.

    python benchmarks/classroom.py [--peers PYTHON]

Run it with nothing else at work. It grades classes of made-up students with the real `grade class`
and prints the tables of docs/benchmarks.md. With `--peers`, the interpreter of an environment with
torch, nbgrader and otter-grader, these grade the same notebooks too; see peers.py.
"""

import argparse
import csv
import itertools
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import peers
from costs import Cost, answers, grade_class
from latency import ROOT

from grader.course import model as course
from grader.course.model import Exercise

CORE = ("1", "2", "3", "4", "5", "6")
SIZES = (10, 30, 100, 300, 1000)
ATTACKS = ROOT / "tests" / "hostile" / "attacks"
# Those that take the judge's time or memory, or their neighbours' answers, as far as they can.
ATTACKERS = (
    *("large_tensors", "many_tensors", "colliding_keys", "expanded", "deep"),
    *("walked_process", "watched_brothers", "locked_files", "forged_frames", "flood"),
)


def hand_in(folder: Path, exercises: Sequence[Exercise], number: int) -> None:
    """`number` submissions, the exercises by turns, each from a student of its own."""
    texts = {exercise: answers(exercise) for exercise in exercises}
    for student, exercise in zip(range(number), itertools.cycle(exercises), strict=False):
        path = folder / f"student{student:04d}" / exercise.stub.name
        path.parent.mkdir(parents=True)
        path.write_text(next(texts[exercise]))


def graded(exercises: Sequence[Exercise], number: int, jobs: int) -> Cost:
    """What it costs to grade a class of `number` submissions."""
    with tempfile.TemporaryDirectory() as folder:
        submissions = Path(folder) / "submissions"
        hand_in(submissions, exercises, number)
        return grade_class(submissions, jobs)


def by_jobs(exercises: Sequence[Exercise], number: int) -> None:
    print(f"{number} submissions to exercises 1 to 6, half of them right:\n")
    print("| jobs | submissions per second | processor time of one | memory |\n|---|---|---|---|")
    for jobs in (1, 2, 4, 8):
        found = graded(exercises, number, jobs)
        print(
            f"| {jobs} | {number / found.seconds:.2f} | {found.processor / number:.2f} s "
            f"| {found.mib:.0f} MiB |",
            flush=True,
        )


def by_exercise(exercises: Sequence[Exercise], number: int) -> None:
    print(f"\n{number} submissions to one exercise, 1 job:\n")
    print("| exercise | seconds of one | processor time of one |\n|---|---|---|")
    for exercise in exercises:
        # The first submissions wait for the imports of the judge, which no later one pays.
        one, all_ = graded([exercise], 1, 1), graded([exercise], number + 1, 1)
        print(
            f"| {exercise.number} {exercise.slug} | {(all_.seconds - one.seconds) / number:.2f} s "
            f"| {(all_.processor - one.processor) / number:.2f} s |",
            flush=True,
        )


def by_part(exercises: Sequence[Exercise], parts: Sequence[int], each: int) -> None:
    titles = list(dict.fromkeys(exercise.part for exercise in exercises))
    print(f"\n{each} submissions to each exercise of a part, 1 job:\n")
    print("| part | submissions | seconds of one | processor time of one |\n|---|---|---|---|")
    for part in parts:
        title = titles[part - 1]
        chosen = [exercise for exercise in exercises if exercise.part == title]
        number = each * len(chosen)
        one, all_ = graded(chosen[:1], 1, 1), graded(chosen, number + 1, 1)
        print(
            f"| {part} {title} | {number} | {(all_.seconds - one.seconds) / number:.2f} s "
            f"| {(all_.processor - one.processor) / number:.2f} s |",
            flush=True,
        )


def by_size(exercises: Sequence[Exercise], sizes: Sequence[int], jobs: int) -> None:
    print(f"\nExercises 1 to 6, {jobs} jobs:\n")
    print("| submissions | seconds | seconds of one | memory |\n|---|---|---|---|")
    for number in sizes:
        found = graded(exercises, number, jobs)
        print(
            f"| {number} | {found.seconds:.0f} | {found.seconds / number:.2f} "
            f"| {found.mib:.0f} MiB |",
            flush=True,
        )


def by_attackers(exercise: Exercise, number: int, jobs: int) -> None:
    """A class, and the same where every tenth student hands in one of the attacks."""
    seconds, grades = [], []
    places = range(5, number, max(number // len(ATTACKERS), 1))
    attackers = dict(zip(places, ATTACKERS, strict=False))
    for hostile in ({}, attackers):
        with tempfile.TemporaryDirectory() as folder:
            submissions = Path(folder) / "submissions"
            hand_in(submissions, [exercise], number)
            for student, name in hostile.items():
                path = submissions / f"student{student:04d}" / exercise.stub.name
                path.write_bytes((ATTACKS / f"{name}.py").read_bytes())
            seconds.append(grade_class(submissions, jobs).seconds)
            with (submissions.with_name("graded") / "gradebook.csv").open() as file:
                grades.append({row["student"]: row["total"] for row in csv.DictReader(file)})
    honest, hostile = grades
    named = {f"student{student:04d}" for student in attackers}
    same = all(honest[student] == hostile[student] for student in honest.keys() - named)
    print(f"\n{number} submissions to exercise {exercise.number}, {jobs} jobs:\n")
    print("| attackers | seconds | others' grades | attackers' points |\n|---|---|---|---|")
    print(f"| 0 | {seconds[0]:.0f} | | |")
    points = sum(int(hostile[student]) for student in named)
    print(f"| {len(named)} | {seconds[1]:.0f} | {'the same' if same else 'OTHERS'} | {points} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=120, help="submissions by jobs")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--parts", type=int, nargs="+", help="only these parts, held together")
    parser.add_argument("--each", type=int, default=4, help="submissions to one of theirs")
    parser.add_argument("--attackers", action="store_true", help="only a class with attackers")
    parser.add_argument("--peers", metavar="PYTHON", type=Path)
    parser.add_argument("--only-peers", action="store_true")
    options = parser.parse_args()
    found = course.load(ROOT)
    exercises = [found.exercise(name) for name in CORE]
    if options.attackers:
        by_attackers(found.exercise("3"), 100, jobs=os.cpu_count() or 1)
    elif options.parts:
        by_part(found.exercises, options.parts, options.each)
    elif not options.only_peers:
        by_jobs(exercises, options.number)
        by_exercise(exercises, 20)
        by_size(exercises, options.sizes, jobs=os.cpu_count() or 1)
    if options.peers:
        peers.compare(found.exercise("3"), options.peers)
    print(f"\n{sys.platform}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
