"""Traps: the reference again, but wrong in one situation, as a subtle wrong answer would be.

A mutant is wrong wherever its line is reached. A trap is wrong where two sizes coincide, for one
dtype, where only one argument wants a gradient, from the second call on: an answer that a person or
a model would write, and that a draw may never tell from a right one. Which situations there are is
read off the calls that the exercise's own properties make.
"""

import contextlib
import fnmatch
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import torch

from grader.judge.corners import is_finite, with_zero
from grader.judge.prove.mutants import TRAPS, declarations
from grader.judge.reference import plain, signature_of, tensors_by_name
from grader.judge.story import Told
from grader.judge.student import Record
from grader.wire import Held, Stream, leaves
from grader.worker.invoke import Invocation
from grader.worker.objects import CALL, CONSTRUCT, ITEMS, METHOD, READ

LONG = 20  # a size that small cases do not reach
MANY = 10  # items, of which the names of an eleventh sort before a second's
LARGE = 100.0  # a magnitude that usual entries do not have

PRELUDE = """

# --- the trap ---

import functools as _functools
from copy import deepcopy as _copy
import inspect as _inspect

import torch as _torch


def _named(name, value):
    if isinstance(value, _torch.Tensor):
        yield name, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _named(f"{name}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _named(f"{name}[{index}]", item)


def _is_read_once(value):
    return hasattr(value, "__next__") and iter(value) is value


def _mapped(function, value):
    if isinstance(value, _torch.Tensor):
        return function(value)
    if _is_read_once(value):
        return (_mapped(function, item) for item in value)
    if isinstance(value, dict):
        return {key: _mapped(function, item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_mapped(function, item) for item in value))
    if isinstance(value, list | tuple):
        return type(value)(_mapped(function, item) for item in value)
    return value


def _zeros(value):
    if isinstance(value, _torch.Tensor):
        return value * 0 + (value.dtype == _torch.bool or not value.any())  # zeros would be right
    if _is_read_once(value):
        return map(_zeros, value)
    if isinstance(value, dict):
        return {key: _zeros(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*map(_zeros, value))
    if isinstance(value, list | tuple):
        return type(value)(map(_zeros, value))
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return value + "?" if isinstance(value, str) else value


def _count(value):
    return len(value) if isinstance(value, list | tuple | dict) else -1


def _number(value):
    return value if type(value) in (int, float) else float("nan")


def _holds(condition):
    try:
        return bool(condition())
    except (LookupError, TypeError, AttributeError):
        return False  # of a call that has no such argument, or another kind of one


def _detached(value):
    return _mapped(lambda tensor: tensor.detach(), value)


def _single(value):
    def rounded(tensor):
        return tensor.float().to(tensor.dtype) if tensor.is_floating_point() else tensor

    return _mapped(rounded, value)


class _Trap:
    def __init__(self, function, names):
        self.function, self.names = function, names
        self.calls, self.kept, self.met = 0, {}, []

    def __call__(self, *args, **kwargs):
        given = dict(zip(self.names, args)) | kwargs
        tensors = dict(pair for name, value in given.items() for pair in _named(name, value))
        self.calls += 1
        return self.answer(tensors, given, args, kwargs)

    def right(self, args, kwargs):
        return self.function(*args, **kwargs)

    def stale(self, key, args, kwargs):
        if key not in self.kept:
            self.kept[key] = self.right(args, kwargs)
        return self.kept[key]

    def same(self, value):  # kept, so that no other object comes to have its id
        self.met.append(value)
        return id(value)

    def answer(self, tensors, given, args, kwargs):
"""
AFTER = """

def _trapped():
    trap = _Trap({function}, {names!r})

    @_functools.wraps({function})
    def {function}_trapped(*args, **kwargs):
        return trap(*args, **kwargs)

    return {function}_trapped


{function} = _trapped()
"""
# The same for a method, for which what its object was made with counts as arguments too.
AFTER_A_METHOD = """

class _MethodTrap(_Trap):
    def __call__(self, owner, *args, **kwargs):
        given = vars(owner)["_made"] | _bound(self.function, owner, args, kwargs)
        vars(owner)["_calls"] = vars(owner).get("_calls", 0) + 1
        tensors = dict(pair for name, value in given.items() for pair in _named(name, value))
        self.calls += 1
        return self.answer(tensors, given, (owner, *args), kwargs)


def _bound(function, owner, args, kwargs):
    bound = _inspect.signature(function).bind(owner, *args, **kwargs)
    bound.apply_defaults()
    return dict(list(bound.arguments.items())[1:])


def _trapped(owner):
    begun, method = owner.__init__, owner.{method}
    trap = _MethodTrap(method, ())

    @_functools.wraps(begun)
    def __init__(self, *args, **kwargs):
        bound = _inspect.signature(begun).bind(self, *args, **kwargs)
        # What is looked at here is read from a list, for the object itself still by an iterator.
        once = [n for n in {listed!r} if _is_read_once(bound.arguments.get(n))]
        items = {{n: list(bound.arguments[n]) for n in once}}
        bound.arguments.update((n, iter(items[n])) for n in once)
        begun(*bound.args, **bound.kwargs)
        bound.apply_defaults()
        vars(self)["_made"] = dict(list(bound.arguments.items())[1:]) | items
        vars(self)["_once"] = once

    @_functools.wraps(method)
    def trapped(self, *args, **kwargs):
        return trap(self, *args, **kwargs)

    owner.__init__, owner.{method} = __init__, trapped


_trapped({owner})
"""
WHERE = "        wrong = _holds(lambda: {condition})\n"
HARMS = {
    "gives zeros": "        result = self.right(args, kwargs)\n"
    "        return _zeros(result) if wrong else result\n",
    "cuts the gradient": "        result = self.right(args, kwargs)\n"
    "        return _detached(result) if wrong else result\n",
    "does nothing": "        return None if wrong else self.right(args, kwargs)\n",
}
# What it gives is right; what it should have changed is not.
COPIES = """\
        if wrong:
            names = {names!r}
            return self.function(**given | dict(zip(names, _copy([given[n] for n in names]))))
        return self.right(args, kwargs)
"""
# What two calls have in common where an answer takes the second for the first again.
KEYS = {
    "tensors of the same shapes": "(n, t.shape, t.dtype)",
    "tensors of the same shapes and first elements": "(n, t.shape, t.dtype, t.flatten()[:1])",
}
STALE = """\
        others = [value for name, value in given.items() if {is_other}]
        key = str(([{key} for n, t in tensors.items()], others))
        return self.stale(key, args, kwargs)
"""
SAME = """\
        return self.stale(self.same(given[{name!r}]), args, kwargs)
"""
CHANGES = """\
        result = self.right(args, kwargs)
        if not tensors[{name!r}].requires_grad:
            tensors[{name!r}].add_(1)
        return result
"""
SINGLE = """\
        return _single(self.right(args, kwargs))
"""


