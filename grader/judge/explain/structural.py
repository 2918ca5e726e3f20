"""Mistakes of structure, which any answer can have, whatever it computes.

Each is the reference made wrong in one way: two results swapped, an argument ignored, a constant
factor, a state that is kept. They are proposed for the first call that went wrong, and are then
suspects like any other: one call that they do not explain clears them.
"""

import inspect
import itertools
import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from grader.judge.compare import LOW_DTYPES, gap, magnitude
from grader.judge.explain.diagnosis import Case, Suspect, Witness, Wrong, same
from grader.judge.reference import signature_of
from grader.judge.student import Record
from grader.language import say
from grader.wire import leaves, mapped
from grader.worker.invoke import Invocation, Outcome

Function = Callable[..., Any]
Proposal = tuple[str, str, Function]  # a name, a sentence, a function that has the mistake

FEWEST = 2  # calls on which a mistake must show, for its name to be given
ROUNDINGS = 8.0  # of a lower dtype, in one result
MOST_PARTS = 6
MOST_AXES = 4
MOST_TENSORS = 12


@dataclass(frozen=True)
class Structural(Wrong):
    """The reference made wrong in one way."""

    rivals = False

    def is_evident(self, witnesses: list[Witness]) -> bool:
        """Whether it shows on several calls: one may be so by chance."""
        return sum(witness.is_wrong for witness in witnesses) >= FEWEST


@dataclass(frozen=True)
class Rounded(Suspect):
    """The right values, all of them in the precision of a lower dtype."""

    low: torch.dtype

    def explains(self, witness: Witness) -> bool:
        """Whether results are right within the lower dtype's rounding, and can be held in it."""
        if not witness.is_wrong:
            return True
        mine, right = witness.record.outcome, witness.right.outcome
        if mine is None or right is None:
            return False
        values = list(zip(leaves(mine.value), leaves(right.value), strict=False))
        gradients = zip(mine.gradients or [], right.gradients or [], strict=False)
        given = [pair for pair in gradients if pair != (None, None)]
        return (
            bool(values)
            and all(self._is_near(a, b, witness.call) for a, b in (*values, *given))
            and all(
                torch.equal(a.to(self.low).to(a.dtype), a.detach())
                for a, _ in values
                if a.is_floating_point()
            )
        )

    def _is_near(
        self, mine: torch.Tensor | None, right: torch.Tensor | None, call: Invocation
    ) -> bool:
        if mine is None or right is None:
            return False
        if mine.shape != right.shape or mine.dtype != right.dtype:
            return False
        reach = max(map(magnitude, call.tensors), default=0.0)
        epsilon = ROUNDINGS * torch.finfo(self.low).eps
        return not gap(mine, right, epsilon * max(magnitude(right), reach)).count

    def is_evident(self, witnesses: list[Witness]) -> bool:
        """Whether several values are off: one may be held in a lower dtype by chance."""
        return sum(_has_other_values(witness) for witness in witnesses) >= FEWEST


def _has_other_values(witness: Witness) -> bool:
    """Whether the result itself is wrong, not what it leaves or its gradient."""
    records = witness.record, witness.right
    if any(record.outcome is None for record in records):
        return False
    bare = [
        Record(record.call, Outcome(record.outcome.value if record.outcome else None), None)
        for record in records
    ]
    return not same(*bare)


def structural(case: Case, names_of: Callable[[str], Sequence[str]]) -> Iterator[Suspect]:
    """The mistakes of structure that explain the first wrong call of `case`.

    `names_of` gives what the statement calls the parts of a function's result, in order.
    """
    wrong = case.wrong
    if not wrong or case.tells_stories:
        return
    first = wrong[0]
    name = first.call.function
    function = case.reference.functions[name]
    for title, sentence, changed in _proposals(function, first, names_of(name)):
        suspect = Structural(title, sentence, {**case.reference.functions, name: changed})
        if not suspect.explains(first):
            continue
        yield suspect
        if len(case.reference.functions) > 1:
            # The student's other functions may call this one.
            yield replace(suspect, functions=case.with_function(name, changed))
    for low in LOW_DTYPES:
        rounded = Rounded("LowPrecision", _of_precision(low), low)
        if rounded.explains(first):
            yield rounded


