"""That an answer mixes what should stay apart, such as the samples of a batch: found by changing
all but one of them."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from grader.judge.explain.diagnosis import Case, Suspect, Witness, observed, same
from grader.judge.reference import tensors_by_name
from grader.judge.story import Told
from grader.judge.student import Record
from grader.language import say
from grader.wire import mapped
from grader.worker.invoke import Invocation

TRIED = 3  # wrong calls for which others are made
GAVE_NOTHING = 30  # calls; where none before them gave a value, none will


@dataclass(frozen=True)
class Coupled(Suspect):
    """An answer in which what stands along one axis affects each other, and should not."""

    def explains(self, witness: Witness) -> bool:
        """It is seen in the calls that were made for it; what comes of it is not foretold."""
        del witness
        return True


def coupled(case: Case) -> Suspect | None:
    """The axis along which the student's code mixes what the reference keeps apart; None where it
    mixes nothing, or gives another result each time."""
    tried = 0
    gave_nothing = 0
    for witness in itertools.chain(case.wrong, case.asked()):
        if witness.record.outcome is None and witness.call.function == case.wrong[0].call.function:
            gave_nothing += 1
            if not tried and gave_nothing == GAVE_NOTHING:
                break
        if not _may_tell(witness, case):
            continue
        axes = list(_axes(case, witness.call))
        for name, axis, size in axes:
            if _is_coupled(case, witness, size):
                return Coupled(
                    "Coupled",
                    say(
                        "Along axis {axis} of `{name}` your code mixes what should stay apart"
                        " (samples, where it is a batch): when the others change, the result for"
                        " one of them changes too.",
                        axis=axis,
                        name=name,
                    ),
                )
        tried += bool(axes)
        if tried == TRIED:
            break
    return None


def _may_tell(witness: Witness, case: Case) -> bool:
    """Whether a call is a wrong one, of a function, that gave values alone."""
    call = witness.call
    return (
        witness.is_wrong
        and not isinstance(call, Told)
        and call.function == case.wrong[0].call.function
        and call.cotangents is None
        and call.backwards is None
        and not call.changes
        and not call.way
        and witness.record.outcome is not None
        and witness.right.outcome is not None
    )


def _axes(case: Case, call: Invocation) -> Iterator[tuple[str, int, int]]:
    """A name, an axis and a size for each size that no tensor has twice: first those that stand
    first."""
    named = tensors_by_name(case.reference.functions[call.function], call)
    found = [(axis, name, size) for name, t in named.items() for axis, size in enumerate(t.shape)]
    sizes: set[int] = set()
    for axis, name, size in sorted(found, key=lambda each: each[0]):
        is_clear = all(list(t.shape).count(size) < 2 for t in call.tensors)
        if size > 1 and size not in sizes and is_clear:
            sizes.add(size)
            yield name, axis, size


def _is_coupled(case: Case, witness: Witness, size: int) -> bool:
    """Whether, with the others along all axes of this size replaced by it, one gets another
    result from the student, and not from the reference."""
    function = case.reference.functions[witness.call.function]
    for place in (0, size - 1):
        call = _with_all(witness.call, place, size)
        right = observed(function, call)
        if not same(_at(witness.right, place, size), _at(right, place, size)):
            return False  # they do affect each other
        mine = case.ask(call)
        if mine is None or mine.outcome is None:
            return False
        if same(_at(witness.record, place, size), _at(mine, place, size)):
            continue
        # What is kept between calls, or drawn, is another mistake.
        return _is_steady(case, witness.record) and _is_steady(case, mine)
    return False


def _is_steady(case: Case, record: Record) -> bool:
    """Whether the call gives the same once more."""
    again = case.ask(record.call)
    return again is not None and again.outcome is not None and same(_plain(again), _plain(record))


def _with_all(call: Invocation, place: int, size: int) -> Invocation:
    """The call with what stands at `place`, along every axis of this size, at all places."""

    def replaced(tensor: torch.Tensor) -> torch.Tensor:
        if size not in tensor.shape:
            return tensor
        index = torch.full((size,), place)
        alike = tensor.detach().index_select(tensor.shape.index(size), index)
        return alike.requires_grad_(tensor.requires_grad)

    return replace(call, args=mapped(replaced, call.args), kwargs=mapped(replaced, call.kwargs))


def _at(record: Record, place: int, size: int) -> Record:
    """A record with what stands at `place` alone, in results with one axis of this size."""

    def narrowed(tensor: torch.Tensor) -> torch.Tensor:
        is_there = list(tensor.shape).count(size) == 1
        return tensor.narrow(tensor.shape.index(size), place, 1) if is_there else tensor

    return _plain(record, partial(mapped, narrowed))


def _plain(record: Record, part: Any = lambda value: value) -> Record:
    """A record of the value alone, or of a part of it."""
    outcome = record.outcome
    assert outcome is not None
    return Record(record.call, replace(outcome, value=part(outcome.value), effects=()), None)
