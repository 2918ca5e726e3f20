"""Show a failing call as a person reads it: the inputs by name, what came back, what is right."""

import contextlib
import dataclasses
import inspect
import math
import pprint
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import torch
from rich.cells import cell_len, set_cell_size

from grader.judge.compare import (
    Changed,
    Mismatch,
    Named,
    a_kind,
    dtype,
    gap,
    in_pieces,
    shape,
    short,
    wide,
)
from grader.judge.explain import stories
from grader.judge.explain.calls import pasted
from grader.judge.explain.parts import Pair, taken_apart
from grader.judge.reference import tensors_by_name
from grader.judge.story import Told
from grader.judge.student import Example
from grader.judge.ways import in_words
from grader.language import say
from grader.wire import Stream
from grader.worker.invoke import Invocation

WIDTH = 76
MOST_ELEMENTS = 48
MOST_ITEMS = 24
FEW_ELEMENTS = 4  # of which equal ones, too, are written out
MOST_LINES = 200  # items and tensors of a whole value, all levels together
MOST_TEXT = 4_000  # characters of a whole value
MOST_LOOKED_AT = 2_000  # items, to find a tensor among them
MOST_WRITTEN = 256  # elements of a tensor that torch would write, its dots left out
EDGE = 2  # elements at either end of an axis, where torch leaves out what is between
MOST_AXIS = 64
INDENT = 4
MOST_PARTS = 8  # of a result that are written out
DIGITS = (4, 6, 8, 10, 12, 16)  # after the point, until what differs looks different
MANY_DIGITS = 6  # with fewer, two elements of an input look alike, and that is no harm
MOST_PLAIN = 1_200  # characters of a value without tensors
ONE_LINE = 52  # characters of a tensor with axes of little length

_least_digits = DIGITS[0]


@dataclasses.dataclass
class _Room:
    """What may still be written of a whole value."""

    lines: int = MOST_LINES
    characters: int = MOST_TEXT

    def take(self, text: str) -> str:
        """`text`, for which there is less room now."""
        self.lines -= 1 + text.count("\n")
        self.characters -= len(text)
        return text

    @property
    def is_full(self) -> bool:
        return self.lines <= 0 or self.characters <= 0


def render(
    example: Example,
    functions: Mapping[str, Callable[..., Any]],
    mismatch: Mismatch | None = None,
    shown: Sequence[int] = (-1,),
) -> str | None:
    """The calls of a failing example that are to be `shown`, by default the last, and the parts of
    the two results that differ, where there are two."""
    if not example.records:
        return None
    text = [describe_calls(example, functions, shown)]
    if mismatch is not None and (mismatch.actual is not None or mismatch.expected is not None):
        text += _results(mismatch)
    return "\n".join(text)


def describe_calls(
    example: Example, functions: Mapping[str, Callable[..., Any]], shown: Sequence[int] = (-1,)
) -> str:
    """Calls of an example, one below the other, with numbers where there are several."""
    calls = [example.records[place].call for place in shown]
    texts = [describe_call(call, functions.get(call.function, object)) for call in calls]
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"# {number}\n{text}" for number, text in enumerate(texts, 1))


def describe_call(call: Invocation, function: Callable[..., Any]) -> str:
    """A call with its arguments by name, and the backward passes that followed it, as code that
    can be pasted where it is small enough; a step with objects as the code of its story."""
    if isinstance(call, Told):
        note = f"# {in_words(call.way)}\n" if call.way else ""
        return note + stories.told(call)
    if not call.way and (code := pasted(call, function)) is not None:
        return code
    signature = inspect.signature(function)
    arguments = signature.bind_partial(*call.args, **call.kwargs).arguments
    width = max(map(len, arguments), default=0)
    lines = [_indented(_named(name.ljust(width), value)) for name, value in arguments.items()]
    after = [*_gradients(call, function), *_passes(call, function)]
    note = (
        f"({in_words(call.way)})"
        if call.way
        else say("(too large to paste: `grade debug` runs this call)")
    )
    return "\n".join([f"{call.function}(", *lines, ")", *after, note])


def _gradients(call: Invocation, function: Callable[..., Any]) -> Iterator[str]:
    """That gradients are asked for: of which arguments, and what the backward pass begins with."""
    if call.cotangents is None or callable(call.cotangents):
        return
    tensors = tensors_by_name(function, call)
    asked = [name for name, tensor in tensors.items() if tensor.requires_grad]
    if len(asked) == sum(tensor.is_floating_point() for tensor in tensors.values()):
        yield say("where every argument requires a gradient")
    else:
        names = ", ".join(f"`{name}`" for name in asked)
        yield say("where only {names} requires a gradient", names=names)
    yield say("then a backward pass, in which the gradient of the result is")
    yield _indented("\n".join(map(describe, call.cotangents)))


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


