"""A class that never was: students, and what they hand in, drawn from a seed.

    python tests/classroom/synthetic.py FOLDER --students 50 --seed 1

Each student has answers to some exercises: right ones, wrong ones and misconceptions of the course,
mutants of its references, untouched stubs, attacks on the grader, and files that nobody can read.
They come as files, notebooks, one notebook of everything, or archives.
"""

import argparse
import ast
import io
import json
import random
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course import model as course
from grader.course.model import Exercise
from grader.judge.prove.mutants import mutants
from grader.judge.wrong import WrongAnswer, misconceptions, wrong_answers

ATTACKS = Path(__file__).resolve().parent.parent / "hostile" / "attacks"
CORE = range(1, 7)
NAMES = ("ada", "alan", "barbara", "claude", "donald", "edsger", "frances", "grace", "john", "tony")
KINDS = {"right": 8, "misconception": 4, "wrong": 3, "mutant": 3, "stub": 1, "hostile": 10}
BROKEN = 1  # of as many as all kinds together


@dataclass(frozen=True)
class Answer:
    """What one student hands in for one exercise: its kind, where it was taken from, its text.

    `score` is what it must get, None where that is for the properties to say.
    """

    student: str
    exercise: Exercise
    kind: str
    origin: str
    data: bytes
    score: int | None


@cache
def _wrong_answers(exercise: Exercise, kind: str) -> tuple[WrongAnswer, ...]:
    told = misconceptions if kind == "misconception" else wrong_answers
    return tuple(told(exercise.room))


@cache
def _mutants(exercise: Exercise) -> tuple[str, ...]:
    return tuple(each.source for each in mutants((exercise.room / "reference.py").read_text()))


def _earned(attack: Path) -> int:
    for node in ast.parse(attack.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EARNS":
            return int(ast.literal_eval(node.value))
    return 0


def _broken(draw: random.Random, source: str) -> tuple[str, bytes]:
    """A name and bytes that are no answer at all."""
    text = source.encode()
    return draw.choice(
        [
            ("syntax error", text.replace(b"return", b"retrun (", 1)),
            ("half a file", text[: len(text) // 2] + b"\n    ("),
            ("UTF-16", source.encode("utf-16")),
            ("NUL", text + b"\0"),
            ("empty", b""),
            ("noise", draw.randbytes(500)),
            ("over a megabyte", text + b"\n# " + b"x" * (1 << 20)),
            ("raises on import", text + b"\nbroken = 1 / 0\n"),
        ]
    )


def answer(draw: random.Random, student: str, exercise: Exercise) -> Answer:
    """One student's answer to one exercise, of a kind that is drawn."""
    kinds = dict(KINDS)
    if exercise.slug != "attention_scoring":  # the attacks are on exercise 3
        del kinds["hostile"]
    (kind,) = draw.choices([*kinds, "broken"], [*kinds.values(), BROKEN])
    room = exercise.room
    reference = room / "reference.py"
    score: int | None = None
    if kind == "right":
        path = draw.choice([*sorted((room / "right").glob("*.py")), reference])
        origin, data, score = path.stem, path.read_bytes(), exercise.points
    elif kind in ("wrong", "misconception"):
        told = draw.choice(_wrong_answers(exercise, kind))
        origin, data = told.name, told.source.encode()
    elif kind == "mutant":
        number = draw.randrange(len(_mutants(exercise)))
        origin, data = f"mutant {number}", _mutants(exercise)[number].encode()
    elif kind == "stub":
        origin, data, score = "stub", exercise.stub.read_bytes(), 0
    elif kind == "hostile":
        path = draw.choice(sorted(ATTACKS.glob("*.py")))
        origin, data, score = path.stem, path.read_bytes(), _earned(path)
    else:
        origin, data = _broken(draw, reference.read_text())
        score = 0
    return Answer(student, exercise, kind, origin, data, score)


def notebook(*sources: str) -> bytes:
    """A notebook with a cell for each source, and something that is tried out between them."""
    cells = []
    for source in sources:
        for text in (source, "print('so far so good')"):
            cells.append(
                {
                    "cell_type": "code",
                    "source": text,
                    "metadata": {},
                    "outputs": [],
                    "execution_count": None,
                }
            )
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    """A tar archive, packed with gzip."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def _files(answers: Sequence[Answer]) -> dict[str, bytes]:
    return {f"{each.exercise.stem}.py": each.data for each in answers}


def _in_folder(answers: Sequence[Answer]) -> dict[str, bytes]:
    return {f"hw/{name}": data for name, data in _files(answers).items()}


def _notebooks(answers: Sequence[Answer]) -> dict[str, bytes]:
    files = {}
    for each in answers:
        try:
            files[f"{each.exercise.stem}.ipynb"] = notebook(each.data.decode())
        except UnicodeDecodeError:
            files[f"{each.exercise.stem}.ipynb"] = each.data
    return files


# How one student's answers lie below the folder of all.
LAYOUTS: dict[str, Callable[[str, Sequence[Answer]], dict[str, bytes]]] = {
    "files": lambda who, its: {f"{who}/{name}": data for name, data in _files(its).items()},
    "notebooks": lambda who, its: {f"{who}/{n}": data for n, data in _notebooks(its).items()},
    "zip": lambda who, its: {f"{who}.zip": zipped(_files(its))},
    "tar": lambda who, its: {f"{who}.tar.gz": tarred(_in_folder(its))},
    "zip in a folder": lambda who, its: {f"{who}/homework.zip": zipped(_notebooks(its))},
    "damaged zip": lambda who, its: {f"{who}.zip": zipped(_files(its))[:200]},
}
WEIGHTS = (8, 4, 2, 2, 2, 1)


def make(
    folder: Path, students: int, seed: int = 0, exercises: Sequence[Exercise] | None = None
) -> list[Answer]:
    """Write a class into `folder`; what must come of it. By default of the core six."""
    draw = random.Random(seed)
    if exercises is None:
        whole = course.load(course.bundled())
        exercises = [whole.exercise(str(number)) for number in CORE]
    made: list[Answer] = []
    for number in range(students):
        who = f"{draw.choice(NAMES)}{number:03d}"
        (layout,) = draw.choices(list(LAYOUTS), WEIGHTS)
        answers = [answer(draw, who, each) for each in exercises if draw.random() < 0.9]
        if not answers:
            continue
        for name, data in LAYOUTS[layout](who, answers).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if layout == "damaged zip":
            answers = [Answer(who, each.exercise, "broken", layout, b"", 0) for each in answers]
        made += answers
    return made


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--students", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--exercise", action="append")
    given = parser.parse_args()
    whole = course.load(course.bundled())
    chosen = [whole.exercise(name) for name in given.exercise] if given.exercise else None
    made = make(given.folder, given.students, given.seed, chosen)
    print(f"{len(made)} answers of {len({each.student for each in made})} students")


if __name__ == "__main__":
    _main()