def _proposals(function: Function, first: Witness, names: Sequence[str]) -> Iterator[Proposal]:
    yield from _of_gradients(function, first)
    yield from _of_results(function, first, names)
    yield from _of_arguments(function, first)
    yield from _of_precisions(function)


# --- results -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """One tensor or number of a result: which part, or all where the result is not taken apart."""

    index: int | None
    called: str
    mine: Any
    right: Any

    def changed(self, function: Function, change: Callable[[Any], Any]) -> Function:
        """`function` with this part of its result changed."""

        def answer(*args: Any, **kwargs: Any) -> Any:
            value = function(*args, **kwargs)
            if self.index is None:
                return change(value)
            parts = list(value)
            parts[self.index] = change(parts[self.index])
            return type(value)(parts) if isinstance(value, list) else tuple(parts)

        return answer


def _of_results(function: Function, first: Witness, names: Sequence[str]) -> Iterator[Proposal]:
    if first.record.outcome is None or first.right.outcome is None:
        return
    mine, right = first.record.outcome.value, first.right.outcome.value
    if isinstance(right, list | tuple) and 1 < len(right) <= MOST_PARTS:
        yield from _of_parts(function, right, names)
    for place in _places(mine, right, names):
        yield from _of_place(function, place)


def _then(function: Function, change: Callable[[Any], Any]) -> Function:
    return lambda *args, **kwargs: change(function(*args, **kwargs))


def _called(index: int, names: Sequence[str], count: int) -> str:
    return f"`{names[index]}`" if len(names) == count else f"`result[{index}]`"


def _of_parts(function: Function, right: Any, names: Sequence[str]) -> Iterator[Proposal]:
    """What may become of a result of several parts as a whole."""
    count = len(right)
    called = [_called(index, names, count) for index in range(count)]

    def in_order(order: Sequence[int]) -> Function:
        return _then(function, lambda value: tuple(value[index] for index in order))

    for one, other in itertools.combinations(range(count), 2):
        order = list(range(count))
        order[one], order[other] = other, one
        yield (
            "ResultsSwapped",
            say(
                "Two results come in the wrong order: {one} and {other} are swapped.",
                one=called[one],
                other=called[other],
            ),
            in_order(order),
        )
    if count > 2:
        yield (
            "ResultsReversed",
            say("The results are right, but come in the opposite order."),
            in_order(range(count)[::-1]),
        )
    for one, other in itertools.permutations(range(count), 2):
        order = list(range(count))
        order[one] = other
        yield (
            "ResultTwice",
            say("You return {other} in the place of {one}.", one=called[one], other=called[other]),
            in_order(order),
        )
    for index in range(count):
        yield (
            "OneResultOnly",
            say("You return {name} alone; the other results are missing.", name=called[index]),
            _then(function, partial(_item, index=index)),
        )


def _places(mine: Any, right: Any, names: Sequence[str]) -> Iterator[_Place]:
    """The parts of two results that may be compared, part by part."""
    whole = say("the result")
    if not isinstance(right, list | tuple):
        yield _Place(None, whole, mine, right)
        return
    if isinstance(mine, list | tuple) and len(mine) == len(right) <= MOST_PARTS:
        for index, (one, other) in enumerate(zip(mine, right, strict=True)):
            yield _Place(index, _called(index, names, len(right)), one, other)
    yield _Place(None, whole, mine, right)


def _of_place(function: Function, place: _Place) -> Iterator[Proposal]:
    for name, sentence, change in _changes(place):
        yield name, sentence, place.changed(function, change)


Change = tuple[str, str, Callable[[Any], Any]]