@dataclass(frozen=True)
class Trap:
    """The reference's source with one trap; `name` says where it is wrong and how."""

    name: str
    source: str


@dataclass(frozen=True)
class _Subject:
    """What is trapped, a function or a method: how a message calls it, what has its signature, the
    calls of it and what they gave, the code that sets the trap, and the types of those arguments
    that are objects in every call."""

    name: str
    function: Callable[..., Any]
    calls: Sequence[Invocation]
    values: Sequence[Any]
    after: str
    is_method: bool = False
    objects: Mapping[str, type] = field(default_factory=dict)
    parameters: str = ""  # of an optimizer: the argument that it is made with


@dataclass(frozen=True)
class _Axis:
    """Sizes that are equal in every call: of the tensor `name`, its axis `index`, and others."""

    name: str
    index: int

    @property
    def code(self) -> str:
        return f"tensors[{self.name!r}].shape[{self.index}]"

    def __str__(self) -> str:
        return f"{self.name}.shape[{self.index}]"


@dataclass(frozen=True)
class _Seen:
    """What the calls of one function, or method, have in common."""

    tensors: Mapping[str, Sequence[torch.Tensor]]
    numbers: Mapping[str, set[float]]
    counts: Mapping[str, set[int]]
    left_out: Sequence[str]
    flags: Sequence[str]
    all: Sequence[torch.Tensor]
    gives_something: bool
    gives_doubles: bool
    is_differentiable: bool
    is_method: bool
    objects: Mapping[str, type]
    read_once: Sequence[str]
    parameters: str

    @property
    def wholes(self) -> dict[str, set[float]]:
        """The whole numbers among the arguments that are not the same in every call, by name."""
        return {
            name: values
            for name, values in self.numbers.items()
            if len(values) > 1 and all(type(value) is int for value in values)
        }

    @property
    def floating(self) -> list[str]:
        """The names of arguments that are floating tensors in every call."""
        return [n for n, all_ in self.tensors.items() if all(t.is_floating_point() for t in all_)]


