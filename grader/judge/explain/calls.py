"""Write a call of a function as code that can be pasted: its arguments as variables, the call, and
the backward passes that followed it.

It stands in a report, so it is short: a dtype has the name that it has in torch, which the first
line imports, and numbers have as many digits as they need to be these very numbers.
"""

import ast
import math
import pprint
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from grader.judge.explain.stories import shortest
from grader.judge.reference import plain, signature_of, tensors_in
from grader.language import say
from grader.wire import Stream, leaves
from grader.worker.invoke import Invocation, differentiable

WIDTH = 76
INDENT = "    "
FEW_ELEMENTS = 4  # of which equal ones, too, are written out
MOST_ELEMENTS = 64  # of a tensor that is written out
MOST_OF_ALL = 160  # of all tensors of a call
MOST_PLAIN = 1_200  # characters of a value without tensors
FROM_TORCH = {"tensor", "zeros", "ones", "full", "empty", "empty_strided", "inf", "nan"}
# Dtypes that a tensor of such numbers has by itself.
OF_NUMBERS = {torch.float32, torch.int64, torch.bool, torch.complex64}


class _NotWritten(Exception):
    """A value that is too large to be written out, or of a kind that has no short expression."""


def pasted(call: Invocation, function: Callable[..., Any]) -> str | None:
    """The lines that make the call; None where an argument is too large to be written out.

    `function` is a trusted one with the signature and the form of results of the one called.
    """
    try:
        return "\n".join(_Writer(call, function).lines())
    except _NotWritten:
        return None


@dataclass(frozen=True)
class _Code:
    """An expression, on one line or several, and a remark to stand behind it. Its further lines
    stand below its beginning, or where it does not hang as far in as the line itself."""

    text: str
    remark: str = ""
    hangs: bool = True

    def behind(self, lead: str, end: str = "") -> str:
        """The expression behind `lead`, then `end`; the remark where it fits on the line."""
        by = len(lead) if self.hangs else len(lead) - len(lead.lstrip())
        text = lead + self.text.replace("\n", "\n" + " " * by) + end
        last = text.rpartition("\n")[2]
        fits = self.remark and len(last) + len(self.remark) + 4 <= WIDTH
        return f"{text}  # {self.remark}" if fits else text


