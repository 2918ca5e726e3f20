"""Name the wrong idea behind a failure: the misconception that gives what the student gives."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from grader.judge import room
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
    """The misconceptions of an exercise's room, in the order of the file."""
    path = folder / "misconceptions.py"
    if not path.is_file():
        return []
    reference = (folder / "reference.py").read_text(encoding="utf-8")
    # Run as one module, so that the reference's functions call the wrong ones.
    source = f"{reference}\n\n{path.read_text(encoding='utf-8')}\n"
    classes = (value for value in _run(source, path).values() if inspect.isclass(value))
    return [_wrong(kind, source, path) for kind in classes if kind.__module__ == path.stem]


def _wrong(kind: type, source: str, path: Path) -> Wrong:
    own = [name for name, value in vars(kind).items() if inspect.isfunction(value)]
    source += "".join(f"\n{name} = {kind.__name__}.{name}" for name in own)
    return Wrong(
        name=kind.__name__,
        explanation=" ".join((kind.__doc__ or "").split()),
        caught_by=getattr(kind, "caught_by", ""),
        functions={k: v for k, v in _run(source, path).items() if inspect.isfunction(v)},
        source=source,
    )


def _run(source: str, path: Path) -> dict[str, Any]:
    module = ModuleType(path.stem)
    room.run(source, path, module)
    return vars(module)


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
    for wrong in wrongs:
        agreeing = _agreeing(wrong, records, rights)
        if agreeing > most:
            best, most = wrong, agreeing
    return Misconception(best.name, best.explanation) if best else None


def _agreeing(wrong: Wrong, records: Sequence[Record], rights: Sequence[Record]) -> int:
    """How many calls tell of `wrong`; 0 where one of them contradicts it."""
    count = 0
    for record, right in zip(records, rights, strict=True):
        function = wrong.functions.get(record.call.function)
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
