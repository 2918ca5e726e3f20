"""Laws that every class of modules shares, each made into a property of one exercise.

    @modules.cases_of
    def cases(draw):
        t, n, d, h = draw(sizes(4))
        bias = draw(st.booleans())
        weights = {"weight": (h, d)} | ({"bias": (h,)} if bias else {})
        return Form((d, h), {"bias": bias}, weights, [(t, n, d)])

    test_output = modules.outputs(cases(), "Linear", points=20, title="y = W x + b.")

A `Form` says how an object is made, which weights it is loaded with and what it is called with.
Every object is made anew, brought to the dtype of its weights, loaded with what was drawn, and put
in `eval()`, by the student's class and by the reference's alike (`made`). `points`, `needs` and
`title` are the property's marks and docstring.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import Changed, Mismatch, agree
from grader.judge.corners import wanted, with_another_end, with_zeros
from grader.judge.handles import Handle, Method
from grader.judge.profile import FEW, PROFILE, Property, as_property
from grader.judge.reference import Reference
from grader.judge.story import cotangents_for
from grader.judge.strategies import LAYOUTS, SEEDS, Draws, relayouted, tensors
from grader.judge.student import Student
from grader.judge.ways import WAYS_OF_CALLS, WAYS_OF_GRADIENTS, said_with
from grader.language import say
from grader.wire import leaves, mapped
from grader.worker.invoke import NO_GRAD, differentiable

NEARLY_ALL = 1 - 1e-12  # a rate at which nothing is kept, as far as anybody will ever see
SMALL_STEP = 1e-6  # along inputs and parameters; what rounding leaves of the slope is 1e-9 of it
SLOPE = 1e-3  # of the slope; a kink within the small step, of one element in thousands, is less
# Of a share among thousands of draws: beyond it lies one right answer in a hundred billion.
SIGMAS = 7.0

Shape = Sequence[int]


class Form(NamedTuple):
    """How one object is made and tried: the constructor's arguments, the shapes of its parameters
    by name, and what it is called with: a shape, a strategy, or a plain value such as None."""

    args: tuple[Any, ...]
    options: dict[str, Any]
    weights: Mapping[str, Shape]
    inputs: Sequence[Any]


class Case(NamedTuple):
    """A form with its tensors drawn."""

    args: tuple[Any, ...]
    options: dict[str, Any]
    weights: dict[str, torch.Tensor]
    inputs: tuple[Any, ...]

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights; float32 where there are none."""
        return next((each.dtype for each in self.weights.values()), torch.float32)


class Cases(Protocol):
    """`cases(dtype=..., scale=..., **options)`: a strategy, with some options as they are given."""

    def __call__(
        self, dtype: torch.dtype = torch.float64, scale: float = 1.0
    ) -> st.SearchStrategy[Case]:
        """A strategy of cases."""


def cases_of(form: Callable[[st.DrawFn], Form]) -> Cases:
    """Cases of what `form` draws: its tensors have entries around `scale`, and shrink to zeros."""

    @st.composite
    def cases(draw: st.DrawFn, dtype: torch.dtype = torch.float64, scale: float = 1.0) -> Case:
        drawn = form(draw)
        weights = {n: draw(tensors(shape, dtype, scale)) for n, shape in drawn.weights.items()}
        return Case(drawn.args, drawn.options, weights, _inputs(draw, drawn, dtype, scale))

    return cases


def _inputs(draw: st.DrawFn, form: Form, dtype: torch.dtype, scale: float) -> tuple[Any, ...]:
    found: list[Any] = []
    for each in form.inputs:
        if isinstance(each, st.SearchStrategy):
            found.append(draw(each))
        elif isinstance(each, tuple | list):
            found.append(draw(tensors(each, dtype, scale)))
        else:
            found.append(each)
    return tuple(found)


def sized(form: Form, seed: int, dtype: torch.dtype = torch.float64) -> Case:
    """The case of a form of any size, drawn from a seed: entries of the order of 1, of weights so
    that what is summed over them stays so."""
    draws = Draws(seed, dtype)
    weights = {name: draws.tensor(*shape) for name, shape in form.weights.items()}
    inputs = [
        draws.tensor(*each) if isinstance(each, tuple | list) else each for each in form.inputs
    ]
    return Case(form.args, form.options, weights, tuple(inputs))