@dataclass
class _Writer:
    """Writes one call; `used` are the names of torch that its lines need."""

    call: Invocation
    function: Callable[..., Any]
    used: set[str] = field(default_factory=set)
    shared: dict[int, str] = field(default_factory=dict)  # variables of tensors, by their identity
    taken: set[str] = field(default_factory=set)  # by the arguments
    elements: int = 0

    def lines(self) -> Iterator[str]:
        call = self.call
        arguments = signature_of(self.function).bind_partial(*call.args, **call.kwargs).arguments
        taken = {*FROM_TORCH, call.function}
        variables = {name: f"{name}_" if name in taken else name for name in arguments}
        self.taken = {*taken, *variables.values()}
        body = [*self._shared()]
        width = max(map(len, variables.values()), default=0)
        for name, value in arguments.items():
            given = list(value.items) if isinstance(value, Stream) else value
            body.append(self._value(given).behind(f"{variables[name].ljust(width)} = "))
        places = [
            place
            for name, value in arguments.items()
            for place in tensors_in(variables[name], value)
        ]
        body += self._grads(places)
        body += self._calls(arguments, variables, places)
        if self.used:
            yield f"from torch import {', '.join(sorted(self.used))}"
        yield from body

    def _shared(self) -> Iterator[str]:
        """A variable for each tensor that stands in several places."""
        tensors = self.call.tensors
        for tensor in tensors:
            count = sum(each is tensor for each in tensors)
            if count > 1 and id(tensor) not in self.shared:
                name = f"shared_{len(self.shared) + 1}"
                yield self._tensor(tensor).behind(f"{name} = ")
                self.shared[id(tensor)] = name

    def _grads(self, places: Sequence[tuple[str, torch.Tensor]]) -> Iterator[str]:
        """The `.grad` that arguments come with."""
        seen: set[int] = set()
        for place, tensor in places:
            if tensor.is_leaf and tensor.grad is not None and id(tensor) not in seen:
                yield self._tensor(tensor.grad).behind(f"{place}.grad = ")
            seen.add(id(tensor))

    def _calls(
        self,
        arguments: Mapping[str, Any],
        variables: Mapping[str, str],
        places: Sequence[tuple[str, torch.Tensor]],
    ) -> Iterator[str]:
        """The call itself, and what follows it."""
        call = self.call
        given = [
            f"iter({variables[name]})" if isinstance(value, Stream) else variables[name]
            for name, value in arguments.items()
        ]
        count = len(call.args)
        named = zip(call.kwargs, given[count:], strict=True)
        parts = [*given[:count], *(f"{name}={text}" for name, text in named)]
        called = _bracketed(f"{call.function}(", parts, ")")
        if call.backwards is not None:
            yield f"{self._own('handles')} = {called}"
            yield from self._passes(places)
        elif call.cotangents is None or callable(call.cotangents):
            yield called
        else:
            yield f"{self._own('result')} = {called}"
            yield from self._backward(call.cotangents)

    def _backward(self, cotangents: Sequence[torch.Tensor]) -> Iterator[str]:
        """The backward pass, from all results together."""
        try:
            value = plain(self.function, self.call).value
        except Exception:
            raise _NotWritten from None
        wanted = {id(each) for each in differentiable(value)}
        results = [
            name for name, each in tensors_in(self._own("result"), value) if id(each) in wanted
        ]
        if len(results) != len(cotangents):
            raise _NotWritten
        yield f"# {say('Of each element of the result: how much it counts.')}"
        weights, loss = self._own("weights"), self._own("loss")
        if len(results) == 1:
            yield self._tensor(cotangents[0]).behind(f"{weights} = ")
            terms = [f"({results[0]} * {weights}).sum()"]
        else:
            yield self._listed(list(cotangents)).behind(f"{weights} = ")
            terms = [f"({name} * {weights}[{n}]).sum()" for n, name in enumerate(results)]
        yield f"{loss} = {' + '.join(terms)}"
        yield f"{loss}.backward()"

    def _passes(self, places: Sequence[tuple[str, torch.Tensor]]) -> Iterator[str]:
        """Backward passes that send gradients to the arguments, of which the last comes again once
        the handles are removed."""
        rounds = self.call.backwards or ()
        names = [name for name, _ in places]
        if not names:
            return
        sent, handles = self._own("sent"), self._own("handles")
        backward = f"sum((x * g).sum() for x, g in zip([{', '.join(names)}], {sent})).backward()"
        if len(names) == 1:
            backward = f"({names[0]} * {sent}[0]).sum().backward()"
        again = f"{' = '.join(f'{name}.grad' for name in names)} = None"
        for number, gradients in enumerate(rounds, start=1):
            if number > 1:
                yield again
            said = (
                say("then a backward pass sends")
                if len(rounds) == 1
                else say("then backward pass {number} sends", number=number)
            )
            yield f"# {said}"
            yield self._listed(list(gradients)).behind(f"{sent} = ")
            yield backward
        yield f"# {say('then the handles are removed, and the last pass runs again')}"
        yield f"[handle.remove() for handle in {handles}]"
        yield again
        yield backward

    # --- values ---

    def _value(self, value: Any) -> _Code:
        if isinstance(value, torch.Tensor):
            return self._tensor(value)
        if isinstance(value, torch.dtype):
            return _Code(self._use(str(value).removeprefix("torch.")))
        if isinstance(value, list | tuple | dict) and next(leaves(value), None) is not None:
            return self._listed(value)
        return _Code(_plain(value))

    def _listed(self, value: Any) -> _Code:
        """A list, a tuple or a dict with tensors in it."""
        opening, closing = (
            "{}" if isinstance(value, dict) else "()" if isinstance(value, tuple) else "[]"
        )
        pairs: list[tuple[str, Any]] = (
            [(f"{_plain(key)}: ", item) for key, item in value.items()]
            if isinstance(value, dict)
            else [("", item) for item in value]
        )
        items = [(lead, self._value(item)) for lead, item in pairs]
        flat = ", ".join(lead + item.text for lead, item in items)
        flat += "," * (closing == ")" and len(items) == 1)
        if "\n" not in flat and len(flat) <= WIDTH // 2:
            return _Code(f"{opening}{flat}{closing}")
        inner = [item.behind(INDENT + lead, ",") for lead, item in items]
        return _Code("\n".join([opening, *inner, closing]), hangs=False)

    def _tensor(self, tensor: torch.Tensor) -> _Code:
        if id(tensor) in self.shared:
            return _Code(self.shared[id(tensor)])
        bare = tensor.detach().resolve_conj().resolve_neg()
        if bare.is_complex() and not bare.isfinite().all():
            raise _NotWritten
        # What is expanded has several elements in one place: they are written once.
        base, is_expanded = bare, False
        for axis, (length, stride) in enumerate(zip(bare.shape, bare.stride(), strict=True)):
            if stride == 0 and length > 1:
                base, is_expanded = base.narrow(axis, 0, 1), True
        is_spread = bool(base.numel()) and not base.is_contiguous()
        is_plain = not is_expanded and not is_spread
        options = []
        if bare.dtype not in OF_NUMBERS or not bare.numel():
            options.append(f"dtype={self._use(str(bare.dtype).removeprefix('torch.'))}")
        kind = "".join(f", {each}" for each in options)
        if tensor.requires_grad and is_plain:
            options.append("requires_grad=True")
        text, remark = self._filled(base, options), ""
        if text is None:
            text = self._numbers(base, options)
            remark = f"({', '.join(map(str, bare.shape))}{',' * (bare.dim() == 1)})"
        if is_spread:
            laid_out = f"{tuple(base.shape)}, {tuple(base.stride())}{kind}"
            text = f"{self._use('empty_strided')}({laid_out}).copy_(\n{INDENT}{text}\n)"
            remark = say("not contiguous")
        if is_expanded:
            text += f".expand{tuple(bare.shape)}"
        if tensor.requires_grad and not is_plain:
            text += ".requires_grad_()"
        return _Code(text, remark, hangs=not is_spread)

    def _filled(self, bare: torch.Tensor, options: Sequence[str]) -> str | None:
        """A tensor of equal elements; None where they differ, or are few."""
        shape = tuple(bare.shape)
        sizes = ", ".join(map(str, shape))
        end = "".join(f", {each}" for each in options) + ")"
        if not bare.numel():
            return f"{self._use('empty')}({sizes}{end}"
        flat = bare.reshape(-1)
        rows = bare.dim() == 2 and shape[0] > 1 < shape[1]
        if (len(flat) <= FEW_ELEMENTS and not rows) or bool((flat != flat[0]).any()):
            return None
        if bare.is_floating_point() and bool((flat.signbit() != flat[0].signbit()).any()):
            return None
        value = _number(shortest(flat[0].item(), bare.dtype), self.used)
        if bare.is_floating_point() and value in ("0.", "1."):
            return f"{self._use('zeros' if value == '0.' else 'ones')}({sizes}{end}"
        return f"{self._use('full')}({shape}, {value}{end}"

    def _numbers(self, bare: torch.Tensor, options: Sequence[str]) -> str:
        """A tensor with its elements written out: a matrix row by row."""
        self.elements += bare.numel()
        if bare.numel() > MOST_ELEMENTS or self.elements > MOST_OF_ALL:
            raise _NotWritten
        wide = bare.double() if bare.is_floating_point() else bare
        values = shortest(wide.tolist(), bare.dtype)
        start = f"{self._use('tensor')}("
        end = "".join(f", {each}" for each in options) + ")"
        words = _words(values, self.used)
        flat = _flat(words)
        if len(flat) + len(start) > WIDTH // 2 or (bare.dim() == 2 and min(bare.shape) > 1):
            longest = max(map(len, _all(words)))
            flat = "\n".join(_rows(words, longest)).replace("\n", "\n" + " " * len(start))
        text = start + flat
        last = text.rpartition("\n")[2]
        if options and len(last) + len(end) > WIDTH - 2 * len(INDENT):
            return f"{text},\n{' ' * len(start)}{end.removeprefix(', ')}"
        return text + end

    def _own(self, name: str) -> str:
        """A variable of ours, which no argument is called."""
        return f"own_{name}" if name in self.taken else name

    def _use(self, name: str) -> str:
        self.used.add(name)
        return name