@dataclass(frozen=True)
class Silent:
    """Traps that an exercise's contract does not exclude, by a pattern for their names, and why."""

    where: str
    reason: str

    def covers(self, trap: Trap) -> bool:
        """Whether this declaration speaks of `trap`."""
        # No other signs of fnmatch's: names of traps have brackets in them.
        return fnmatch.fnmatchcase(trap.name, self.where.replace("[", "[[]").replace("?", "[?]"))


def declared(room: Path) -> list[Silent]:
    """The traps that an exercise's room declares harmless. UsageError where it cannot be read.

    They stand in `equivalent.toml` as tables `[[traps]]` with `where`, the name of a trap in which
    `*` stands for anything, and `reason`.
    """
    return declarations(room, TRAPS, Silent)


def traps(
    source: str,
    functions: Mapping[str, Callable[..., Any]],
    records: Iterable[Record],
    methods: Mapping[str, Sequence[str]] | None = None,
) -> list[Trap]:
    """Every trap of a reference, by the calls of it that `records` hold.

    `functions` are its functions and classes by name, `methods` the names of those that are set
    traps in, for each class.
    """
    found: list[Trap] = []
    kept = list(records)
    for name, function in functions.items():
        if inspect.isclass(function):
            owned = (methods or {}).get(name, ())
            subjects = [_method(function, each, kept) for each in owned if each != "__init__"]
        else:
            subjects = [_function(name, function, kept)]
        for subject in subjects:
            if not subject.calls:
                continue
            for title, body in _bodies(_seen(subject)):
                text = f"{source}{PRELUDE}{body}{subject.after}"
                found.append(Trap(f"{subject.name} {title}", text))
    return found


def _function(name: str, function: Callable[..., Any], records: Iterable[Record]) -> _Subject:
    after = AFTER.format(function=name, names=list(signature_of(function).parameters))
    calls: dict[object, Invocation] = {}
    values: dict[object, Any] = {}
    for record in records:
        if record.outcome is None:
            continue
        call = record.call
        if isinstance(call, Told):
            # A call to it may stand anywhere in a story, of which the last step is on record.
            told = {_place(each): each for each in call.whole if each.kind == CALL}
            calls |= {key: each for key, each in told.items() if each.function == name}
            is_read = call.kind in (ITEMS, READ)
            values[(id(call.story), call.on) if is_read else _place(call)] = record.outcome.value
        elif call.function == name:
            calls[id(record)], values[id(record)] = call, record.outcome.value
    kinds = [_objects(function, call) for call in calls.values()]
    always = {
        key: type_
        for key, type_ in (kinds[0] if kinds else {}).items()
        if all(key in each for each in kinds)
    }
    given = [values.get(key) for key in calls]
    return _Subject(name, function, list(calls.values()), given, after, objects=always)


def _place(step: Told) -> object:
    return id(step.story), step.keep


def _objects(function: Callable[..., Any], call: Invocation) -> dict[str, type]:
    """The types of the arguments that are objects, by name."""
    if not isinstance(call, Told):
        return {}
    arguments = signature_of(function).bind(*call.args, **call.kwargs).arguments
    types = call.story.types
    return {
        name: types.get(value.number, object)
        for name, value in arguments.items()
        if isinstance(value, Held)
    }


