"""Show a failing call as a person reads it: the inputs by name, what came back, what is right."""

import contextlib
import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from rich.cells import cell_len, set_cell_size

from grader.judge.compare import Changed, Mismatch, Named, a_kind, dtype, shape, short
from grader.judge.reference import tensors_by_name
from grader.judge.student import Example
from grader.language import say
from grader.wire import Stream
from grader.worker.invoke import Invocation

WIDTH = 76
MOST_ELEMENTS = 48
MOST_ITEMS = 24
FEW_ELEMENTS = 4  # of which equal ones, too, are written out
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
    text = [describe_call(call, functions[call.function])]
    if mismatch is not None and (mismatch.actual is not None or mismatch.expected is not None):
        text += [
            "",
            _result(say("yours"), mismatch.actual),
            _result(say("expected"), mismatch.expected),
        ]
    return "\n".join(text)


def describe_call(call: Invocation, function: Callable[..., Any]) -> str:
    """A call with its arguments by name, and the backward passes that followed it."""
    signature = inspect.signature(function)
    arguments = signature.bind_partial(*call.args, **call.kwargs).arguments
    width = max(map(len, arguments), default=0)
    lines = [_indented(_named(name.ljust(width), value)) for name, value in arguments.items()]
    return "\n".join([f"{call.function}(", *lines, ")", *_passes(call, function)])


def _passes(call: Invocation, function: Callable[..., Any]) -> Iterator[str]:
    """The backward passes that followed the call: what each sends to the parameters."""
    rounds = call.backwards or ()
    names = list(tensors_by_name(function, call))
    for number, gradients in enumerate(rounds, start=1):
        sent = zip(names, gradients, strict=False)
        if len(rounds) == 1:
            yield say("then a backward pass sends")
        else:
            yield say("then backward pass {number} sends", number=number)
        yield _indented("\n".join(_named(name, gradient) for name, gradient in sent))
    if rounds:
        yield say("then the handles are removed, and the last pass runs again")


def _named(name: str, value: Any) -> str:
    lead = f"{name} = "
    return lead + _hanging(describe(value), cell_len(lead))


def _result(name: str, value: Any) -> str:
    if isinstance(value, Named | Changed):
        return f"{name}:\n{_indented(describe(value))}"
    return _named(set_cell_size(name, 8), value)


def describe(value: Any) -> str:
    """A value with its tensors written out, as far as they can be read, and their shapes."""
    if isinstance(value, torch.Tensor):
        return _tensor(value)
    if isinstance(value, Stream):
        return say("a generator of {items}", items=describe(list(value.items)))
    if isinstance(value, Changed):
        pairs = zip(value.names, value, strict=True)
        return "\n".join(_named(name, tensor) + _grad(grad) for name, (tensor, grad) in pairs)
    if isinstance(value, list | tuple | dict) and len(value) > MOST_ITEMS:
        return f"{a_kind(value)}: {short(value, 100)}" if not _has_tensor(value) else a_kind(value)
    if isinstance(value, list | tuple) and any(_has_tensor(item) for item in value):
        return "\n".join(_item(index, item) for index, item in enumerate(value))
    if isinstance(value, Named):
        return "\n".join(_named(value.what.format(name), item) for name, item in value.items())
    if isinstance(value, dict) and any(_has_tensor(item) for item in value.values()):
        return "\n".join(_item(key, item) for key, item in value.items())
    return short(value, 400)


def _item(key: Any, value: Any) -> str:
    lead = f"[{key!r}] "
    return lead + _hanging(describe(value), len(lead))


def _has_tensor(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_tensor, value))
    return isinstance(value, torch.Tensor)


def _tensor(tensor: torch.Tensor) -> str:
    note = f"  # {shape(tensor)} {dtype(tensor)}"
    apart = say(", not contiguous") if not tensor.is_contiguous() and tensor.numel() else ""
    note += apart
    plain = tensor.detach()
    if plain.is_floating_point():
        plain = plain.double()
    with _printing():
        text = str(plain).removeprefix("tensor(").removesuffix(")")
    text = re.sub(r",\s*dtype=torch\.\w+", "", text).replace(", size=", " size ")
    text = text.replace("\n       ", "\n").removesuffix(",")
    first, *rest = text.split("\n")
    equal = _equal(plain) if rest or plain.numel() > FEW_ELEMENTS else None
    if equal:
        text = f"{equal}  # {dtype(tensor)}{apart}"
    elif not rest:
        text = first + note
    else:
        text = f"{note.strip()}\n{text}"
    return text + _grad(tensor.grad if tensor.is_leaf else None)


def _equal(tensor: torch.Tensor) -> str | None:
    """The call that makes a tensor of equal elements; None where they differ."""
    first = tensor.flatten()[0]
    signs_differ = tensor.is_floating_point() and bool((tensor.signbit() != first.signbit()).any())
    if (tensor != first).any() or signs_differ:
        return None
    value = repr(first.item())
    name = {"0.0": "zeros", "0": "zeros", "1.0": "ones", "1": "ones"}.get(value)
    if name is None:
        return f"torch.full({shape(tensor)}, {value})"
    return f"torch.{name}({', '.join(map(str, tensor.shape))})"


def _grad(grad: torch.Tensor | None) -> str:
    if grad is None:
        return ""
    lead = say("with .grad ")
    return f"\n{lead}{_hanging(_tensor(grad), cell_len(lead))}"


def _hanging(text: str, by: int = 1) -> str:
    return text.replace("\n", "\n" + " " * by)


def _indented(text: str) -> str:
    return "\n".join(" " * INDENT + line for line in text.split("\n"))


@contextlib.contextmanager
def _printing() -> Iterator[None]:
    """torch's print options for a person, put back afterwards."""
    options = torch._tensor_str.PRINT_OPTS
    before = dataclasses.replace(options)
    options.precision, options.threshold, options.edgeitems = 4, MOST_ELEMENTS, 2
    options.linewidth, options.sci_mode = WIDTH - 16, None
    try:
        yield
    finally:
        vars(options).update(vars(before))