def _bracketed(opening: str, items: Sequence[str], closing: str) -> str:
    flat = f"{opening}{', '.join(items)}{closing}"
    if len(flat) <= WIDTH and "\n" not in flat:
        return flat
    return "\n".join([opening, *(f"{INDENT}{item}," for item in items), closing])


def _plain(value: Any) -> str:
    """An expression for a value without tensors."""
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    text = pprint.pformat(value, width=WIDTH - 16, sort_dicts=False, compact=True)
    try:
        ast.literal_eval(text if len(text) <= MOST_PLAIN else "")
    except (SyntaxError, ValueError):
        raise _NotWritten from None
    return text


def _number(value: Any, used: set[str]) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        name = "nan" if math.isnan(value) else "inf"
        used.add(name)
        return f"-{name}" if value < 0 else name
    text = repr(value)
    return text.removesuffix("0") if isinstance(value, float) and text.endswith(".0") else text


def _words(values: Any, used: set[str]) -> Any:
    return (
        [_words(each, used) for each in values]
        if isinstance(values, list)
        else _number(values, used)
    )


def _all(words: Any) -> Iterator[str]:
    if isinstance(words, list):
        for each in words:
            yield from _all(each)
    else:
        yield words


def _flat(words: Any) -> str:
    return f"[{', '.join(map(_flat, words))}]" if isinstance(words, list) else str(words)


def _rows(words: Any, longest: int) -> Iterator[str]:
    """Nested lists, a row a line, the numbers below each other."""
    if words and isinstance(words[0], list):
        for number, each in enumerate(words):
            opening = "[" if number == 0 else " "
            closing = "]" if number == len(words) - 1 else ","
            yield opening + "\n ".join(_rows(each, longest)) + closing
        return
    line = ""
    start = "["
    for number, word in enumerate(words):
        end = "]" if number == len(words) - 1 else ","
        item = f"{word:>{longest}}{end}"
        if line and len(line) + len(item) > WIDTH - 24:
            yield start + line
            line, start = "", " "
        line += f" {item}" if line else item
    yield start + line
