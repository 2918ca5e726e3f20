"""Laws that every tensor exercise shares, each made into a property of one exercise.

    CALLS = {"attention": tuple}
    test_gradients = laws.gradients(cases(), CALLS, points=10, needs=["test_output"])

`cases` is a strategy of named tuples; `calls` says for each function of the contract how a case
becomes its arguments; `points`, `needs` and `title` are the property's marks and docstring.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.clock.timing import Clock
from grader.judge.compare import (
    CANCELLATION_FLOAT64,
    LOW_DTYPES,
    RELATIVE_FLOAT64,
    ROUNDING,
    Changed,
    Expected,
    Mismatch,
    Named,
    agree,
    all_leaves,
    magnitude,
    shape,
    tensors_equal,
)
from grader.judge.corners import (
    coincidences,
    distinct,
    enlarged,
    is_finite,
    moved,
    same_shaped,
    smooth_zeros,
    wanted,
    with_another_end,
    with_zero,
)
from grader.judge.middle import WORK, Middle, axes_of, bounds_of, middles
from grader.judge.profile import FEW, PROFILE, Property, as_property
from grader.judge.reference import Reference, inputs_by_name, signature_of, tensors_by_name
from grader.judge.rounding import hinging
from grader.judge.strategies import LAYOUTS, SEEDS, Draws, relayouted
from grader.judge.student import Hung, OutOfPatience, Student, StudentRaised
from grader.judge.ways import WAYS_OF_CALLS, WAYS_OF_GRADIENTS, said_with
from grader.language import say
from grader.wire import leaves, mapped
from grader.worker.invoke import NO_GRAD

LONG_SUMS = 4.0
LIKE = 2  # how long all axes are, where one tensor stands for two arguments, and
MOST_SHARED = 12  # for how many pairs of them
LONG, LEAST_BESIDE = 130, 2  # how long the axis without an end is, and the others beside it
# The greatest result of large arguments that is compared, and the share of a result that a bound
# may be, for a difference to be seen.
MOST_MAGNITUDE = 1e100
VISIBLE = 0.05
# Beside a score of that size the logarithm of a number of keys is less than the last digit.
HUGE = 1e20
# The shares of the time limit that larger inputs may take: as far as it can be foreseen, and where
# it could not. A right and fast answer takes less than a hundredth, on a machine that is not busy.
FORESEEN = 0.2
UNFORESEEN = 0.4

Case = Any
Calls = Mapping[str, Callable[[Case], Iterable[Any]]]
Tied = Callable[[Case, float], Case]


def reference(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    *,
    title: str,
    points: int,
    needs: Sequence[str] = (),
    examples: int = 20,
    tied: Tied | None = None,
) -> Property:
    """The results are the reference's, within what rounding explains; for `tied`, see `ties`."""

    @settings(PROFILE, max_examples=examples)
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        for name, arguments in calls.items():
            args = tuple(arguments(case))
            agree(getattr(student, name)(*args), getattr(reference, name)(*args))
        if tied is not None:
            ties(student, calls, partial(tied, case))

    return as_property(test, title, points, needs)


def ties(student: Student, calls: Calls, tied: Callable[[float], Case]) -> None:
    """Where all that a softmax weighs is alike, it makes no difference how large its scores are.

    `tied(size)` is a case whose keys and values are all alike, with scores of the order of `size`.
    The weights sum to 1, so that each size gives the same result; exp(scores - logsumexp(scores))
    loses the sum beside a large score, and every weight is 1.
    """
    for name, arguments in calls.items():
        mine = getattr(student, name)
        agree(mine(*arguments(tied(HUGE))), mine(*arguments(tied(1.0))), within=ROUNDING)


def builtin(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    builtins: Mapping[str, Callable[[Case], Any]],
    *,
    title: str,
    points: int,
    needs: Sequence[str] = (),
) -> Property:
    """The results are torch's own, for float64 values of the order of 1.

    `builtins` says for each function how torch answers a case.
    """

    @FEW
    @given(cases)
    def test(student: Student, case: Case) -> None:
        for name, answer in builtins.items():
            mine = getattr(student, name)(*calls[name](case))
            agree(mine, mapped(torch.Tensor.detach, answer(case)), within=ROUNDING)

    return as_property(test, title, points, needs)