def _changes(place: _Place) -> Iterator[Change]:
    """What may have become of a part of a result."""
    mine, right, called = place.mine, place.right, place.called
    subject = called[0].upper() + called[1:]
    if mine is None and right is not None:
        sentence = say("{what} is None: is a `return` missing?", what=subject)
        yield "NoResult", sentence, lambda _: None
    if isinstance(right, torch.Tensor):
        yield from _forms(mine, right, subject)
        yield from _orders(right, subject)
        yield from _cuts(right, subject)
    if (_is_number(right) and _is_number(mine)) or _are_comparable(mine, right):
        yield from _values(mine, right, subject)


def _is_number(value: Any) -> bool:
    """Whether it is a number, and one that a float can be."""
    if isinstance(value, int):
        return not isinstance(value, bool) and value.bit_length() < sys.float_info.max_exp
    return isinstance(value, float)


def _are_comparable(mine: Any, right: Any) -> bool:
    """Whether two values are structures of numbers and tensors of one form."""
    if isinstance(right, torch.Tensor):
        return (
            isinstance(mine, torch.Tensor)
            and mine.shape == right.shape
            and right.dtype != torch.bool
            and mine.dtype == right.dtype
        )
    if isinstance(right, list | tuple) and right:
        return (
            isinstance(mine, list | tuple)
            and len(mine) == len(right)
            and all(
                _are_comparable(a, b) or (_is_number(a) and _is_number(b))
                for a, b in zip(mine, right, strict=True)
            )
        )
    return False