def new(owner: Any, name: str, case: Case) -> Handle:
    """An object of the case's form, as its constructor leaves it, in the dtype of the weights."""
    handle: Handle = getattr(owner, name)(*case.args, **case.options).to(case.dtype)
    return handle


def made(owner: Any, name: str, case: Case) -> Handle:
    """An object of the case's form, loaded with its weights, in `eval()`."""
    handle = new(owner, name, case)
    handle.load_state_dict(case.weights)
    handle.eval()
    return handle


def _both(student: Student, reference: Reference, name: str, case: Case) -> tuple[Handle, Handle]:
    """The same object twice, by `made`: the student's, and the reference's."""
    return made(student, name, case), made(reference, name, case)


def parameters(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
    ordered: bool = True,
) -> Property:
    """`state_dict` has the names, the order and the shapes that the contract gives, and each is a
    parameter, so that an optimizer finds it; not `ordered`, in whatever order."""

    @settings(PROFILE, max_examples=20 if ordered else 8)
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        mine = new(student, name, case)
        mine.state_dict()
        if not ordered:
            for each in case.weights:
                mine.get_parameter(each)
            return
        right = new(reference, name, case)
        listed = [[each for each, _ in _listed(handle)] for handle in (mine, right)]
        if listed[0] != listed[1]:
            raise Mismatch(
                say(
                    "`named_parameters` gives {mine}; it should give {right}.",
                    mine=", ".join(listed[0])[:400] or say("nothing"),
                    right=", ".join(listed[1]),
                )
            )

    title = title or say("Its parameters have their names, order and shapes.")
    return as_property(test, title, points, needs)


def _listed(handle: Handle) -> list[tuple[str, Any]]:
    found = handle.named_parameters().take(1_000)
    return list(getattr(found, "form", found))


def outputs(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    title: str,
    points: int,
    needs: Sequence[str] = (),
    examples: int = 30,
) -> Property:
    """The results are the reference's, from the same weights, within what rounding explains."""

    @settings(PROFILE, max_examples=examples)
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        mine, right = _both(student, reference, name, case)
        agree(mine(*case.inputs), right(*case.inputs))

    return as_property(test, title, points, needs)


