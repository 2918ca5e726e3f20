"""Which calls of a failing example are held against each other.

The property runs once more on what the student's code gave the first time; meanwhile every tensor
that is computed from a result remembers the calls that it came of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from grader.judge.compare import Mismatch
from grader.judge.retry import replayed
from grader.judge.story import Told
from grader.judge.student import Example, Halt, Record, Student, StudentRaised
from grader.wire import leaves
from grader.worker.invoke import Invocation, Outcome

MOST_CALLS = 3  # that a person compares


@dataclass(frozen=True)
class Calls:
    """The numbers of the calls to show, in order; and whether what is expected came of some of
    them, rather than of the reference."""

    shown: tuple[int, ...]
    are_compared: bool = False


class _Trace(TorchFunctionMode):
    """Hands on, from tensor to tensor, the numbers of the calls that each came of."""

    def __init__(self) -> None:
        super().__init__()
        self._came_of: dict[int, frozenset[int]] = {}
        self._kept: list[torch.Tensor] = []  # or another could get the same id

    def mark(self, value: Any, calls: frozenset[int]) -> None:
        """Note that the tensors in `value` came of these calls."""
        for tensor in leaves(value):
            self._came_of[id(tensor)] = self._came_of.get(id(tensor), frozenset()) | calls
            self._kept.append(tensor)

    def sources(self, value: Any) -> frozenset[int]:
        """The calls that the tensors in `value` came of."""
        found = (self._came_of.get(id(tensor), frozenset()) for tensor in leaves(value))
        return frozenset().union(*found)

    def __torch_function__(
        self,
        function: Callable[..., Any],
        _types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Compute as ever, and mark what comes of it."""
        result = function(*args, **(kwargs or {}))
        if calls := self.sources((args, list((kwargs or {}).values()))):
            self.mark(result, calls)
        return result


class _Played(Student):
    """Gives the outcomes that were recorded, one after the other."""

    def __init__(self, student: Student, records: Sequence[Record], trace: _Trace) -> None:
        super().__init__(student.submission, student.reference, student.start, student._spawn)
        self.names_of = student.names_of
        self._records = iter(enumerate(records))
        self._trace = trace

    def run(self, call: Invocation) -> Outcome:
        """The next outcome; LookupError where the property asks for something else."""
        number, record = next(self._records)
        if record.call.function != call.function:
            raise LookupError(call.function)
        if record.outcome is None:
            kind = record.raised or ""
            raise StudentRaised(kind, "", bases=[kind])
        changes = [(each.value, each.grad) for each in record.outcome.changes or ()]
        seen = (record.outcome.value, record.outcome.gradients, changes, record.outcome.backwards)
        self._trace.mark(seen, frozenset([number]))
        return record.outcome


def held_against_each_other(
    inner: Callable[..., Any], arguments: Mapping[str, Any], student: Student, example: Example
) -> Calls:
    """The calls of a failing `example` of the property `inner` to show: those that the two sides
    of its mismatch came of, where that can be told; else the last."""
    last = Calls((len(example.records) - 1,))
    if len(example.records) < 2 or any(record.is_heavy for record in example.records):
        return last
    if any(isinstance(record.call, Told) for record in example.records):
        return last  # each shows its whole story
    trace = _Trace()
    played = _Played(student, example.records, trace)
    given = {
        name: played if value is student else value for name, value in replayed(arguments).items()
    }
    try:
        with trace:
            inner(**given)
    except Mismatch as mismatch:
        mine, right = trace.sources(mismatch.actual), trace.sources(mismatch.expected)
        if not mine:
            return last
        calls = sorted(mine | right)
        if right - mine:
            return Calls(tuple(calls[-MOST_CALLS:]), are_compared=True)
        return Calls((calls[-1],))
    except (Exception, Halt):
        return last
    return last
