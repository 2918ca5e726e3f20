"""Try the input that a property failed on once more, on what the student has written since.

This is for whoever waits at a keyboard. No grade depends on it: it runs in a worker of its own,
with time of its own, beside the grading.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis.strategies import DataObject, SearchStrategy

from grader.judge import room
from grader.judge.compare import Mismatch
from grader.judge.explain.counterexample import render
from grader.judge.reference import Reference
from grader.judge.student import ForbiddenUsed, Halt, Student, StudentRaised
from grader.language import say
from grader.report import PropertyResult, PropertyStatus


@dataclass
class Draws:
    """Hypothesis's `data` to a property that draws while it runs, with what it drew kept."""

    data: DataObject
    drawn: list[Any] = field(default_factory=list)

    def draw(self, strategy: SearchStrategy[Any], label: Any = None) -> Any:
        """A value of `strategy`."""
        self.drawn.append(self.data.draw(strategy, label))
        return self.drawn[-1]


@dataclass
class Redraws:
    """In place of `Draws`: the same values again, in the same order."""

    left: list[Any]

    def draw(self, strategy: SearchStrategy[Any], label: Any = None) -> Any:
        """The next value; IndexError where the property draws more than it did."""
        del strategy, label
        return self.left.pop(0)


@dataclass(frozen=True)
class Falsified:
    """A property that failed, with what it was called with at its smallest."""

    name: str
    title: str
    arguments: Mapping[str, Any]


def kept(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A property's arguments, with what is drawn while it runs kept for another time."""
    return {
        name: Draws(value) if isinstance(value, DataObject) else value
        for name, value in arguments.items()
    }


def replayed(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What `kept` has kept, to call the property with once more."""
    return {
        name: Redraws(list(value.drawn)) if isinstance(value, Draws) else value
        for name, value in arguments.items()
    }


def retry(
    falsified: Falsified, properties: Path, student: Student, reference: Reference
) -> PropertyResult | None:
    """Call the property with the same arguments again; None where that tells nothing.

    The result is worth no points. `student` is not touched: its answer runs in another worker.
    """
    arguments = replayed(falsified.arguments)
    message = mismatch = None
    status = PropertyStatus.PASSED
    with contextlib.closing(student.twin()) as twin:
        own = {"student": twin, "reference": reference}
        arguments |= {name: value for name, value in own.items() if name in arguments}
        try:
            function = getattr(room.load(properties), falsified.name)
            handle = getattr(function, "hypothesis", None)
            (handle.inner_test if handle else function)(**arguments)
        except (Mismatch, AssertionError) as failure:
            status, message = PropertyStatus.FAILED, str(failure) or say("It does not hold.")
            mismatch = failure if isinstance(failure, Mismatch) else None
        except StudentRaised as error:
            status, message = PropertyStatus.ERROR, error.message
        except ForbiddenUsed:  # which the grading says
            return None
        except Halt as halt:
            status, message = halt.status, halt.message
        except Exception:  # the property has changed since, or takes no such input
            return None
        shown = message and render(twin.example, reference.functions, mismatch)
    return PropertyResult(falsified.name, falsified.title, status, 0, 0, message, shown)
