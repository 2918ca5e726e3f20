"""Write a story with objects as code that a person can paste: construct, load, call."""

import math
from collections.abc import Iterator
from typing import Any

import torch

from grader.judge.compare import a_kind, dtype, short
from grader.judge.story import Told
from grader.language import say
from grader.wire import Held
from grader.worker import objects

WIDTH = 76
MOST_ELEMENTS = 64  # of a tensor that is written out
MOST_LINES = 60
INDENT = "    "
FLOAT32 = torch.float32
COPY = "copy.deepcopy"  # shares nothing with what it is made of
MODULES = ("torch", "itertools", "copy")
OF_GIVEN = (objects.GIVEN, objects.NAMED)


def told(step: Told) -> str:
    """The story up to `step`, a line for each step, as far as a person reads it."""
    steps = [each for each in step.whole if matters(each, step)]
    lines = [line for each in steps for line in _line(each, last=each is steps[-1]).split("\n")]
    if len(lines) > MOST_LINES:
        left_out = len(lines) - MOST_LINES
        half = MOST_LINES // 2
        note = "# " + say("… {count} lines more", count=left_out)
        lines = [*lines[:half], note, *lines[-half:]]
    for module in MODULES:
        if any(f"{module}." in line for line in lines):
            lines.insert(0, f"import {module}")
    roots = (each.name.partition(".")[0] for each in steps if each.kind in OF_GIVEN)
    if names := [name for name in dict.fromkeys(roots) if name not in MODULES]:
        lines.insert(
            0, "# " + say("from this exercise's given.py: {names}", names=", ".join(names))
        )
    return "\n".join(lines)


def matters(each: Told, last: Told) -> bool:
    """Whether a step has to do with what the last one was made of."""
    return each is last or not _touched(last) or bool(_line_of(each) & _wanted(last))


def _wanted(last: Told) -> set[int]:
    """The objects that the last step speaks of, with those that they were made of, and those that
    were made of these and may share parts with them, as an optimizer does with its model."""
    wanted, before = _touched(last), 0
    while len(wanted) > before:
        before = len(wanted)
        for each in reversed(last.whole[:-1]):
            if _line_of(each) & wanted:
                wanted |= _touched(each) if each.name == COPY else _line_of(each)
    return wanted


def _touched(step: Told) -> set[int]:
    held = {*objects.held_in(step.args), *objects.held_in(step.kwargs)}
    return held | {step.on} if step.on >= 0 else held


def _line_of(step: Told) -> set[int]:
    """The objects that a step makes or changes."""
    return _touched(step) | {step.keep}


def _line(step: Told, *, last: bool) -> str:
    text = _call(step)
    if not last and step.place in step.story.types:
        text = f"{step.story.named(step.place)} = {text}"
    if step.draw is not None:
        text += "  # " + say("and backward, from its results")
    return text


def _call(step: Told) -> str:
    story = step.story
    target = story.named(step.on) if step.on >= 0 else ""
    if step.kind == objects.ATTRIBUTE:
        return f"{target}.{step.name}"
    if step.kind == objects.NAMED:
        return step.name
    if step.kind in (objects.ITEMS, objects.READ):
        return f"list(itertools.islice({target}, {step.items}))"
    if step.kind == objects.METHOD and step.name == "__getitem__":
        return f"{target}[{_code(step.args[0], story)}]"
    name = {
        objects.CONSTRUCT: step.function,
        objects.CALL: step.function,
        objects.GIVEN: step.name,
    }.get(step.kind, f"{target}.{step.name}")
    if step.name == "__call__" and step.kind == objects.METHOD:
        name = target
    arguments = [_code(each, story) for each in step.args]
    arguments += [f"{key}={_code(each, story)}" for key, each in step.kwargs.items()]
    flat = f"{name}({', '.join(arguments)})"
    if len(flat) <= WIDTH and "\n" not in flat:
        return flat
    return "\n".join([f"{name}(", *(_indented(each) + "," for each in arguments), ")"])


def _indented(text: str) -> str:
    return "\n".join(INDENT + line for line in text.split("\n"))


def _code(value: Any, story: Any) -> str:
    """A value as Python writes it."""
    if isinstance(value, Held):
        return str(story.named(value.number))
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, torch.dtype):
        return str(value)
    if isinstance(value, dict) and len(value) <= MOST_LINES:
        items = [f"{key!r}: {_code(item, story)}" for key, item in value.items()]
        return _bracketed("{", items, "}")
    if isinstance(value, list | tuple) and len(value) <= MOST_LINES:
        items = [_code(item, story) for item in value]
        opening, closing = ("[", "]") if isinstance(value, list) else ("(", ")")
        if len(items) == 1 and isinstance(value, tuple):
            items[0] += ","
        return _bracketed(opening, items, closing)
    if isinstance(value, dict | list | tuple):
        return f"...  # {a_kind(value)}"
    return short(value)


def _bracketed(opening: str, items: list[str], closing: str) -> str:
    flat = f"{opening}{', '.join(items)}{closing}"
    if len(flat) <= WIDTH and "\n" not in flat:
        return flat
    return "\n".join([opening, *(_indented(item) + "," for item in items), closing])


def tensor(value: torch.Tensor) -> str:
    """A tensor as code: `torch.tensor([[0.5, 1.0]], dtype=torch.float64)`."""
    plain = value.detach()
    kind = "" if plain.dtype in (FLOAT32, torch.int64, torch.bool) else f", dtype={plain.dtype}"
    shape = tuple(plain.shape)
    if plain.numel() > 1 and bool((plain == plain.reshape(-1)[0]).all()):
        first = _number(shortest(plain.reshape(-1)[0].item(), plain.dtype))
        if plain.dtype == torch.int64 or plain.is_floating_point():
            return f"torch.full({shape}, {first}{kind})"
    if plain.numel() > MOST_ELEMENTS or not plain.numel():
        made = f"torch.empty({shape}{kind})"
        return made if not plain.numel() else f"{made}  # {dtype(plain)}: too large to write out"
    written = plain.double() if plain.is_floating_point() else plain
    values = shortest(written.tolist(), plain.dtype)
    numbers = "\n".join(_rows(values, len("torch.tensor(")))
    return f"torch.tensor({numbers}{kind})"


def shortest(values: Any, dtype: torch.dtype) -> Any:
    """Numbers of a dtype, each as short as it can be and still become that very number in it."""
    if isinstance(values, list):
        return [shortest(each, dtype) for each in values]
    if not isinstance(values, float) or not math.isfinite(values) or dtype == torch.float64:
        return values
    shorter = (float(f"{values:.{digits}g}") for digits in range(1, 17))
    return next((x for x in shorter if torch.tensor(x, dtype=dtype).item() == values), values)


def _rows(values: Any, column: int) -> Iterator[str]:
    """Nested lists, a row a line where they do not fit into one."""
    flat = _nested(values)
    if len(flat) + column <= WIDTH or not isinstance(values[0], list):
        yield flat
        return
    for number, row in enumerate(values):
        opening = "[" if number == 0 else " " * (column + 1)
        closing = "]" if number == len(values) - 1 else ","
        yield opening + "\n".join(_rows(row, column + 1)) + closing


def _nested(values: Any) -> str:
    if isinstance(values, list):
        return "[" + ", ".join(map(_nested, values)) + "]"
    return _number(values)


def _number(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
