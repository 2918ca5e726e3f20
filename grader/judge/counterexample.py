"""Show a failing call as a person reads it: the inputs by name, what came back, what is right."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import torch

from grader.judge.compare import Mismatch, dtype, shape, short
from grader.judge.student import Example
from grader.wire import Stream
from grader.worker.invoke import Invocation

WIDTH = 76
MOST_ELEMENTS = 48
INDENT = 4


def render(
    example: Example,
    functions: Mapping[str, Callable[..., Any]],
    mismatch: Mismatch | None = None,
) -> str | None:
    """The last call of a failing example, and the two results where there are two."""
    if not example.records:
        return None
    call = example.records[-1].call
    signature = inspect.signature(functions[call.function])
    text = [_call(call, signature)]
    if mismatch is not None and (mismatch.actual is not None or mismatch.expected is not None):
        text += ["", _named("yours", mismatch.actual), _named("expected", mismatch.expected)]
    return "\n".join(text)


def _call(call: Invocation, signature: inspect.Signature) -> str:
    arguments = signature.bind_partial(*call.args, **call.kwargs).arguments
    width = max(map(len, arguments), default=0)
    lines = [_indented(_named(name.ljust(width), value)) for name, value in arguments.items()]
    return "\n".join([f"{call.function}(", *lines, ")"])


def _named(name: str, value: Any) -> str:
    lead = f"{name} = "
    body = describe(value).split("\n")
    return lead + f"\n{' ' * len(lead)}".join(body)


def describe(value: Any) -> str:
    """A value with its tensors written out, as far as they can be read, and their shapes."""
    if isinstance(value, torch.Tensor):
        return _tensor(value)
    if isinstance(value, Stream):
        return "a generator of " + describe(list(value.items))
    if isinstance(value, list | tuple) and any(_has_tensor(item) for item in value):
        left, right = "[]" if isinstance(value, list) else "()"
        items = ",\n".join(describe(item) for item in value)
        return f"{left}{_hanging(items)}{right}"
    if isinstance(value, dict) and any(_has_tensor(item) for item in value.values()):
        items = ",\n".join(f"{key!r}: {_hanging(describe(v), 4)}" for key, v in value.items())
        return "{" + _hanging(items) + "}"
    return short(value, 400)


def _has_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_tensor, value))
    return isinstance(value, torch.Tensor)


def _tensor(tensor: torch.Tensor) -> str:
    note = f"  # {shape(tensor)} {dtype(tensor)}"
    if not tensor.is_contiguous() and tensor.numel():
        note += ", not contiguous"
    plain = tensor.detach()
    if plain.is_floating_point():
        plain = plain.double()
    with _Printing():
        text = str(plain).removeprefix("tensor(").removesuffix(")")
    text = text.replace(", dtype=torch.float64", "").replace(", size=", " size ")
    text = text.replace("\n       ", "\n").removesuffix(",")
    first, *rest = text.split("\n")
    text = "\n".join([first, *rest]) if rest else first + note
    if rest:
        text = f"{note.strip()}\n{text}"
    if tensor.is_leaf and tensor.grad is not None:
        text += f"\nwith .grad {_hanging(_tensor(tensor.grad), 11)}"
    return text


def _hanging(text: str, by: int = 1) -> str:
    return text.replace("\n", "\n" + " " * by)


def _indented(text: str) -> str:
    return "\n".join(" " * INDENT + line for line in text.split("\n"))


class _Printing:
    """torch's print options for a person, put back afterwards."""

    def __enter__(self) -> None:
        self._before = dict(vars(torch._tensor_str.PRINT_OPTS))
        torch.set_printoptions(
            precision=4, threshold=MOST_ELEMENTS, edgeitems=2, linewidth=WIDTH - 16, sci_mode=None
        )

    def __exit__(self, *_: object) -> None:
        torch.set_printoptions(
            **{name: self._before[name] for name in ("precision", "threshold", "edgeitems")},
            linewidth=self._before["linewidth"],
            sci_mode=self._before["sci_mode"],
        )