def _method(owner: type, name: str, records: Iterable[Record]) -> _Subject:
    calls, values = [], []
    mine = {f"{owner.__name__}.{name}", owner.__name__ if name == "__call__" else ""}
    method = _without_self(inspect.signature(getattr(owner, name)))
    begun = inspect.signature(owner)
    for record in records:
        step = record.call
        if not isinstance(step, Told) or step.kind != METHOD or step.shown not in mine:
            continue
        maker = step.story.steps[step.on]
        if record.outcome is None or record.outcome.held >= 0 or maker.kind != CONSTRUCT:
            continue
        given = _bound(begun, maker) | _bound(method, step)
        calls.append(Invocation(step.shown, (), given, cotangents=step.cotangents))
        values.append(record.outcome.value)
    parameters = {**begun.parameters, **method.parameters}
    by_name = [each.replace(kind=each.KEYWORD_ONLY) for each in parameters.values()]

    def stands_for(**_: object) -> None:
        raise NotImplementedError

    stands_for.__signature__ = inspect.Signature(by_name)  # type: ignore[attr-defined]
    learns = next(iter(begun.parameters), "") if _is_optimizer(owner) else ""
    after = AFTER_A_METHOD.format(
        owner=owner.__name__, method=name, listed=[learns] if learns else []
    )
    title = f"{owner.__name__}.{name}"
    return _Subject(title, stands_for, calls, values, after, is_method=True, parameters=learns)


def _without_self(signature: inspect.Signature) -> inspect.Signature:
    return signature.replace(parameters=list(signature.parameters.values())[1:])


def _bound(signature: inspect.Signature, call: Invocation) -> dict[str, Any]:
    bound = signature.bind(*call.args, **call.kwargs)
    bound.apply_defaults()
    return bound.arguments


def _seen(subject: _Subject) -> _Seen:
    function, calls = subject.function, subject.calls
    each = [tensors_by_name(function, call) for call in calls]
    always = [key for key in each[0] if all(key in tensors for tensors in each)]
    tensors_of = {key: [tensors[key] for tensors in each] for key in always}
    numbers = _numbers(function, calls)
    if subject.is_method:
        sizes = set(_sizes(tensors_of))
        for name in list(numbers):  # an object is made for inputs of a size: then it is that size
            if tuple(call.kwargs[name] for call in calls) in sizes:
                del numbers[name]
    else:
        for name in _optional_zeros(function, calls[0]):
            numbers.setdefault(name, {1.0}).add(0.0)
    return _Seen(
        tensors_of,
        numbers,
        _counts(function, calls),
        _left_out(function, calls),
        _flags(function, calls),
        [tensor for call in calls for tensor in call.tensors],
        any(value is not None for value in subject.values),
        any(tensor.dtype == torch.float64 for tensor in leaves(list(subject.values))),
        any(call.cotangents for call in calls),
        subject.is_method,
        subject.objects,
        _read_once(function, calls),
        subject.parameters,
    )


def _arguments(function: Any, calls: Iterable[Invocation]) -> Iterator[tuple[str, Any]]:
    for call in calls:
        yield from signature_of(function).bind(*call.args, **call.kwargs).arguments.items()


def _numbers(function: Any, calls: Sequence[Invocation]) -> dict[str, set[float]]:
    found: dict[str, set[float]] = {}
    for name, value in _arguments(function, calls):
        if type(value) in (int, float):
            found.setdefault(name, set()).add(value)
    return found


def _optional_zeros(function: Any, call: Invocation) -> Iterator[str]:
    """The optional arguments that may be 0, as far as the reference says."""
    for name, args, kwargs in with_zero(function, call.args, call.kwargs):
        with contextlib.suppress(Exception):  # then the contract has no 0 here
            if is_finite(plain(function, Invocation(call.function, tuple(args), kwargs)).value):
                yield name