def precision(
    cases: Cases,
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The same after `.to(dtype)`, in float32 and half precision, within what rounding explains;
    and gradients arrive there, however they are rounded."""
    each = [cases(dtype=dtype) for dtype in (torch.float32, torch.bfloat16, torch.float16)]

    # All of them in each example: drawn one at a time, some seeds would not come to one.
    @settings(PROFILE, max_examples=4)
    @given(st.tuples(*each), SEEDS)
    def test(student: Student, reference: Reference, each: tuple[Case, ...], seed: int) -> None:
        for case in each:
            mine, right = _both(student, reference, name, case)
            agree(mine(*case.inputs), right(*case.inputs))
            mine.gradients(*case.inputs, seed=seed)

    title = title or say(
        "After .to(dtype), in float32 and half precision, it is as exact as can be."
    )
    return as_property(test, title, points, needs)


def gradients(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The vector-Jacobian products are right for the inputs and for every parameter."""

    @settings(PROFILE, max_examples=12)
    @given(cases, SEEDS)
    def test(student: Student, reference: Reference, case: Case, seed: int) -> None:
        mine, right = _both(student, reference, name, case)
        agree(mine.gradients(*case.inputs, seed=seed), right.gradients(*case.inputs, seed=seed))

    title = title or say("Gradients reach the inputs and every parameter, and are right.")
    return pytest.mark.gradients(as_property(test, title, points, needs))


def round_trip(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """What is loaded comes out again, `load_state_dict(state_dict())` changes nothing, and another
    object, or a copy, that has the same state gives the same; what is loaded between two calls is
    what the second sees, under `torch.no_grad()` too; what one starts with is finite.

    The copy is made before the first call: torch copies no object that keeps a result with its
    history, as right ones may.
    """

    @FEW
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        mine, right = _both(student, reference, name, case)
        state = mine.state_dict()
        agree(state, dict(case.weights), within=0)
        mine.load_state_dict(state)
        twin = student.given.copy.deepcopy(mine)
        expected = right(*case.inputs)
        agree(mine(*case.inputs), expected)
        others = mapped(_doubled, dict(case.weights))
        due = made(reference, name, case._replace(weights=others))(*case.inputs)
        # Without gradients too, where it is tempting to keep what was computed of the weights.
        ask = Method(mine, "__call__")
        with said_with(NO_GRAD):
            agree(ask.called(NO_GRAD, *case.inputs), expected)
            mine.load_state_dict(others)
            agree(ask.called(NO_GRAD, *case.inputs), due)
        agree(mine(*case.inputs), due)
        mine.load_state_dict(mapped(torch.zeros_like, dict(case.weights)))
        agree(twin(*case.inputs), expected)
        agree(twin.state_dict(), dict(case.weights), within=0)
        other = new(student, name, case)
        hold_finite(other.state_dict())
        other.load_state_dict(state)
        other.eval()
        agree(other(*case.inputs), expected)

    title = title or say("Its state goes out by state_dict and in again; a copy is its own object.")
    return as_property(test, title, points, needs)


def hold_finite(state: Mapping[str, torch.Tensor]) -> None:
    """Hold that what an object starts with, its `state_dict`, has neither nan nor inf in it."""
    for name, value in state.items():
        odd = value[~value.isfinite()]
        if odd.numel():
            raise Mismatch(
                say(
                    "`{name}` starts with {value}: let the constructor give it finite numbers"
                    " (`torch.empty` leaves whatever was in memory).",
                    name=name,
                    value=float(odd[0]),
                )
            )


def apart(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """Two objects share nothing, and a call leaves nothing behind for the next: whatever one was
    asked, and however large that was, it gives the same again."""

    @FEW
    @given(cases, cases)
    def test(student: Student, reference: Reference, case: Case, between: Case) -> None:
        mine, right = _both(student, reference, name, case)
        expected = right(*case.inputs)
        agree(mine(*case.inputs), expected)
        other = made(student, name, between)
        agree(other(*between.inputs), made(reference, name, between)(*between.inputs))
        weights = {each: _doubled(value) for each, value in case.weights.items()}
        made(student, name, case._replace(weights=weights))  # of the same form
        again = [_doubled(each) for each in case.inputs]
        agree(mine(*again), right(*again))
        agree(mine(*case.inputs), expected)

    title = title or say(
        "Two of them share nothing, and a call leaves nothing behind for the next."
    )
    return as_property(test, title, points, needs)


def _doubled(value: Any) -> Any:
    """Another input of the same form: other numbers, or whole numbers in another order."""
    if not isinstance(value, torch.Tensor):
        return value
    return 2 * value + 1 if value.is_floating_point() else value.flip(*range(value.dim()))


def modes(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """Where nothing is dropped, training mode gives what `eval()` does, and the way back leads
    there; `cases` has whatever rate, which matters in training mode alone."""

    @FEW
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        mine, right = _both(student, reference, name, case)
        expected = right(*case.inputs)
        agree(mine(*case.inputs), expected)
        mine.train()
        mine(*case.inputs)
        mine.eval()
        agree(mine(*case.inputs), expected)
        agree(mine(*case.inputs), expected)

    title = title or say("In eval() nothing is dropped, whatever the rate, and nothing is random.")
    return as_property(test, title, points, needs)


def dropout(
    form: Callable[[float], Form],
    weights: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]],
    kept: Callable[[Any], torch.Tensor],
    name: str,
    *,
    points: int,
    rates: Sequence[float] = (0.2, 0.5),
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """In training mode each element is dropped by itself, anew in every call, at the rate given,
    and what is kept is scaled by 1 / (1 - p).

    `form(p)` is of some thousand elements that dropout acts on; `weights` makes of those of the
    form such that a result shows each of them, and `kept(result)` gives what became of each, as a
    share of what it was: 0 where it was dropped. The share of those kept is held to a level that
    one right answer in a hundred billion misses.
    """

    def test(student: Student, seed: int) -> None:
        for number, rate in enumerate(rates):
            drawn = sized(form(rate), seed + number)
            case = drawn._replace(weights=weights(drawn.weights))
            mine = made(student, name, case)
            mine.train()
            shares = [kept(mine(*case.inputs)) for _ in range(2)]
            for share in shares:
                _hold_share(share, rate)
            if torch.equal(shares[0] == 0, shares[1] == 0):
                raise Mismatch(say("Two calls drop the same elements; each call draws anew."))
            _hold_slope(student, mine, case, seed)

    title = title or say("In training mode it drops at the rate given, and scales what it keeps.")
    return as_property(test, title, points, needs)


def hold_emptied(student: Student, reference: Reference, name: str, case: Case) -> None:
    """Hold the results in training mode where nothing is kept, at a rate of `NEARLY_ALL`: they tell
    all places at which dropout acts."""
    mine, right = _both(student, reference, name, case)
    mine.train()
    right.train()
    try:
        agree(mine(*case.inputs), right(*case.inputs))
    except Mismatch as mismatch:
        line = say("In training mode, at a rate so near 1 that dropout keeps nothing.")
        raise mismatch.with_line(line) from None


def _hold_slope(student: Student, mine: Handle, case: Case, seed: int) -> None:
    """Hold that gradients flow through what was kept, and through nothing that was dropped: a small
    step along the inputs and parameters changes the result as the gradients say."""
    draws = Draws(seed)
    steps = [draws.tensor(*each.shape) for each in leaves((case.weights, case.inputs))]

    def moved(value: Any, by: float) -> Any:
        left = iter(steps)

        def move(tensor: torch.Tensor) -> torch.Tensor:
            step = next(left)
            return tensor + by * step if tensor.is_floating_point() else tensor

        return mapped(move, value)

    def called(by: float) -> list[torch.Tensor]:
        weights, inputs = moved((case.weights, case.inputs), by)
        mine.load_state_dict(weights)
        student.given.torch.manual_seed(seed)
        return list(differentiable(mine(*inputs)))

    here, again = called(0.0), called(0.0)
    if not all(map(torch.equal, here, again)):
        return  # it draws from elsewhere: which elements are dropped cannot be repeated
    counts = cotangents_for(here, seed)
    ahead, behind = called(SMALL_STEP), called(-SMALL_STEP)
    pairs = zip(ahead, behind, counts, strict=True)
    slope = sum(float(((a - b) * count).sum()) for a, b, count in pairs) / (2 * SMALL_STEP)
    called(0.0)
    student.given.torch.manual_seed(seed)
    gradients = mine.gradients(*case.inputs, seed=seed)
    count = len(case.weights)
    by_name = dict(zip(case.weights, steps[:count], strict=True))
    floating = (
        step
        for step, each in zip(steps[count:], leaves(case.inputs), strict=True)
        if each.is_floating_point()
    )
    by_name |= dict(zip((n for n in gradients if n not in by_name), floating, strict=False))
    found = sum(float((gradient * by_name[n]).sum()) for n, gradient in gradients.items())
    if abs(slope - found) > SLOPE * (abs(slope) + abs(found)) + SLOPE:
        raise Mismatch(
            say(
                "In training mode the gradients are not those of the result: along a small step"
                " it changes by {slope:.4g}, and by the gradients it should by {found:.4g}. They"
                " flow through what dropout keeps, scaled as it is.",
                slope=slope,
                found=found,
            )
        )


def _hold_share(share: torch.Tensor, rate: float) -> None:
    count = share.numel()
    dropped = int((share == 0).sum())
    spread = SIGMAS * math.sqrt(rate * (1 - rate) * count)
    if abs(dropped - rate * count) > spread:
        raise Mismatch(
            say(
                "With dropout={rate}, {dropped} of {count} elements are dropped in training mode;"
                " about {expected} should be.",
                rate=rate,
                dropped=dropped,
                count=count,
                expected=round(rate * count),
            )
        )
    left = share[share != 0]
    if not bool(((left - 1 / (1 - rate)).abs() < 1e-6).all()):
        raise Mismatch(
            say(
                "With dropout={rate}, what is kept comes out {mine:.4g} times as large; it should"
                " be scaled by 1 / (1 - p), {right:.4g}.",
                rate=rate,
                mine=float(left.mean()),
                right=1 / (1 - rate),
            )
        )
    rows = share.reshape(len(share), -1)
    if len(rows) > 1 and bool((rows == rows[0]).all()):
        raise Mismatch(
            say("The same elements are dropped in every sample or step; each is dropped by itself.")
        )


def layout(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """Transposed, strided and offset inputs of the same values give the same, and are left as they
    were."""

    @settings(PROFILE, max_examples=4)
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        mine, right = _both(student, reference, name, case)
        expected = right(*case.inputs)
        for each in LAYOUTS:
            agree(mine(*relayouted(case.inputs, each)), expected)
        after = mine.changes(*case.inputs)
        before = [(tensor.detach(), None) for tensor in leaves(case.inputs)]
        agree(after, Changed(after.names, before), within=0)

    title = title or say(
        "How an input lies in memory makes no difference, and it is left as it was."
    )
    return as_property(test, title, points, needs)


def transposed(
    cases: st.SearchStrategy[Case],
    name: str,
    *,
    option: str = "batch_first",
    inputs: Sequence[int] = (0,),
    results: Sequence[int] = (0,),
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """With the option, the first two axes of some inputs and results change places, of which the
    numbers are given, and nothing else."""

    @FEW
    @given(cases)
    def test(student: Student, case: Case) -> None:
        first, second = (
            made(student, name, case._replace(options={**case.options, option: value}))
            for value in (False, True)
        )
        swapped = [_swapped(each, n in inputs) for n, each in enumerate(case.inputs)]
        plain = first(*case.inputs)
        parts = plain if isinstance(plain, tuple) else (plain,)
        parts = tuple(_swapped(each, n in results) for n, each in enumerate(parts))
        agree(second(*swapped), parts if isinstance(plain, tuple) else parts[0], within=1e-10)

    title = title or say(
        "With batch_first the batch comes first, in what is read and in the output."
    )
    return as_property(test, title, points, needs)


def _swapped(value: Any, swap: bool) -> Any:
    return value.transpose(0, 1) if swap and isinstance(value, torch.Tensor) else value


def hold_whole(
    mine: Handle,
    right: Handle,
    inputs: tuple[Any, ...],
    seed: int,
    *,
    method: str = "__call__",
    corners: bool = False,
) -> None:
    """Hold what a method of the student's object gives, and its gradients, against the reference's.

    With `corners` also where each input alone wants a gradient and where all others do, where each
    has a zero in it, for inputs that differ in their last elements alone, and in other layouts.
    """
    ask, truth = Method(mine, method), Method(right, method)
    expected = truth(*inputs)
    agree(ask(*inputs), expected)
    agree(ask.gradients(*inputs, seed=seed), truth.gradients(*inputs, seed=seed))
    if not corners:
        return
    for some in wanted(list(leaves(inputs))):
        gradients = [each.gradients(*inputs, seed=seed, wanted=some) for each in (ask, truth)]
        agree(*gradients)
    zeros, others = with_zeros(inputs, seed), with_another_end(inputs)
    agree(ask.gradients(*zeros, seed=seed), truth.gradients(*zeros, seed=seed))
    agree(ask(*others), truth(*others))
    for layout in LAYOUTS:
        agree(ask(*relayouted(inputs, layout)), expected)


def _hold_ways(mine: Handle, right: Handle, inputs: tuple[Any, ...], seed: int) -> None:
    """Hold what both give where they are called in another way: see `worker.invoke.WAYS`."""
    ask, truth = Method(mine, "__call__"), Method(right, "__call__")
    for way in WAYS_OF_CALLS:
        with said_with(way):
            agree(ask.called(way, *inputs), truth.called(way, *inputs))
    for way in WAYS_OF_GRADIENTS:
        with said_with(way):
            gradients = [each.gradients(*inputs, seed=seed, way=way) for each in (ask, truth)]
            agree(*gradients)


def _smallest(forms: Sequence[Form]) -> Form:
    """The form with the fewest elements, of those that are called with the most tensors and have no
    size of 1."""

    def shapes(form: Form) -> list[Shape]:
        return [each for each in form.inputs if isinstance(each, tuple | list)]

    larger = [each for each in forms if min(map(min, shapes(each)), default=1) > 1]
    return min(
        larger or forms,
        key=lambda form: (-len(shapes(form)), sum(map(math.prod, shapes(form)))),
    )


def larger(
    forms: Sequence[Form],
    name: str,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The results, and the gradients, are right for larger forms too, and in float32. With the
    first form corners are tried as well: see `hold_whole`. With the smallest, training mode, and
    other ways to call, as `laws.middle_sizes` has them; it drops nothing."""

    def test(student: Student, reference: Reference, seed: int) -> None:
        for number, form in enumerate(forms):
            case = sized(form, seed + number)
            mine, right = _both(student, reference, name, case)
            hold_whole(mine, right, case.inputs, seed, corners=number == 0)
        case = sized(_smallest(forms), seed)
        mine, right = _both(student, reference, name, case)
        _hold_ways(mine, right, case.inputs, seed)
        mine.train()
        right.train()
        hold_whole(mine, right, case.inputs, seed)
        case = sized(forms[0], seed, torch.float32)
        mine, right = _both(student, reference, name, case)
        agree(mine(*case.inputs), right(*case.inputs))

    title = title or say("It is also right for larger inputs and in corner cases.")
    return as_property(test, title, points, needs)