def _each(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`change` made with every number and tensor of a structure."""

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return [whole(item) for item in value]
        if isinstance(value, tuple):
            return tuple(whole(item) for item in value)
        if isinstance(value, torch.Tensor) or _is_number(value):
            return change(value)
        return value

    return whole


def _numbers(value: Any) -> torch.Tensor:
    """All the numbers of a structure in a row."""
    if isinstance(value, torch.Tensor):
        return value.detach().double().flatten()
    if isinstance(value, list | tuple):
        return torch.cat([_numbers(item) for item in value])
    return torch.tensor([float(value)], dtype=torch.float64)


def _values(mine: Any, right: Any, subject: str) -> Iterator[Change]:
    """Sign, factor, offset, and what is made of each number alone."""
    a, b = _numbers(mine), _numbers(right)
    finite = a.isfinite() & b.isfinite()
    a, b = a[finite], b[finite]
    if not len(b):
        return
    yield "Sign", say("{what} has the opposite sign.", what=subject), _each(lambda x: -x)
    factor = _constant(a[b != 0] / b[b != 0])
    if factor is not None and factor not in (0.0, 1.0, -1.0):
        yield "Factor", _of_factor(subject, factor), _each(lambda x: x * factor)
    offset = _constant(a - b)
    if offset:
        kind = int(offset) if offset == int(offset) else offset
        amount = f"{abs(offset):.4g}"
        sentence = (
            say("{what} is {amount} too large, everywhere.", what=subject, amount=amount)
            if offset > 0
            else say("{what} is {amount} too small, everywhere.", what=subject, amount=amount)
        )
        yield "Offset", sentence, _each(lambda x: x + kind)
    cut = say(
        "{what} is right where it is positive, and 0 where it should be negative.", what=subject
    )
    zeros = say("{what} is 0 everywhere.", what=subject)
    yield "Zero", zeros, _each(lambda x: x * 0)
    simple: tuple[tuple[str, str, Callable[[torch.Tensor], torch.Tensor]], ...] = (
        (
            "Absolute",
            say(
                "{what} has lost its signs: it is the absolute value of what it should be.",
                what=subject,
            ),
            torch.abs,
        ),
        ("CutAtZero", cut, torch.relu),
        ("CutAtZero", cut, lambda x: x.clamp(min=0)),  # with another gradient at 0
        (
            "Square",
            say("{what} is the square of what it should be.", what=subject),
            lambda x: x * x,
        ),
        ("Root", say("{what} is the square root of what it should be.", what=subject), torch.sqrt),
        (
            "Logarithm",
            say("{what} is the logarithm of what it should be.", what=subject),
            torch.log,
        ),
        (
            "Exponential",
            say("{what} is the exponential of what it should be.", what=subject),
            torch.exp,
        ),
        (
            "Reciprocal",
            say("{what} is 1 divided by what it should be.", what=subject),
            torch.reciprocal,
        ),
        ("Complement", say("{what} is 1 minus what it should be.", what=subject), lambda x: 1 - x),
    )
    for name, sentence, change in simple:
        if isinstance(right, torch.Tensor) and right.is_floating_point():
            yield name, sentence, change


def _of_factor(subject: str, factor: float) -> str:
    if factor == 2:
        return say("{what} is twice as large as it should be, everywhere.", what=subject)
    if factor == 0.5:
        return say("{what} is half of what it should be, everywhere.", what=subject)
    amount = f"{factor:.6g}"
    return say(
        "{what} is {factor} times what it should be, everywhere.", what=subject, factor=amount
    )


def _constant(values: torch.Tensor) -> float | None:
    """The one number that all `values` are, but for rounding."""
    if not len(values) or not values.isfinite().all():
        return None
    middle = float(values.median())
    if float((values - middle).abs().max()) > 1e-7 * max(abs(middle), 1e-6):
        return None
    simple = round(middle, 6)
    return simple if abs(simple - middle) <= 1e-9 * max(1.0, abs(middle)) else middle


def _forms(mine: Any, right: torch.Tensor, subject: str) -> Iterator[Change]:
    """The right values in another form."""
    if _is_number(mine):
        sentence = say("{what} is right, but a Python number: return a tensor.", what=subject)
        yield "PythonNumber", sentence, lambda x: x.item()
    if isinstance(mine, list):
        sentence = say("{what} is right, but a list: return a tensor.", what=subject)
        yield "PythonList", sentence, lambda x: x.tolist()
        yield "ListOfTensors", sentence, lambda x: list(x.unbind(0)) if x.dim() else [x]
    if not isinstance(mine, torch.Tensor):
        return
    if mine.dtype != right.dtype:
        sentence = say(
            "{what} is right, but always in {mine}, whatever the dtype of the inputs.",
            what=subject,
            mine=_name(mine.dtype),
        )
        yield "Dtype", sentence, lambda x: x.to(mine.dtype)
    for axis in range(-1, min(right.dim(), MOST_AXES)):
        if mine.dim() == right.dim() + 1:
            sentence = say("{what} is right, but has an axis of length 1 too many.", what=subject)
            yield "AxisTooMany", sentence, partial(torch.unsqueeze, dim=axis)
        elif mine.dim() < right.dim():
            sentence = say("{what} is right, but axes of length 1 are gone.", what=subject)
            yield "Squeezed", sentence, partial(torch.squeeze, dim=axis)
            yield "Squeezed", sentence, lambda x: x.squeeze()
            sentence = say("{what} is flattened to one axis.", what=subject)
            yield "Flattened", sentence, lambda x: x.flatten()


def _orders(right: torch.Tensor, subject: str) -> Iterator[Change]:
    """The right numbers at other places."""
    axes = range(min(right.dim(), MOST_AXES))
    for one, other in itertools.combinations(axes, 2):
        places = {"what": subject, "one": one, "other": other}
        yield (
            "Transposed",
            say("{what} is transposed: axes {one} and {other} are swapped.", **places),
            partial(torch.transpose, dim0=one, dim1=other),
        )
        yield (
            "ReshapedForTransposed",
            say(
                "{what} has the right numbers in another order, as if axes {one} and {other} were"
                " swapped by `reshape`; that takes `transpose`.",
                **places,
            ),
            partial(_reordered, one=one, other=other),
        )
        yield (
            "ReshapedForTransposed",
            say(
                "{what} has the shape with axes {one} and {other} swapped, but by `reshape`; that"
                " takes `transpose`.",
                **places,
            ),
            partial(_reshaped, one=one, other=other),
        )
    for axis in axes:
        place = {"what": subject, "axis": axis}
        yield (
            "Flipped",
            say("{what} is right, but in the opposite order along axis {axis}.", **place),
            partial(torch.flip, dims=(axis,)),
        )
        for by in (1, -1):
            yield (
                "Rolled",
                say("{what} is shifted by one place along axis {axis}.", **place),
                partial(torch.roll, shifts=by, dims=axis),
            )
        yield (
            "FirstForAll",
            say("{what} is the same all along axis {axis}: what the first should be.", **place),
            partial(_place_for_all, axis=axis, place=0),
        )
        yield (
            "LastForAll",
            say("{what} is the same all along axis {axis}: what the last should be.", **place),
            partial(_place_for_all, axis=axis, place=-1),
        )
        if right.is_floating_point():
            yield (
                "MeanForAll",
                say("{what} is the same all along axis {axis}: the mean of all.", **place),
                partial(_mean_for_all, axis=axis),
            )
    if right.dim() >= 2:
        for by in (-1, 0, 1):
            yield (
                "LowerTriangle",
                say("{what} is 0 above a diagonal of its last two axes.", what=subject),
                partial(torch.tril, diagonal=by),
            )
            yield (
                "UpperTriangle",
                say("{what} is 0 below a diagonal of its last two axes.", what=subject),
                partial(torch.triu, diagonal=by),
            )


def _cuts(right: torch.Tensor, subject: str) -> Iterator[Change]:
    """The right numbers, but for some at the beginning or the end of an axis."""
    for axis in range(min(right.dim(), MOST_AXES)):
        place = {"what": subject, "axis": axis}
        last = say("{what} lacks its last place along axis {axis}.", **place)
        first = say("{what} lacks its first place along axis {axis}.", **place)
        zero_last = say("{what} is 0 at the last place of axis {axis}, and right before.", **place)
        zero_first = say("{what} is 0 at the first place of axis {axis}, and right after.", **place)
        after = say("{what} is 0 after the first place of axis {axis}.", **place)
        yield "LastMissing", last, partial(_shortened, axis=axis, begin=0)
        yield "FirstMissing", first, partial(_shortened, axis=axis, begin=1)
        yield "LastZero", zero_last, partial(_without, axis=axis, part=slice(-1, None))
        yield "FirstZero", zero_first, partial(_without, axis=axis, part=slice(0, 1))
        yield "ZeroAfterFirst", after, partial(_without, axis=axis, part=slice(1, None))
        yield (
            "LastOnly",
            say("{what} is only the last place along axis {axis} of what it should be.", **place),
            partial(torch.select, dim=axis, index=-1),
        )
        yield (
            "FirstOnly",
            say("{what} is only the first place along axis {axis} of what it should be.", **place),
            partial(torch.select, dim=axis, index=0),
        )


def _item(value: Any, index: int) -> Any:
    return value[index]


def _constantly(constant: Any, given: Any) -> Any:
    del given
    return constant


def _reordered(tensor: torch.Tensor, one: int, other: int) -> torch.Tensor:
    """The numbers in the order of the transposed tensor, in the shape of the first."""
    return tensor.transpose(one, other).reshape(tensor.shape)


def _reshaped(tensor: torch.Tensor, one: int, other: int) -> torch.Tensor:
    """The numbers in their order, in the shape of the transposed tensor."""
    return tensor.reshape(tensor.transpose(one, other).shape)


def _place_for_all(tensor: torch.Tensor, axis: int, place: int) -> torch.Tensor:
    return tensor.select(axis, place).unsqueeze(axis).expand_as(tensor)


def _mean_for_all(tensor: torch.Tensor, axis: int) -> torch.Tensor:
    return tensor.mean(axis, keepdim=True).expand_as(tensor)


def _shortened(tensor: torch.Tensor, axis: int, begin: int) -> torch.Tensor:
    return tensor.narrow(axis, begin, max(tensor.shape[axis] - 1, 0))


def _without(tensor: torch.Tensor, axis: int, part: slice) -> torch.Tensor:
    """`tensor` with zeros in `part` of an axis."""
    keep = torch.ones(tensor.shape[axis], dtype=tensor.dtype)
    keep[part] = 0
    return tensor * keep.reshape([-1 if a == axis else 1 for a in range(tensor.dim())])


# --- gradients and side effects ------------------------------------------------------------------


def _of_gradients(function: Function, first: Witness) -> Iterator[Proposal]:
    """The right values, with gradients that are cut, and with arguments that are changed."""
    detached = _then(function, lambda value: mapped(torch.Tensor.detach, value))
    yield (
        "Detached",
        say(
            "The values are right, but no gradient comes through: something detaches the result"
            " (`detach`, `.data`, `.item()`, numpy, `no_grad`, or a new tensor)."
        ),
        detached,
    )
    right = first.right.outcome
    if right is not None and isinstance(right.value, list | tuple):
        for index in range(min(len(right.value), MOST_PARTS)):
            place = _Place(index, "", None, None)
            yield (
                "PartDetached",
                say("The values are right, but no gradient comes through one of the results."),
                place.changed(function, lambda part: mapped(torch.Tensor.detach, part)),
            )
    for given in _given(function, first):
        if not any(tensor.is_floating_point() for tensor in leaves(given.value)):
            continue
        yield (
            "ArgumentDetached",
            say(
                "The values are right, but no gradient reaches `{name}`: it is detached on the"
                " way.",
                name=given.name,
            ),
            given.changed(lambda value: mapped(torch.Tensor.detach, value)),
        )
        yield (
            "ArgumentOverwritten",
            say(
                "The values are right, but `{name}` is overwritten with the result.",
                name=given.name,
            ),
            _overwriting(function, given),
        )


def _overwriting(function: Function, given: "_Given") -> Function:
    def answer(*args: Any, **kwargs: Any) -> Any:
        value = function(*args, **kwargs)
        bound = signature_of(function).bind(*args, **kwargs).arguments
        target, source = bound[given.name], next(leaves(value))
        with torch.no_grad():
            target.copy_(source)
        return value

    return answer


# --- arguments -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Given:
    """One argument of a function."""

    function: Function
    name: str
    value: Any

    def changed(self, change: Callable[[Any], Any]) -> Function:
        """The function with this argument changed before it is called."""
        signature = signature_of(self.function)

        def answer(*args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            bound.arguments[self.name] = change(bound.arguments[self.name])
            return self.function(*bound.args, **bound.kwargs)

        return answer


def _given(function: Function, first: Witness) -> list[_Given]:
    """The arguments of a function, with what a call gave them."""
    bound = signature_of(function).bind(*first.call.args, **first.call.kwargs)
    bound.apply_defaults()
    return [_Given(function, name, value) for name, value in bound.arguments.items()]


def _of_arguments(function: Function, first: Witness) -> Iterator[Proposal]:
    signature = signature_of(function)
    given = _given(function, first)
    for each in given:
        default = signature.parameters[each.name].default
        if default is not inspect.Parameter.empty:
            yield (
                "OptionIgnored",
                say("It makes no difference what `{name}` is; it should.", name=each.name),
                each.changed(partial(_constantly, default)),
            )
        yield from _of_argument(each)
    for one, other in itertools.combinations(given, 2):
        if _are_alike(one.value, other.value):
            yield (
                "ArgumentsSwapped",
                say(
                    "`{one}` and `{other}` seem to be mixed up: each is used in the place of the"
                    " other.",
                    one=one.name,
                    other=other.name,
                ),
                _swapped(one, other),
            )
            for used, instead in ((one, other), (other, one)):
                yield (
                    "ArgumentTwice",
                    say(
                        "`{used}` seems to be used where `{instead}` belongs.",
                        used=used.name,
                        instead=instead.name,
                    ),
                    _in_place_of(used, instead),
                )


def _are_alike(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return one.dim() == other.dim() and one.dtype == other.dtype
    return type(one) is type(other) and one is not None


def _swapped(one: _Given, other: _Given) -> Function:
    def answer(*args: Any, **kwargs: Any) -> Any:
        bound = signature_of(one.function).bind(*args, **kwargs)
        bound.apply_defaults()
        values = bound.arguments
        values[one.name], values[other.name] = values[other.name], values[one.name]
        return one.function(*bound.args, **bound.kwargs)

    return answer


def _in_place_of(used: _Given, instead: _Given) -> Function:
    def answer(*args: Any, **kwargs: Any) -> Any:
        bound = signature_of(used.function).bind(*args, **kwargs)
        bound.apply_defaults()
        bound.arguments[instead.name] = bound.arguments[used.name]
        return used.function(*bound.args, **bound.kwargs)

    return answer


def _of_argument(given: _Given) -> Iterator[Proposal]:
    for title, sentence, change in _uses(given.name, given.value):
        yield title, sentence, given.changed(change)
    for key, called, item in _items(given):
        for title, sentence, change in _uses(called, item):
            if title != "ArgumentZero" and not isinstance(item, torch.Tensor):
                continue
            yield title, sentence, given.changed(_of_item(key, change))


def _items(given: _Given) -> Iterator[tuple[Any, str, Any]]:
    """The tensors in a list or a dict that is an argument, each with its key and its name."""
    value = given.value
    if isinstance(value, dict):
        pairs = list(value.items())
    elif isinstance(value, list | tuple):
        pairs = list(enumerate(value))
    else:
        return
    for key, item in pairs[:MOST_TENSORS]:
        if isinstance(item, torch.Tensor):
            yield key, f"{given.name}[{key!r}]", item


def _of_item(key: Any, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def whole(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: change(item) if k == key else item for k, item in value.items()}
        items = [change(item) if n == key else item for n, item in enumerate(value)]
        return items if isinstance(value, list) else tuple(items)

    return whole


def _uses(name: str, value: Any) -> Iterator[Change]:
    """How an argument may be used in another way than it should be."""
    if isinstance(value, torch.Tensor):
        yield from _uses_of_tensor(name, value)
    elif isinstance(value, bool):
        yield (
            "OptionNegated",
            say("`{name}` seems to be read the wrong way round: True as False.", name=name),
            lambda given: not given,
        )
        for option in (True, False):
            sentence = say(
                "It makes no difference what `{name}` is: it is taken for {value}.",
                name=name,
                value=option,
            )
            yield "OptionIgnored", sentence, partial(_constantly, option)
    elif _is_number(value):
        for constant in (0, 1):
            sentence = say(
                "It makes no difference what `{name}` is: it is taken for {value}.",
                name=name,
                value=constant,
            )
            yield "NumberIgnored", sentence, partial(_constantly, type(value)(constant))
        for by in (1, -1):
            if isinstance(value, int):
                yield "OffByOne", _off_by_one(name, by), partial(operator.add, by)
        double = say("`{name}` seems to be taken twice.", name=name)
        half = say("`{name}` seems to be halved.", name=name)
        square = say("`{name}` seems to be squared.", name=name)
        yield "NumberTwice", double, lambda given: given * 2
        yield "NumberHalf", half, lambda given: given / 2
        yield "NumberSquared", square, lambda given: given * given
        opposite = say("`{name}` is used with the opposite sign.", name=name)
        yield "ArgumentNegated", opposite, lambda given: -given
    elif isinstance(value, list | tuple) and len(value) > 1:
        reverse = say("`{name}` is read from its end to its beginning.", name=name)
        only_first = say("Only the first of `{name}` is used.", name=name)
        only_last = say("Only the last of `{name}` is used.", name=name)
        no_last = say("The last of `{name}` is left out.", name=name)
        no_first = say("The first of `{name}` is left out.", name=name)
        yield "ItemsReversed", reverse, lambda given: given[::-1]
        yield "FirstItemOnly", only_first, lambda given: given[:1]
        yield "LastItemOnly", only_last, lambda given: given[-1:]
        yield "LastItemMissing", no_last, lambda given: given[:-1]
        yield "FirstItemMissing", no_first, lambda given: given[1:]


def _off_by_one(name: str, by: int) -> str:
    if by > 0:
        return say("It behaves as if `{name}` were one more than it is.", name=name)
    return say("It behaves as if `{name}` were one less than it is.", name=name)


def _uses_of_tensor(name: str, value: torch.Tensor) -> Iterator[Change]:
    if value.is_floating_point():
        zero = say("It behaves as if `{name}` were 0 everywhere: is it used?", name=name)
        ones = say("It behaves as if `{name}` were 1 everywhere: is it used?", name=name)
        negated = say("`{name}` is used with the opposite sign.", name=name)
        twice = say("`{name}` counts twice.", name=name)
        half = say("`{name}` counts only half.", name=name)
        squared = say("`{name}` seems to be squared.", name=name)
        yield "ArgumentZero", zero, lambda given: given * 0
        yield "ArgumentOne", ones, lambda given: given * 0 + 1
        yield "ArgumentNegated", negated, lambda given: -given
        yield "ArgumentTwice", twice, lambda given: given * 2
        yield "ArgumentHalf", half, lambda given: given / 2
        yield "ArgumentSquared", squared, lambda given: given * given
    elif value.dtype == torch.bool:
        negated = say("`{name}` is read the wrong way round: True as False.", name=name)
        yield "MaskNegated", negated, lambda given: ~given
    else:
        for by in (1, -1):
            yield "OffByOne", _off_by_one(name, by), partial(operator.add, by)
    for one, other in itertools.combinations(range(min(value.dim(), MOST_AXES)), 2):
        places = {"name": name, "one": one, "other": other}
        yield (
            "ArgumentTransposed",
            say("`{name}` is used with axes {one} and {other} swapped.", **places),
            partial(torch.transpose, dim0=one, dim1=other),
        )
        yield (
            "ArgumentReshaped",
            say(
                "`{name}` is brought into another shape by `reshape` where axes {one} and {other}"
                " must be swapped: that takes `transpose`.",
                **places,
            ),
            partial(_reordered, one=one, other=other),
        )
    for axis in range(min(value.dim(), MOST_AXES)):
        place = {"name": name, "axis": axis}
        yield (
            "ArgumentFlipped",
            say("`{name}` is read in the opposite order along axis {axis}.", **place),
            partial(torch.flip, dims=(axis,)),
        )
        yield (
            "ArgumentCut",
            say("The last place of `{name}` along axis {axis} is left out.", **place),
            partial(_shortened, axis=axis, begin=0),
        )
        yield (
            "FirstOfArgumentForAll",
            say("Only the first place of `{name}` along axis {axis} is used.", **place),
            partial(_place_for_all, axis=axis, place=0),
        )


# --- precision -----------------------------------------------------------------------------------


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _of_precision(low: torch.dtype) -> str:
    return say(
        "It computes in {dtype} and turns the result back: stay in the dtype of the inputs.",
        dtype=_name(low),
    )


def _of_precisions(function: Function) -> Iterator[Proposal]:
    for low in LOW_DTYPES:
        yield "LowPrecision", _of_precision(low), _in(function, low)


def _in(function: Function, low: torch.dtype) -> Function:
    """`function` computed in another dtype, its results in that of the inputs."""

    def answer(*args: Any, **kwargs: Any) -> Any:
        given = [t.dtype for t in leaves((args, kwargs)) if t.is_floating_point()]

        def lower(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.to(low) if tensor.is_floating_point() else tensor

        def back(tensor: torch.Tensor) -> torch.Tensor:
            return tensor.to(given[0]) if given and tensor.is_floating_point() else tensor

        value = function(*mapped(lower, args), **mapped(lower, kwargs))
        return mapped(back, value)

    return answer