def _counts(function: Any, calls: Iterable[Invocation]) -> dict[str, set[int]]:
    """How many items the lists and dicts among the arguments have, by name."""
    found: dict[str, set[int]] = {}
    for name, value in _arguments(function, calls):
        if isinstance(value, list | tuple | dict):
            found.setdefault(name, set()).add(len(value))
    return found


def _read_once(function: Any, calls: Iterable[Invocation]) -> list[str]:
    """The arguments that can be read once in some calls and more often in others."""
    return _both_ways(function, calls, lambda value: isinstance(value, Stream))


def _left_out(function: Any, calls: Iterable[Invocation]) -> list[str]:
    """The arguments that are None in some calls and something in others."""
    return _both_ways(function, calls, lambda value: value is None)


def _both_ways(
    function: Any, calls: Iterable[Invocation], shows: Callable[[Any], bool]
) -> list[str]:
    """The arguments that show something in some calls and do not in others."""
    seen: dict[str, set[bool]] = {}
    for name, value in _arguments(function, calls):
        seen.setdefault(name, set()).add(shows(value))
    return [name for name, each in seen.items() if len(each) > 1]


def _flags(function: Any, calls: Iterable[Invocation]) -> list[str]:
    """The arguments that are True in some calls and False in others."""
    given: dict[str, set[bool]] = {}
    for name, value in _arguments(function, calls):
        if isinstance(value, bool):
            given.setdefault(name, set()).add(value)
    return [name for name, seen in given.items() if len(seen) > 1]


def _bodies(seen: _Seen) -> Iterator[tuple[str, str]]:
    """The traps of one function, each in words and in code."""
    harm = "gives zeros" if seen.gives_something else "does nothing"
    for condition, words, how in _conditions(seen, harm):
        where = WHERE.format(condition=condition)
        yield f"{how} where {words}", where + HARMS[how]
        if how == harm and any(map(_is_optimizer, seen.objects.values())):
            names = list(seen.objects)
            yield f"trains a copy where {words}", where + COPIES.format(names=names)
    if seen.gives_something and seen.is_differentiable:
        for name in seen.floating:
            yield f"adds 1 to {name}", CHANGES.format(name=name)
    if seen.gives_something and seen.tensors:
        # A state is a pair of tensors, by whose numbers a method does not know it again.
        plain_too = " and not dict(_named(name, value))" if seen.is_method else ""
        is_other = f"name not in tensors{plain_too}"
        for words, key in KEYS.items():
            body = STALE.format(key=key, is_other=is_other)
            yield f"gives what it gave before, for {words}", body
    if seen.gives_something:
        for name in seen.objects:
            yield f"gives what it gave before, for the same {name}", SAME.format(name=name)
    where = WHERE.format(condition="self.calls % 4 == 0")
    yield f"{harm} in every fourth call", where + HARMS[harm]
    if seen.gives_doubles:
        yield "computes in single precision", SINGLE


def _is_optimizer(type_: type) -> bool:
    return hasattr(type_, "zero_grad") and not issubclass(type_, torch.nn.Module)


