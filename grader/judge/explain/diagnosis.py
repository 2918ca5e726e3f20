"""Name the wrong idea behind a failure: the misconception that gives what the student gives."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from grader.judge import room, wrong
from grader.judge.compare import Mismatch, agree, all_leaves, magnitude
from grader.judge.reference import Reference, plain
from grader.judge.student import Record
from grader.report import Misconception
from grader.wire import mapped
from grader.worker.invoke import Invocation, Outcome

# Looser than grading: the student's own order of operations is not the misconception's.
RELATIVE = 1e-6
RELATIVE_LOW = 64.0  # times the machine epsilon, in dtypes below float64


@dataclass(frozen=True)
class Wrong:
    """One class of `misconceptions.py`: its functions are wrong in one way.

    `source` is a submission that holds this misconception, the rest from the reference.
    """

    name: str
    explanation: str
    caught_by: str
    functions: Mapping[str, Callable[..., Any]]
    source: str


def load(folder: Path) -> list[Wrong]:
    """The misconceptions of an exercise's room, in the order of the file.

    UsageError where one of them no longer fits the reference.
    """
    path = folder / wrong.MISCONCEPTIONS
    return [
        Wrong(
            told.name, told.explanation, told.caught_by, _functions(told.source, path), told.source
        )
        for told in wrong.misconceptions(folder)
    ]


def _functions(source: str, path: Path) -> dict[str, Callable[..., Any]]:
    module = ModuleType(path.stem)
    # In one module with the reference, so that its functions call the wrong ones.
    room.run(source, path, module)
    kinds = inspect.isfunction, inspect.isclass
    return {name: each for name, each in vars(module).items() if any(is_(each) for is_ in kinds)}


def diagnose(
    wrongs: Sequence[Wrong], reference: Reference, records: Sequence[Record]
) -> Misconception | None:
    """The misconception that explains the calls: it does what the student's code did.

    Only the calls on which it differs from the reference can tell; on all of these, the student
    must agree with it. Of several, the one that more calls tell of.
    """
    rights = [observed(reference.functions[r.call.function], r.call) for r in records]
    best: Wrong | None = None
    most = 0
    for each in wrongs:
        agreeing = _agreeing(each, records, rights)
        if agreeing > most:
            best, most = each, agreeing
    return Misconception(best.name, best.explanation) if best else None


def _agreeing(one: Wrong, records: Sequence[Record], rights: Sequence[Record]) -> int:
    """How many calls tell of `one`; 0 where one of them contradicts it."""
    count = 0
    for record, right in zip(records, rights, strict=True):
        function = one.functions.get(record.call.function)
        if function is None:
            continue
        theirs = observed(function, record.call)
        if same(right, theirs):
            continue
        if not same(record, theirs):
            return 0
        count += 1
    return count


def observed(function: Callable[..., Any], call: Invocation) -> Record:
    """What a trusted function does with a call, in the form in which a student's is recorded."""
    try:
        with torch.random.fork_rng(devices=[]):
            outcome = plain(function, call)
    except Exception as error:
        return Record(call, None, type(error).__name__)
    return Record(call, outcome, None)


def same(one: Record, other: Record) -> bool:
    """Whether two calls did the same, as far as another order of operations would tell."""
    if one.outcome is None or other.outcome is None:
        return one.raised == other.raised and (one.outcome is None) == (other.outcome is None)
    mine, theirs = _observations(one.outcome), _observations(other.outcome)
    try:
        agree(mine, theirs, within=_tolerance(theirs))
    except (Mismatch, RuntimeError):  # a forged reply may hold what cannot be compared
        return False
    return True


def _observations(outcome: Outcome) -> Any:
    changes = [(c.value, c.grad_object, c.grad) for c in outcome.changes or []]
    whole = (outcome.value, outcome.gradients, changes, outcome.backwards, outcome.disturbed)
    return mapped(torch.Tensor.detach, whole)


def _tolerance(value: Any) -> float:
    worst = 0.0
    for leaf in all_leaves(value):
        relative = RELATIVE
        if isinstance(leaf, torch.Tensor) and leaf.is_floating_point():
            if leaf.dtype != torch.float64:
                relative = RELATIVE_LOW * torch.finfo(leaf.dtype).eps
        elif not isinstance(leaf, float):
            continue
        worst = max(worst, relative * magnitude(leaf))
    return worst
