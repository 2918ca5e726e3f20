"""What all capstones share: a budget of steps, training in the worker, and the calibrated curve.

The budget is a number of steps, and the same for all; time only ends what runs away. What is graded
is the model after all steps, which is trained first, in a new process; the curve is of others that
are trained for fewer steps after that. `Capstone.bar` is measured (`prove.calibrate`).
"""

import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NoReturn

from grader.judge.compare import Mismatch
from grader.judge.handles import told
from grader.judge.student import Example, Student
from grader.language import say
from grader.measure import PERPLEXITY, Measure
from grader.report import Training
from grader.wire import Held
from grader.worker import objects

CALIBRATED = "calibrated.toml"
SHARES = (0.0, 0.125, 0.25, 0.5, 1.0)  # of the steps, where the curve is measured


@dataclass(frozen=True)
class Capstone:
    """The contract of one exercise: what it trains, how long, and what is enough.

    `room` is the folder with what was calibrated; `steps` the updates of the parameters that count;
    `bar` what is enough, in the measure of the kind of capstone: as a multiple of the best that is
    possible.
    """

    measure: ClassVar[Measure] = PERPLEXITY

    room: Path
    steps: int
    bar: float
    function: str = "train"

    @property
    def contract(self) -> tuple[Any, ...]:
        """All that a calibration depends on besides the answer; where it changes, the known answers
        are measured anew."""
        return self.steps, SHARES

    def trained(self, student: Student, *data: Any, steps: int, seed: int) -> int:
        """The number of the model that the student's code trains, with a generator of its own.
        Mismatch where there is none."""
        made = told(student, objects.GIVEN, name="torch.Generator", must_keep=True, is_apart=True)
        student.run(made)
        seeded = told(
            student,
            objects.METHOD,
            name="manual_seed",
            on=made.keep,
            args=(one_way(seed, "train"),),
            is_apart=True,
        )
        student.run(seeded)
        step = told(
            student,
            objects.CALL,
            function=self.function,
            args=(*data, steps, Held(made.keep)),
            must_keep=True,
            is_apart=True,
        )
        outcome = student.run(step)
        if outcome.kind == "NoneType":
            raise Mismatch(
                say(
                    "`{name}` returns None; it should return the model. Did you forget `return`?",
                    name=self.function,
                )
            )
        return step.keep

    @property
    def points(self) -> list[int]:
        """The steps after which the curve is measured, none at first and all at last."""
        return [round(share * self.steps) for share in SHARES]

    def measured(
        self, student: Student, seed: int, measure: Callable[[Student, int], Training]
    ) -> Training:
        """What `measure` finds, which is asked once, in a new process."""
        # Not to be remembered: who finds it measured asks nothing, and would pass for everybody.
        student.trace = None
        if student.training is None:
            student.close()  # nothing of the calls before is left, and nothing goes on beside
            student.example = Example()
            student.training = measure(student, seed)
        return student.training

    def reference_curve(
        self, floor: float, uniform: float, points: Sequence[int]
    ) -> tuple[float, ...]:
        """The reference's curve, as it was calibrated; empty where it was not at these steps."""
        heights = curve_of(self.room)
        if len(heights) != len(points):
            return ()
        return tuple(self.measure.at(height, uniform, floor) for height in heights)


def unseeded(student: Student) -> NoReturn:
    """Two models came of one seed: Mismatch."""
    student.sign = student.sign or "unseeded"
    raise Mismatch(
        say(
            "Trained twice with generators of one seed, it becomes two models: draw all"
            " random numbers from `generator`, the first weights too."
        )
    )


def seeded(student: Student) -> NoReturn:
    """One model came of two seeds: Mismatch."""
    student.sign = student.sign or "seeded"
    raise Mismatch(
        say(
            "With generators of two seeds it becomes the same model: draw the first"
            " weights, and the batches, from `generator`."
        )
    )


def still_better(before: str) -> str:
    """That a model got better to the end, from what it reached after half of the steps."""
    return " " + say(
        "It was still getting better: {before} after half of the steps.", before=before
    )


def one_way(seed: int, what: str) -> int:
    """Another seed, from which the first cannot be told: the student's generator shows its own."""
    return int.from_bytes(hashlib.sha256(f"{what}:{seed}".encode()).digest()[:7], "big")


def height(value: float, training: Training) -> float:
    """Where a value lies between the best and who knows nothing, as the measure counts heights."""
    return training.kind.height(value, training.uniform, training.floor)


def curve_of(room: Path) -> tuple[float, ...]:
    """The reference's calibrated curve, as heights; empty where nothing is calibrated."""
    path = room / CALIBRATED
    if not path.is_file():
        return ()
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")).get("curve", ()))