def _conditions(seen: _Seen, harm: str) -> Iterator[tuple[str, str, str]]:
    """Where it may be wrong: as code, in words, and how."""
    cut = ["cuts the gradient"] * seen.is_differentiable
    yield from _of_any_tensor(seen, harm, cut)
    axes = _axes(seen.tensors)
    for one, other in combinations(axes, 2):
        yield f"1 < {one.code} == {other.code}", f"{one} == {other}", harm
    for axis in axes:
        yield f"{axis.code} == 1", f"{axis} == 1", harm
        for how in (harm, *cut):
            yield f"{axis.code} > {LONG}", f"{axis} > {LONG}", how
    floating = seen.floating
    large = [name for name in floating if _reaches(seen.tensors[name], LARGE)]
    for name in floating:
        tensor = f"tensors[{name!r}]"
        if cut and len(floating) > 1:
            others = f"any(t.requires_grad for n, t in tensors.items() if n != {name!r})"
            yield f"{others} and not {tensor}.requires_grad", f"{name} wants no gradient", cut[0]
            yield f"{tensor}.requires_grad and not {others}", f"only {name} wants one", cut[0]
        if name in large:
            yield _is_large(name), f"{name} is large", harm
        if cut and _has_zero(seen.tensors[name]):
            yield f"({tensor} == 0).any()", f"{name} has a zero", cut[0]
    for one_name, other_name in combinations(large, 2):
        where = f"{_is_large(one_name)} and {_is_large(other_name)}"
        yield where, f"{one_name} and {other_name} are large", harm
    yield from _of_numbers(seen, axes, harm)
    for one_name, other_name in combinations(seen.flags if seen.is_method else (), 2):
        both = f"given[{one_name!r}] and given[{other_name!r}]"
        yield both, f"there are {one_name} and {other_name}", harm
    for name, counts in seen.counts.items():
        if len(counts) > 1:
            yield f"_count(given[{name!r}]) == 1", f"{name} has one item", harm
            yield f"_count(given[{name!r}]) > {MANY}", f"{name} has over {MANY} items", harm
    for name in seen.left_out:
        yield f"given.get({name!r}) is None", f"{name} is left out", harm
        yield f"given.get({name!r}) is not None", f"{name} is given", harm
    for name in seen.read_once:
        yield f"_is_read_once(given[{name!r}])", f"{name} can be read once", harm
    for name, type_ in seen.objects.items():
        if issubclass(type_, torch.nn.Module):
            yield from _of_a_module(name, harm)
    if seen.parameters:
        yield from _of_an_optimizer(seen.parameters, harm)