def magnitudes(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    *,
    points: int,
    fields: Sequence[str] = (),
    factor: float = 1e3,
    differentiable: bool = True,
    tied: Tied | None = None,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The results are right with one field at a time, of all floating or of `fields`, multiplied
    by `factor`, the tensors in its lists and dicts included; and where the functions are
    `differentiable`, their gradients are finite where the reference's are. For `tied`, see
    `ties`."""

    def large(value: torch.Tensor) -> torch.Tensor:
        return factor * value if value.is_floating_point() else value

    @settings(PROFILE, max_examples=6)
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        for field in fields or case._fields:
            scaled = case._replace(**{field: mapped(large, getattr(case, field))})
            for name, arguments in calls.items():
                args = tuple(arguments(scaled))
                mine, right = getattr(student, name), getattr(reference, name)
                agree(mine(*args), right(*args))
                if differentiable:
                    _are_finite(mine.gradients(*args, seed=0), right.gradients(*args, seed=0).truth)
        if tied is not None:
            ties(student, calls, partial(tied, case))

    title = title or say(
        "Values in the thousands, in any one argument, give no overflow and no nan."
    )
    return as_property(test, title, points, needs)


def _are_finite(mine: Named, right: Named) -> None:
    """Hold that gradients are finite where they should be."""
    for name, gradient in mine.items():
        if right[name].isfinite().all() and not gradient.isfinite().all():
            what = Named(mine.what, {name: gradient}), Named(mine.what, {name: right[name]})
            raise Mismatch(
                say("The result is right, but the gradient of `{name}` is not finite.", name=name),
                *what,
            )


def middle_sizes(
    sized: Callable[..., Case],
    calls: Calls | Callable[[Student, Reference, Case], None],
    *,
    most: Mapping[str, int] | None = None,
    work: int = WORK,
    differentiable: bool = True,
    zero: bool = True,
    long: str = "",
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The results are the reference's for sizes between the small cases and the clock's.

    `sized(draw, *sizes)` gives the case of some sizes, with tensors by `draw.tensor(*shape)` and
    whole numbers by `draw.below(count, *shape)`; `cases_of` has one: `cases.sized`. Sizes are drawn
    by the property's seed: every axis is long once or twice, where the others are short, and then
    several are, up to some 300,000 elements. `most` bounds an axis by its name, where 1000 were too
    many, and `work` the product of all sizes. One case is float32; at one the gradients are
    compared too, where the functions are `differentiable`. In place of `calls` may stand a function
    that holds a case, of float64, in another way. Optional arguments that are floats are tried at
    0, where the reference's result is finite there, unless `zero` is false: then the contract has
    no 0. The axis `long` is tried at 130 with its gradients, where all others are short and `most`
    bounds it to less. An answer that is too slow for the next size is spared it, unless
    the clock finds it fast: then it has to hold there as well.
    """

    def hold(student: Student, reference: Reference, middle: Middle, seed: int) -> None:
        if callable(calls):  # which may not know of other bounds for other dtypes
            calls(student, reference, sized(Draws(seed), *middle.sizes))
            return
        case = sized(Draws(seed, middle.dtype), *middle.sizes)
        gradients = differentiable and middle.gradients
        _hold(student, reference, case, calls, seed if gradients else None, middle.dtype)

    def hold_all(
        student: Student, reference: Reference, seed: int, plan: Iterable[tuple[int, Middle]]
    ) -> None:
        for number, middle in plan:
            try:
                hold(student, reference, middle, seed + number)
            except Mismatch as mismatch:
                raise _with_size(mismatch, student, reference) from None

    def test(student: Student, reference: Reference, seed: int) -> None:
        for sizes in coincidences(sized, seed, most):
            case = sized(Draws(seed), *sizes)
            if callable(calls):
                calls(student, reference, case)
                continue
            _hold(student, reference, case, calls, seed if differentiable else None)
            if differentiable:  # else it may compute with gradients itself
                _hold_called(student, reference, case, calls, (NO_GRAD,))
        if not callable(calls):
            case = sized(Draws(seed), *distinct(sized, seed, most))
            _hold_again(student, reference, case, calls)
            ways = [way for way in WAYS_OF_CALLS if way != NO_GRAD or differentiable]
            _hold_called(student, reference, case, calls, ways)
            if differentiable:
                _hold_gradients_in_ways(student, reference, case, calls, seed)
                _hold_shared(student, reference, sized, calls, seed, most)
            if zero:
                _hold_at_zero(student, reference, case, calls)
            if differentiable:
                _hold_gradients(student, reference, sized, calls, seed, most)
            _hold_extremes(student, reference, sized, calls, seed, most)
            if long:
                _hold_long(student, reference, sized, calls, seed, most, long, differentiable)
        plan = list(enumerate(middles(sized, seed, most, work)))
        tried: list[tuple[Middle, float]] = []
        for number, middle in plan:
            before = student.spent
            try:
                if _too_slow(tried, middle):
                    raise OutOfPatience
                with student.patience(UNFORESEEN):
                    hold_all(student, reference, seed, [(number, middle)])
            except OutOfPatience:
                student.put_off = partial(hold_all, student, reference, seed, plan[number:])
                return
            tried.append((middle, student.spent - before))

    title = title or say("It is also right for larger inputs and in corner cases.")
    return as_property(test, title, points, needs)


def _hold(
    student: Student,
    reference: Reference,
    case: Case,
    calls: Calls,
    seed: int | None,
    dtype: torch.dtype = torch.float64,
) -> None:
    """Hold the results, and where there is a `seed` for the cotangents the gradients."""
    for name, arguments in calls.items():
        args = tuple(arguments(case))
        mine, right = getattr(student, name), getattr(reference, name)
        agree(mine(*args), _with_margin(right(*args), dtype))
        if seed is not None:
            agree(mine.gradients(*args, seed=seed), right.gradients(*args, seed=seed))


def _hold_again(student: Student, reference: Reference, case: Case, calls: Calls) -> None:
    """Hold the results of two calls that are alike but for the ends of the tensors."""
    for name, arguments in calls.items():
        args = tuple(arguments(case))
        mine, right = getattr(student, name), getattr(reference, name)
        for each in (args, with_another_end(args)):
            agree(mine(*each), right(*each))


def _hold_called(
    student: Student, reference: Reference, case: Case, calls: Calls, ways: Iterable[str]
) -> None:
    """Hold the results where a call is made in other ways: see `worker.invoke.WAYS`."""
    for name, arguments in calls.items():
        args = tuple(arguments(case))
        for way in ways:
            with said_with(way):
                mine, right = (
                    getattr(each, name).called(way, *args) for each in (student, reference)
                )
                agree(mine, right)


def _hold_gradients_in_ways(
    student: Student, reference: Reference, case: Case, calls: Calls, seed: int
) -> None:
    """Hold the gradients where they are asked for in other ways: see `worker.invoke.WAYS`."""
    for name, arguments in calls.items():
        args = tuple(arguments(case))
        both = getattr(student, name), getattr(reference, name)
        for way in WAYS_OF_GRADIENTS:
            with said_with(way):
                mine, right = (each.gradients(*args, seed=seed, way=way) for each in both)
                agree(mine, right)


def _hold_shared(
    student: Student,
    reference: Reference,
    sized: Callable[..., Case],
    calls: Calls,
    seed: int,
    most: Mapping[str, int] | None,
) -> None:
    """Hold the gradients where one tensor is given for two arguments of the same shape."""
    sizes = tuple(min(LIKE, bound) for bound in bounds_of(sized, most))
    for name, arguments in calls.items():
        args = tuple(arguments(sized(Draws(seed), *sizes)))
        mine, right = getattr(student, name), getattr(reference, name)
        for one, other in same_shaped(args)[:MOST_SHARED]:
            both = (*args[:other], args[one], *args[other + 1 :])
            try:
                agree(mine.gradients(*both, seed=seed), right.gradients(*both, seed=seed))
            except (Mismatch, StudentRaised) as problem:
                names = list(signature_of(reference.functions[name]).bind(*args).arguments)
                told = {"one": names[one], "other": names[other]}
                line = say("`{one}` and `{other}` are one and the same tensor here.", **told)
                raise problem.with_line(line) from None


def _hold_long(
    student: Student,
    reference: Reference,
    sized: Callable[..., Case],
    calls: Calls,
    seed: int,
    most: Mapping[str, int] | None,
    long: str,
    differentiable: bool,
) -> None:
    """Hold results and gradients where one axis is long, and the others are short."""
    sizes = [min(LEAST_BESIDE, bound) for bound in bounds_of(sized, most)]
    sizes[list(axes_of(sized)).index(long)] = LONG
    try:
        case = sized(Draws(seed), *sizes)
        _hold(student, reference, case, calls, seed if differentiable else None)
    except Mismatch as mismatch:
        raise _with_size(mismatch, student, reference) from None


def _hold_at_zero(student: Student, reference: Reference, case: Case, calls: Calls) -> None:
    """Hold the results with each optional number 0 in turn, where that gives a finite result."""
    for name, arguments in calls.items():
        for option, args, options in with_zero(reference.functions[name], tuple(arguments(case))):
            try:
                right = getattr(reference, name)(*args, **options)
            except Exception:  # noqa: S112  (the contract has no 0 here)
                continue
            if not is_finite(right.truth):
                continue
            try:
                agree(getattr(student, name)(*args, **options), right)
            except Mismatch as mismatch:
                told = say("`{name}` is 0 here: that is not the same as not given.", name=option)
                raise mismatch.with_line(told) from None


def _hold_gradients(
    student: Student,
    reference: Reference,
    sized: Callable[..., Case],
    calls: Calls,
    seed: int,
    most: Mapping[str, int] | None,
) -> None:
    """Hold the gradients where only some arguments want one, in each dtype, and with zeros."""
    sizes = distinct(sized, seed, most)
    for name, arguments in calls.items():
        mine, right = getattr(student, name).gradients, getattr(reference, name).gradients
        args = tuple(arguments(sized(Draws(seed), *sizes)))
        for some in wanted(list(leaves(args))):
            try:
                agree(mine(*args, seed=seed, wanted=some), right(*args, seed=seed, wanted=some))
            except Mismatch as mismatch:
                raise _with_wanted(mismatch, student, reference) from None
        for zeros in smooth_zeros(args, seed, right):
            agree(mine(*zeros, seed=seed), right(*zeros, seed=seed))
        for dtype in LOW_DTYPES:
            args = tuple(arguments(sized(Draws(seed, dtype), *sizes)))
            expected = _with_margin(right(*args, seed=seed), dtype)
            agree(mine(*args, seed=seed), expected)


def _hold_extremes(
    student: Student,
    reference: Reference,
    sized: Callable[..., Case],
    calls: Calls,
    seed: int,
    most: Mapping[str, int] | None,
) -> None:
    """Hold the results where one tensor, or two arguments, are very large, and around large means;
    where rounding leaves nothing to see of a result, or decides it, it is held to be no nan."""
    sizes = distinct(sized, seed, most)
    like = sized(Draws(seed), *sizes)
    changes = [(each, _bounds_of_large) for each in enlarged(like, seed)]
    changes += [(each, _bounds_that_show) for each in moved(like)]
    for number, (change, bounds) in enumerate(changes):
        usual = sized(Draws(seed + number), *sizes)
        case = change(usual)
        for name, arguments in calls.items():
            args = tuple(arguments(case))
            if tensors_equal(args, tuple(arguments(usual))):
                continue
            right = getattr(reference, name)(*args)
            if (allowed := bounds(right)) is None:
                continue
            mine = getattr(student, name)(*args)
            try:
                agree(mine, replace(right, bounds=allowed))
            except Mismatch:  # which may be a tie that fell the other way
                again = partial(getattr(reference, name).plain, *args)
                pairs = zip(hinging(again, right.truth, allowed), allowed, strict=True)
                allowed = tuple(math.inf if hinges else bound for hinges, bound in pairs)
                agree(mine, replace(right, bounds=allowed))


def _bounds_of_large(right: Expected) -> tuple[float, ...] | None:
    """How exact results of very large arguments have to be, which saturate, or are as large; None
    where they may not be squared, as another right way might do."""
    whole = list(all_leaves(right.truth))
    tensors = [leaf for leaf in whole if isinstance(leaf, torch.Tensor)]
    if not all(t.isfinite().all() for t in tensors) or max(map(magnitude, whole)) > MOST_MAGNITUDE:
        return None
    return tuple(RELATIVE_FLOAT64 * magnitude(leaf) + CANCELLATION_FLOAT64 for leaf in whole)


def _bounds_that_show(right: Expected) -> tuple[float, ...]:
    """The bounds of a right value, infinite ones where rounding may leave little of it."""
    pairs = zip(right.bounds, all_leaves(right.truth), strict=True)
    return tuple(bound if bound < VISIBLE * magnitude(leaf) else math.inf for bound, leaf in pairs)


def _with_wanted(mismatch: Mismatch, student: Student, reference: Reference) -> Mismatch:
    """The same, with a word on which arguments wanted a gradient."""
    call = student.example.records[-1].call
    names = inputs_by_name(reference.functions[call.function], call)
    listed = ", ".join(f"`{name}`" for name in names)
    return mismatch.with_line(say("Only {names} required a gradient here.", names=listed))


def _too_slow(tried: Sequence[tuple[Middle, float]], following: Middle) -> bool:
    """Whether it takes too long to go on, by the shares of the time limit that were spent.

    A hitch of the machine in one case tells nothing: the next will take the least of what those
    before foretell, and the slowest of them does not count.
    """
    if len(tried) < 2:
        return False
    foretold = min(spent * following.growth(before) for before, spent in tried)
    shares = sorted(spent for _, spent in tried)
    return sum(shares[:-1]) + foretold > FORESEEN


def _with_size(mismatch: Mismatch, student: Student, reference: Reference) -> Mismatch:
    """The same, with a word on how large the input was: too large to be written out."""
    call = student.example.records[-1].call
    tensors = tensors_by_name(reference.functions[call.function], call)
    if not tensors:
        return mismatch
    name, largest = max(tensors.items(), key=lambda item: item[1].numel())
    where = say("The largest input here is `{name}`, {shape}.", name=name, shape=shape(largest))
    return mismatch.with_line(where)


def _with_margin(right: Expected, dtype: torch.dtype) -> Expected:
    """In longer sums, another right order of operations may round worse than it does in short ones,
    for which the bound is made."""
    if dtype == torch.float64:
        return right
    return replace(right, bounds=tuple(LONG_SUMS * bound for bound in right.bounds))


def precision(
    cases: Callable[..., st.SearchStrategy[Case]],
    calls: Calls,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The same in lower precision, within a bound that follows from the reference's rounding.

    `cases` is called with `dtype`: float32, bfloat16, float16.
    """
    single = cases(dtype=torch.float32)
    half = cases(dtype=torch.bfloat16), cases(dtype=torch.float16)
    strategy = st.one_of(single, single, *half)
    title = title or say(
        "float32 and half precision keep their dtype, and are as exact as that dtype allows."
    )
    test = reference(strategy, calls, title=title, points=points, needs=needs, examples=14)
    return pytest.mark.dtypes(test)


def gradients(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """The vector-Jacobian products, with cotangents that differ in every element, are right."""

    @settings(PROFILE, max_examples=12)
    @given(cases, SEEDS)
    def test(student: Student, reference: Reference, case: Case, seed: int) -> None:
        for name, arguments in calls.items():
            args = tuple(arguments(case))
            agree(
                getattr(student, name).gradients(*args, seed=seed),
                getattr(reference, name).gradients(*args, seed=seed),
            )

    title = title or say("Gradients reach every argument and are right.")
    return pytest.mark.gradients(as_property(test, title, points, needs))


def layout(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """Transposed, strided and offset tensors of the same values give the same results."""

    @settings(PROFILE, max_examples=5)
    @given(cases)
    def test(student: Student, reference: Reference, case: Case) -> None:
        for name, arguments in calls.items():
            args = tuple(arguments(case))
            right = getattr(reference, name)(*args)
            for layout in LAYOUTS:
                agree(getattr(student, name)(*relayouted(args, layout)), right)

    title = title or say("Non-contiguous tensors (transposed, strided) give the same results.")
    return as_property(test, title, points, needs)


def inputs_unchanged(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    *,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """After a call, every tensor argument has the value that it had before.

    It also fails for whatever else any call of the exercise does beside giving its result.
    """

    @pytest.mark.effects
    @FEW
    @given(cases)
    def test(student: Student, case: Case) -> None:
        for name, arguments in calls.items():
            args = tuple(arguments(case))
            after = getattr(student, name).changes(*args)
            before = [(tensor.detach(), None) for tensor in leaves(args)]
            agree(after, Changed(after.names, before), within=0)

    title = title or say("The inputs are not changed.")
    return as_property(test, title, points, needs)


def speed(*, points: int, title: str | None = None) -> Property:
    """The running time, by the judge's clock, of what `speed.py` in the exercise's room says.

    It runs last, and only when all other properties have passed."""

    @pytest.mark.speed
    @pytest.mark.order(1_000)
    def test(clock: Clock, student: Student) -> None:
        clock.hold()
        if student.put_off is None:
            return
        # It is fast: either the machine was busy, or it is slow only where nobody times it, to be
        # spared the sizes that are wrong.
        try:
            student.put_off()
        except Hung:
            message = say("It is fast here, but was too slow for larger inputs to be tried.")
            raise Mismatch(message) from None

    title = title or say("It is fast enough, compared with the reference.")
    return as_property(test, title, points, ())


def batch(
    cases: st.SearchStrategy[Case],
    calls: Calls,
    *,
    batched: Sequence[str] | Mapping[str, int],
    results: Mapping[str, Sequence[int]] | None = None,
    points: int,
    needs: Sequence[str] = (),
    title: str | None = None,
) -> Property:
    """Each sample alone gives its part of the whole.

    `batched` names the fields of a case that hold the batch, with its axis; without, axis 0.
    `results` gives, for functions whose results do not all have it on axis 0, the axis in each
    tensor of the result, in order: `{"rnn_forward": (1, 0)}`.
    """
    fields = batched if isinstance(batched, Mapping) else dict.fromkeys(batched, 0)
    first, first_axis = next(iter(fields.items()))

    @FEW
    @given(cases)
    def test(student: Student, case: Case) -> None:
        for name, arguments in calls.items():
            whole = getattr(student, name)(*arguments(case))
            axes = (results or {}).get(name) or [0] * len(list(leaves(whole)))
            for n in range(getattr(case, first).shape[first_axis]):
                parts = {f: getattr(case, f).narrow(axis, n, 1) for f, axis in fields.items()}
                alone = getattr(student, name)(*arguments(case._replace(**parts)))
                agree(alone, mapped(partial(_narrowed, axes=iter(axes), n=n), whole))

    title = title or say("Samples in a batch do not affect each other, and a batch of one works.")
    return as_property(test, title, points, needs)


def _narrowed(tensor: torch.Tensor, axes: Iterator[int], n: int) -> torch.Tensor:
    return tensor.narrow(next(axes), n, 1)