def _named(name: str, value: Any, room: _Room | None = None, digits: int | None = None) -> str:
    lead = f"{name} = "
    if room is None:
        with _at_least(digits or DIGITS[0]):
            text = describe(value)
    else:
        text = _described(value, room)
    return lead + _hanging(text, cell_len(lead))


@contextlib.contextmanager
def _at_least(digits: int) -> Iterator[None]:
    """Write elements with so many digits or more for a while."""
    global _least_digits
    before, _least_digits = _least_digits, digits
    try:
        yield
    finally:
        _least_digits = before


def _results(mismatch: Mismatch) -> Iterator[str]:
    """What came back and what should have: of several parts those that differ, by name."""
    wrong, right = taken_apart(mismatch)
    yours, expected = say("yours"), say("expected")
    wrong = [pair for pair in wrong if not _differs_in_dtype_only(pair)]
    if wrong:
        yield ""
    if len(wrong) == 1 and wrong[0].is_whole:
        (pair,) = wrong
        digits = _digits(pair.student, pair.expected)
        for name, value in ((yours, pair.student), (expected, pair.expected)):
            yield _named(set_cell_size(name, 8), value, digits=digits)
    elif wrong:
        shown = wrong[:MOST_PARTS]
        digits = max(_digits(pair.student, pair.expected) for pair in shown)
        names = [_plain_name(pair.name) for pair in shown]
        width = max(map(cell_len, names))
        for title, side in ((yours, "student"), (expected, "expected")):
            yield f"{title}:"
            for name, pair in zip(names, shown, strict=True):
                value = getattr(pair, side)
                yield _indented(_named(set_cell_size(name, width), value, digits=digits))
        if len(shown) < len(wrong):
            yield say("({count} parts more are wrong)", count=len(wrong) - len(shown))
    if right and wrong and mismatch.bounds is not None:
        names = [_plain_name(pair.name) for pair in right if pair.expected is not None]
        listed = ", ".join(names[:MOST_PARTS])
        if listed:
            yield say("as it should be: {names}", names=listed)


def _plain_name(name: str) -> str:
    """The name of a part without the marks of code, where all is code."""
    return name.replace("`", "")


def _differs_in_dtype_only(pair: Pair) -> bool:
    """Whether to show both would be to show the same numbers twice: the message says the rest."""
    mine, right = pair.student, pair.expected
    return (
        isinstance(mine, torch.Tensor)
        and isinstance(right, torch.Tensor)
        and mine.shape == right.shape
        and mine.dtype != right.dtype
        and pair.bounds is None
    )


def _digits(mine: Any, right: Any) -> int:
    """How many digits it takes to see that two values differ where they differ most."""
    if not (isinstance(mine, torch.Tensor) and isinstance(right, torch.Tensor)):
        return DIGITS[0]
    if mine.shape != right.shape or not right.is_floating_point() or not right.numel():
        return DIGITS[0]
    place = gap(mine, right, 0.0).place
    one, other = (float(value.detach()[place]) for value in (mine, right))
    return next((d for d in DIGITS if f"{one:.{d}f}" != f"{other:.{d}f}"), DIGITS[-1])


def describe(value: Any) -> str:
    """A value with its tensors written out, as far as they can be read, and their shapes.

    Bounded, whatever the value: in what is looked at, and in what is said of it.
    """
    text = _described(value, _Room())
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def _described(value: Any, room: _Room) -> str:
    if isinstance(value, torch.Tensor):
        return room.take(_tensor(value))
    if isinstance(value, Stream):
        return say("a generator of {items}", items=_described(list(value.items), room))
    if isinstance(value, Changed):
        pairs = zip(value.names, value, strict=True)
        return "\n".join(_named(name, tensor, room) + _grad(grad) for name, (tensor, grad) in pairs)
    if isinstance(value, list | tuple | dict) and len(value) > MOST_ITEMS:
        return room.take(
            a_kind(value) if _has_tensor(value) else f"{a_kind(value)}: {short(value, 100)}"
        )
    if isinstance(value, list | tuple) and _has_tensor(value):
        return _listed(((f"[{n}] ", item) for n, item in enumerate(value)), room)
    if isinstance(value, Named):
        return "\n".join(
            _named(value.what.format(name), item, room) for name, item in value.items()
        )
    if isinstance(value, dict) and _has_tensor(value):
        return _listed(((f"[{short(key, 40)}] ", item) for key, item in value.items()), room)
    text = short(value, MOST_PLAIN)
    if isinstance(value, list | tuple | dict) and ONE_LINE < len(text) < MOST_PLAIN:
        text = pprint.pformat(value, width=ONE_LINE, sort_dicts=False, compact=True)
    return room.take(text)