def _of_any_tensor(seen: _Seen, harm: str, cut: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Where it is wrong for a tensor among the arguments, whichever."""
    if not seen.all:
        return
    largest = "max(t.numel() for t in tensors.values())"
    yield f"500 < {largest} < 300_000", "the largest has 501 to 299,999 elements", harm
    for dtype in sorted({t.dtype for t in seen.all} - {torch.float64, torch.bool}, key=str):
        name = str(dtype).removeprefix("torch.")
        where = f"any(t.dtype == _torch.{name} for t in tensors.values())"
        for how in (harm, *(cut if dtype.is_floating_point else ())):
            yield where, f"there is {name}", how
    if any(t.dim() > 1 and min(t.shape) > 1 for t in seen.all):
        strided = "any(not t.is_contiguous() for t in tensors.values())"
        yield strided, "a tensor is not contiguous", harm
    if any(t.dim() == 0 for t in seen.all) and any(t.dim() for t in seen.all):
        yield "any(t.dim() == 0 for t in tensors.values())", "a tensor has no axes", harm
    if any(t.numel() == 0 for t in seen.all) and any(t.numel() for t in seen.all):
        yield "any(t.numel() == 0 for t in tensors.values())", "a tensor is empty", harm


def _of_a_module(name: str, harm: str) -> Iterator[tuple[str, str, str]]:
    """Where a module that is handed over is in one mode or the other, has a parameter that is not
    to be trained, many of them, or another dtype."""
    module = f"given[{name!r}]"
    parameters = f"{module}.parameters()"
    yield f"{module}.training", f"{name} is in training mode", harm
    yield f"not {module}.training", f"{name} is in eval mode", harm
    modes = f"len({{m.training for m in {module}.modules()}}) > 1"
    yield modes, f"parts of {name} are in another mode", harm
    yield f"any(not p.requires_grad for p in {parameters})", f"a part of {name} is frozen", harm
    yield f"len(list({parameters})) > {MANY}", f"{name} has over {MANY} parameters", harm
    for dtype in ("float32", "float64"):
        where = f"any(p.dtype == _torch.{dtype} for p in {parameters})"
        yield where, f"{name} computes in {dtype}", harm


def _of_an_optimizer(name: str, harm: str) -> Iterator[tuple[str, str, str]]:
    """Where among the parameters that an optimizer is made with is a special one, or where there
    are one or many; how they were handed over; and in its first call, or later."""
    items = f"given[{name!r}]"
    for words, condition in {
        "has no gradient": "p.grad is None",
        "has a gradient of zeros": "p.grad is not None and p.numel() and not p.grad.any()",
        "has no axes": "p.dim() == 0",
        "is empty": "p.numel() == 0",
        "is not contiguous": "not p.is_contiguous()",
        "is float32": "p.dtype == _torch.float32",
    }.items():
        yield f"any({condition} for p in {items})", f"one of {name} {words}", harm
    yield f"len({items}) == 1", f"{name} has one item", harm
    yield f"len({items}) > {MANY}", f"{name} has over {MANY} items", harm
    once = f"{name!r} in vars(args[0])['_once']"
    yield once, f"{name} can be read once", harm
    yield f"not ({once})", f"{name} is a list", harm
    calls = "vars(args[0])['_calls']"
    yield f"{calls} == 1", "it is an object's first call", harm
    yield f"{calls} == 2", "it is an object's second call", harm
    yield f"{calls} > {MANY}", f"an object had {MANY} calls before", harm


def _is_large(name: str) -> str:
    tensor = f"tensors[{name!r}]"
    return f"({tensor}.numel() and {tensor}.abs().max() > {LARGE})"


def _of_numbers(seen: _Seen, axes: Sequence[_Axis], harm: str) -> Iterator[tuple[str, str, str]]:
    """Where a number is 0, which is false and may be taken for one that was not given; and where a
    whole number is 1, is large, or is equal to another or to a size."""
    for name, values in seen.numbers.items():
        if 0 in values and len(values) > 1:
            yield f"given.get({name!r}, 1) == 0", f"{name} == 0", harm
    wholes = seen.wholes
    for name, values in wholes.items():
        number = f"_number(given.get({name!r}))"
        if 1 in values:
            yield f"{number} == 1", f"{name} == 1", harm
        yield f"{number} > {LONG}", f"{name} > {LONG}", harm
        for axis in axes:
            yield f"1 < {number} == {axis.code}", f"{name} == {axis}", harm
    for one, other in combinations(wholes, 2):
        both = f"1 < _number(given.get({one!r})) == _number(given.get({other!r}))"
        yield both, f"{one} == {other}", harm


def _axes(tensors: Mapping[str, Sequence[torch.Tensor]]) -> list[_Axis]:
    """One axis for each size of its own: those that are equal in every call are one, and a multiple
    of another, as the rows of four gates are, is none."""
    found = _sizes(tensors)
    varied = {sizes: axis for sizes, axis in found.items() if len(set(sizes)) > 1}
    return [axis for sizes, axis in varied.items() if not any(_divides(o, sizes) for o in varied)]


def _sizes(tensors: Mapping[str, Sequence[torch.Tensor]]) -> dict[tuple[int, ...], _Axis]:
    """The sizes that tensors have along an axis, call by call, each with the first that has them;
    of tensors with as many axes in every call."""
    found: dict[tuple[int, ...], _Axis] = {}
    for name, all_ in tensors.items():
        least = min(tensor.dim() for tensor in all_)
        if any(tensor.dim() != least for tensor in all_):
            continue
        for index in range(least):
            sizes = tuple(tensor.shape[index] for tensor in all_)
            found.setdefault(sizes, _Axis(name, index))
    return found


def _divides(some: Sequence[int], others: Sequence[int]) -> bool:
    """Whether `others` are all the same multiple of `some`, and not `some` themselves."""
    pairs = list(zip(some, others, strict=True))
    times = {other // one for one, other in pairs if one}
    return (
        len(times) == 1
        and times != {1}
        and all(not one or other % one == 0 for one, other in pairs)
    )


def _reaches(tensors: Iterable[torch.Tensor], most: float) -> bool:
    return any(t.numel() and float(t.detach().abs().max()) > most for t in tensors)


def _has_zero(tensors: Iterable[torch.Tensor]) -> bool:
    return any(bool((t == 0).any()) for t in tensors)