def _listed(items: Iterable[tuple[str, Any]], room: _Room) -> str:
    """Items one below the other, each behind its lead, as far as there is room."""
    lines = []
    for lead, item in items:
        if room.is_full:
            lines.append("…")
            break
        lines.append(lead + _hanging(_described(item, room), len(lead)))
    return "\n".join(lines)


def _has_tensor(value: Any) -> bool:
    """Whether a tensor is among the first items of a value, on any level."""
    pending, left = [value], MOST_LOOKED_AT
    while pending and left > 0:
        item = pending.pop()
        left -= 1
        if isinstance(item, torch.Tensor):
            return True
        if isinstance(item, dict):
            pending += islice(item.values(), left)
        elif isinstance(item, list | tuple):
            pending += islice(item, left)
        elif isinstance(item, Stream):
            pending += islice(item.items, left)
    return False


def _tensor(tensor: torch.Tensor) -> str:
    note = f"  # {shape(tensor)} {dtype(tensor)}"
    apart = say(", not contiguous") if not tensor.is_contiguous() and tensor.numel() else ""
    note += apart
    plain = tensor.detach()
    shown, place = _first(plain)
    if place:
        note += say(", of which {place} is", place=list(place))
    text = _written(shown)
    first, *rest = text.split("\n")
    equal = _equal(plain) if rest or plain.numel() > FEW_ELEMENTS else None
    if equal:
        text = f"{equal}  # {dtype(tensor)}{apart}"
    elif rest or place:
        text = f"{note.strip()}\n{text}"
    else:
        text = first + note
    return text + _grad(tensor.grad if tensor.is_leaf else None)


def _first(tensor: torch.Tensor) -> tuple[torch.Tensor, tuple[int, ...]]:
    """As many of the last axes as torch writes in few lines, and where they lie in the others."""
    place: tuple[int, ...] = ()
    while math.prod(min(length, 2 * EDGE) for length in tensor.shape) > MOST_WRITTEN:
        tensor, place = tensor[0], (*place, 0)
    # What torch leaves out need not be there.
    for axis, length in enumerate(tensor.shape):
        if length > MOST_AXIS:
            half = MOST_AXIS // 2
            ends = [tensor.narrow(axis, 0, half), tensor.narrow(axis, length - half, half)]
            tensor = torch.cat(ends, axis)
    return tensor, place


def _written(tensor: torch.Tensor) -> str:
    """What torch writes, without the words around the numbers; a small one on one line."""
    digits = _least_digits
    if tensor.is_floating_point():
        tensor = tensor.double()
        if 1 < tensor.numel() <= MOST_ELEMENTS:
            digits = max(digits, _telling_apart(tensor))
    text = _as_torch_writes(tensor, digits)
    one_line = re.sub(r"\n\s*", " ", text)
    if len(one_line) <= ONE_LINE and (tensor.dim() > 2 or tensor.shape[-1:] in ((), (1,))):
        return re.sub(r"(?<=\[) +", "", one_line)
    return text


def _telling_apart(tensor: torch.Tensor) -> int:
    """How many digits it takes to see which elements are equal and which are not."""
    values = set(tensor.reshape(-1).tolist())
    for digits in DIGITS:
        if len({f"{value:.{digits}e}" for value in values}) == len(values):
            break
    return digits if digits > MANY_DIGITS else DIGITS[0]


def _as_torch_writes(tensor: torch.Tensor, digits: int) -> str:
    with _printing(digits):
        text = str(tensor).removeprefix("tensor(").removesuffix(")")
    text = re.sub(r",\s*dtype=torch\.\w+", "", text).replace(", size=", " size ")
    return text.replace("\n       ", "\n").removesuffix(",")


def _equal(tensor: torch.Tensor) -> str | None:
    """The call that makes a tensor of equal elements; None where they differ."""
    if not tensor.numel():
        return None
    first = wide(tensor.reshape(-1)[:1])
    signed = tensor.is_floating_point()
    for piece in in_pieces(tensor):
        piece = wide(piece)
        if (piece != first).any() or (signed and (piece.signbit() != first.signbit()).any()):
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
def _printing(digits: int) -> Iterator[None]:
    """torch's print options for a person, put back afterwards."""
    options = torch._tensor_str.PRINT_OPTS
    before = dataclasses.replace(options)
    options.precision, options.threshold, options.edgeitems = digits, MOST_ELEMENTS, EDGE
    options.linewidth, options.sci_mode = WIDTH - 16, None
    try:
        yield
    finally:
        vars(options).update(vars(before))
