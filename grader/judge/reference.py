"""The reference solution: right values, with a tolerance that follows from its own rounding."""

import contextlib
import functools
import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from grader.judge import handles
from grader.judge.compare import (
    CANCELLATION_FLOAT64,
    RELATIVE_FLOAT64,
    Changed,
    Expected,
    Named,
    all_leaves,
    magnitude,
    tensors_equal,
)
from grader.judge.story import (
    Memory,
    Story,
    Told,
    as_it_is,
    cotangents_for,
    names_of,
    retelling,
    telling,
    tensors_of,
)
from grader.language import say
from grader.wire import Stream, leaves, mapped
from grader.worker.effects import Effect
from grader.worker.invoke import Invocation, Outcome, converted, invoke
from grader.worker.objects import CALL, Find, from_torch

# Another right order of operations may round some times worse than the reference happened to.
SAFETY = 8.0
PERTURBATIONS = 3


def gradient_of() -> str:
    """What gradients are called, with a place for the argument's name."""
    return say("the gradient of `{}`")


@functools.cache
def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """The signature of a trusted function; to read it takes longer than many a call."""
    return inspect.signature(function)


def plain(function: Callable[..., Any], call: Invocation) -> Outcome:
    """Run a trusted function on copies of the arguments, so that it cannot change the caller's.

    A step with objects is taken at the end of its story, which is told to what stands beside the
    function, or class, in its module.
    """
    if isinstance(call, Told):
        return telling(call, names_of(function))
    return invoke(function, converted(call, torch.clone), watched=False)


def asking_gradients(call: Invocation, wanted: frozenset[int] | None = None) -> Invocation:
    """The same call with floating arguments requiring a gradient: every one, or those of the
    tensors, counted in order, that are `wanted`."""
    count = itertools.count()

    def ask(tensor: torch.Tensor) -> torch.Tensor:
        number = next(count)
        asks = tensor.is_floating_point() and (wanted is None or number in wanted)
        return tensor.detach().requires_grad_(asks)

    return Invocation(call.function, mapped(ask, call.args), mapped(ask, call.kwargs))


def tensors_by_name(function: Callable[..., Any], call: Invocation) -> dict[str, torch.Tensor]:
    """The tensor arguments of a call by name, in order: `x`, `layers[0][1]`, `params['w']`."""
    arguments = signature_of(function).bind(*call.args, **call.kwargs).arguments
    return {
        name: leaf
        for argument, value in arguments.items()
        for name, leaf in tensors_in(argument, value)
    }


def tensors_in(name: str, value: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Each tensor in a value, with the expression that gives it, where `name` is the value's."""
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, Stream):
        yield from tensors_in(name, value.items)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from tensors_in(f"{name}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from tensors_in(f"{name}[{index}]", item)


def inputs_by_name(function: Callable[..., Any], call: Invocation) -> dict[str, torch.Tensor]:
    """The tensor arguments that require a gradient, by name, in order."""
    tensors = tensors_by_name(function, call)
    return {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}


@dataclass(frozen=True)
class ReferenceFunction:
    """One function of the reference; its calls read like the student's and give `Expected`."""

    reference: "Reference"
    name: str

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself."""
        return self.reference.functions[self.name]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The right result of the call: `Expected`, or a handle where it is an object."""
        self.reference.asked_for.add(self.name)
        if handles.are_in(args, kwargs):
            return self.reference.result(self._step(args=args, kwargs=kwargs))
        return self._expected(Invocation(self.name, args, kwargs), _value)

    def called(self, way: str, *args: Any, **kwargs: Any) -> Any:
        """The right result of the call, made in one of the `worker.invoke.WAYS`."""
        self.reference.asked_for.add(self.name)
        if handles.are_in(args, kwargs):
            return self.reference.result(self._step(args=args, kwargs=kwargs, way=way))
        return self._expected(Invocation(self.name, args, kwargs, way=way), _value)

    def held(self, *args: Any, **kwargs: Any) -> Any:
        """A handle of the result, whatever it is."""
        return self.reference.result(self._step(args=args, kwargs=kwargs, must_keep=True))

    def _step(self, **rest: Any) -> Told:
        return handles.told(self.reference, CALL, function=self.name, **rest)

    def gradients(
        self,
        *args: Any,
        seed: int,
        wanted: frozenset[int] | None = None,
        way: str = "",
        **kwargs: Any,
    ) -> Expected:
        """The right vector-Jacobian product, one tensor for each floating tensor argument, or for
        each of those that are `wanted`: the numbers of tensors among all, in order; in one of the
        `worker.invoke.WAYS`. With objects among the arguments, for their parameters too."""
        self.reference.asked_for.add(self.name)
        if handles.are_in(args, kwargs):
            asking = handles.asking_gradients(args, kwargs, seed, wanted)
            return self.reference.gradients(self._step(**asking))
        call = self.reference.asked(Invocation(self.name, args, kwargs), seed, wanted)
        call = replace(call, way=way) if way else call
        inputs = inputs_by_name(self.function, call)

        def gradients(outcome: Outcome) -> Named:
            pairs = zip(inputs.items(), outcome.gradients or [], strict=True)
            return Named(
                gradient_of(),
                {name: torch.zeros_like(x) if g is None else g for (name, x), g in pairs},
            )

        return self._expected(call, gradients)

    def changes(self, *args: Any, **kwargs: Any) -> Expected:
        """The arguments after the call: `(value, grad)` for each tensor, in order."""
        self.reference.asked_for.add(self.name)
        if handles.are_in(args, kwargs):
            return self.reference.changed(self._step(args=args, kwargs=kwargs, changes=True))
        call = Invocation(self.name, args, kwargs, changes=True)
        names = tensors_by_name(self.function, call)

        def changes(outcome: Outcome) -> Changed:
            return Changed(names, [(each.value, each.grad) for each in outcome.changes or []])

        return self._expected(call, changes)

    def backwards(self, *args: Any, rounds: Any, **kwargs: Any) -> Expected:
        """What arrives in the parameters in each backward pass, and in one without the hooks."""
        self.reference.asked_for.add(self.name)
        call = Invocation(self.name, args, kwargs, backwards=tuple(map(tuple, rounds)))
        return self._expected(call, _backwards)

    def plain(self, *args: Any, **kwargs: Any) -> Any:
        """The bare result, on copies of the arguments."""
        return plain(self.function, Invocation(self.name, args, kwargs)).value

    def _expected(self, call: Invocation, part: Callable[[Outcome], Any]) -> Expected:
        form = mapped(torch.Tensor.detach, part(self.reference.outcome(call)))

        def run(convert: Convert) -> Any:
            return mapped(
                torch.Tensor.detach,
                part(invoke(self.function, converted(call, convert), watched=False)),
            )

        return expected(form, list(leaves((call.args, call.kwargs))), run)


Convert = Callable[[torch.Tensor], torch.Tensor]


def expected(form: Any, tensors: list[torch.Tensor], run: Callable[[Convert], Any]) -> Expected:
    """A right value of this form, which followed from `tensors`; `run` computes it anew, from them
    converted."""
    epsilon = max(map(_epsilon, tensors), default=0.0)
    if epsilon <= torch.finfo(torch.float64).eps:
        floor = CANCELLATION_FLOAT64 * max(map(magnitude, tensors), default=0.0)
        bounds = [RELATIVE_FLOAT64 * magnitude(leaf) + floor for leaf in all_leaves(form)]
        return Expected(form, form, tuple(bounds))
    if not any(map(_rounds, all_leaves(form))):
        return Expected(form, form, tuple(0.0 for _ in all_leaves(form)))

    truth = run(Widened())
    rounded = [run(Widened(epsilon, seed)) for seed in range(PERTURBATIONS)]
    # Where terms of the inputs' size cancel, or a result is nought, they leave their rounding.
    floor = epsilon * max(map(magnitude, tensors), default=0.0)
    return Expected(form, truth, tuple(_bounds(truth, [form, *rounded], epsilon, floor)))


def _value(outcome: Outcome) -> Any:
    return outcome.value


def _backwards(outcome: Outcome) -> Any:
    return outcome.backwards


def _epsilon(tensor: torch.Tensor) -> float:
    return torch.finfo(tensor.dtype).eps if tensor.is_floating_point() else 0.0


def _rounds(leaf: Any) -> bool:
    return isinstance(leaf, float) or (
        isinstance(leaf, torch.Tensor) and (leaf.is_floating_point() or leaf.is_complex())
    )


@dataclass(frozen=True)
class Widened:
    """Makes float64 of a floating tensor; with an `epsilon`, every element off by half a unit in
    the last place, one way or the other, which `seed` decides."""

    epsilon: float = 0.0
    seed: int = 0

    def __call__(self, tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point():
            return tensor
        if not self.epsilon:
            return tensor.double().clone()
        generator = torch.Generator().manual_seed(self.seed)
        shape = tensor.shape
        signs = torch.randint(0, 2, shape, generator=generator, dtype=torch.float64) - 0.5
        return tensor.double() * (1 + self.epsilon * signs)


def _bounds(truth: Any, others: list[Any], epsilon: float, floor: float) -> list[float]:
    """For each leaf, how far rounding alone can carry a right answer.

    The reference in the dtype of the inputs, and the truth on inputs that are off by half a unit
    in the last place, are both within reach of rounding: what they differ by, with a margin, and
    `floor`.
    """
    bounds = []
    columns = zip(*(list(all_leaves(value)) for value in (truth, *others)), strict=True)
    for right, *rounded in columns:
        if isinstance(right, float):
            reach = max(abs(other - right) for other in rounded)
        elif isinstance(right, torch.Tensor) and right.is_floating_point():
            reach = max(magnitude(other.double() - right) for other in rounded)
        else:
            bounds.append(0.0)
            continue
        bounds.append(SAFETY * (reach + epsilon * magnitude(right)) + floor)
    return bounds


@dataclass(frozen=True)
class _Answered:
    """A call and its outcome; what its key speaks of is kept, or another could get the same id."""

    call: Invocation
    grads: list[torch.Tensor | None]
    key: object
    outcome: Outcome


class Reference:
    """The functions of an exercise's reference solution, by name, as attributes.

    A property asks student and reference the same, one after the other. So the last outcome is
    remembered, and may be had while the student's worker is at it.
    """

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], given: Find = from_torch
    ) -> None:
        self.functions = functions
        self.given_by = given
        # Those whose results a property has held against the reference's: they have but one.
        self.asked_for: set[str] = set()
        self.forget()
        self._answered: _Answered | None = None
        self._asked: tuple[object, object, Invocation] | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.functions:
            raise AttributeError(f"the reference has no function {name!r}")
        if isinstance(self.functions[name], type):
            return handles.Maker(self, name)
        return ReferenceFunction(self, name)

    @property
    def given(self) -> handles.Given:
        """What `given.py` or torch gives to both sides: `reference.given.torch.nn.LSTM(4, 8)`."""
        return handles.Given(self)

    def forget(self) -> None:
        """Begin another run of a property: earlier objects are void."""
        self._story: Story | None = None
        self._memory = Memory()

    @property
    def story(self) -> Story:
        """What this run of a property has asked of the reference's objects."""
        if self._story is None:
            self._story = Story(self.given_by)
        return self._story

    def result(self, step: Told) -> Any:
        """The right result of a step: `Expected`, or a handle."""
        outcome = self.outcome(step)
        if outcome.held >= 0:
            return handles.Handle(self, step.story, outcome.held)
        return self._expected(step, _value)

    def read(self, step: Told) -> Expected:
        """The right items of a step that reads to the end."""
        if len(self.outcome(step).value) >= step.items:
            raise RuntimeError("the reference gives more items than are read")
        return self._expected(step, _value)

    def gradients(self, step: Told) -> Expected:
        """The right vector-Jacobian products of a step, by arguments' and parameters' names."""
        self.outcome(step)  # which draws the cotangents
        step = step.story.steps[step.place]
        return self._expected(step, functools.partial(self.named_gradients, step))

    def raised(self, error: type[Exception], step: Told) -> None:
        """Hold that a step raises `error`. AssertionError where the reference does not."""
        try:
            self.outcome(step)
        except error:
            return
        raise AssertionError(f"the reference does not raise {error.__name__}")

    def named_gradients(self, step: Told, outcome: Outcome) -> Named:
        """The gradients in an outcome of the reference's, by name."""
        pairs = zip(self.inputs_of(step).items(), outcome.gradients or [], strict=True)
        named = {name: torch.zeros_like(x) if g is None else g for (name, x), g in pairs}
        for key, gradient in (outcome.parameters or {}).items():
            if gradient is not None:
                named[handles.parameter(step, key)] = gradient
        return Named(gradient_of(), named)

    def inputs_of(self, step: Told) -> dict[str, torch.Tensor]:
        """The tensor arguments of a step that require a gradient, by name, in order."""
        named = {f"[{n}]": each for n, each in enumerate(step.args)} | step.kwargs
        if signature := handles.signature(step, self.functions):
            named = signature.bind(*step.args, **step.kwargs).arguments
        return {
            name: leaf
            for argument, value in named.items()
            for name, leaf in tensors_in(argument, value)
            if leaf.requires_grad
        }

    def changed(self, step: Told) -> Expected:
        """The tensor arguments of a step as they are afterwards: `(value, grad)` for each."""

        def changes(outcome: Outcome) -> Changed:
            names = [f"argument {n}" for n, _ in enumerate(outcome.changes or [])]
            return Changed(names, [(each.value, each.grad) for each in outcome.changes or []])

        return self._expected(step, changes)

    def _expected(self, step: Told, part: Callable[[Outcome], Any]) -> Expected:
        form = mapped(torch.Tensor.detach, part(self.outcome(step)))

        def run(convert: Convert) -> Any:
            outcome = retelling(step, self.functions, convert)
            return mapped(as_it_is, part(outcome))

        return expected(form, [*tensors_of(step), *leaves(form)], run)

    def expected(self, call: Invocation, part: Callable[[Outcome], Any]) -> Expected:
        """What is right for a part of the outcome of a call, or of a step."""
        if isinstance(call, Told):
            return self._expected(call, part)
        return ReferenceFunction(self, call.function)._expected(call, part)

    def outcome(self, call: Invocation) -> Outcome:
        """What comes of a call, made on copies of the arguments; of a step, in its story."""
        if isinstance(call, Told):
            return self._memory.outcome(call, self.functions, _key)
        last = self._answered
        if last is None or (last.call is not call and last.key != _key(call)):
            outcome = plain(self.functions[call.function], call)
            last = self._answered = _Answered(call, _grads(call), _key(call), outcome)
        return last.outcome

    def effects(self, call: Invocation) -> Sequence[Effect]:
        """What a call does beside giving a result, made on copies of the arguments; a step, in its
        story."""
        if isinstance(call, Told):
            return self.outcome(call).effects
        return invoke(self.functions[call.function], converted(call, torch.clone)).effects

    def draws(self, step: Told) -> bool:
        """Whether what is right for a step is drawn anew each time, as first weights are."""
        try:
            one, other = (telling(step, self.functions, seed=seed).value for seed in (0, 10_000))
        except Exception:  # it should raise
            return False
        return not tensors_equal(one, other)

    def anticipate(self, call: Invocation) -> None:
        """Have the outcome of a call ready, where there is one."""
        with contextlib.suppress(Exception):  # raised again for who asks for it
            self.outcome(call)

    def asked(
        self, call: Invocation, seed: int, wanted: frozenset[int] | None = None
    ) -> Invocation:
        """The call that asks for the vector-Jacobian product with drawn cotangents too."""
        key = _key(call), seed, wanted
        if self._asked is None or self._asked[0] != key:
            asking = asking_gradients(call, wanted)
            value = plain(self.functions[call.function], asking).value
            weights = cotangents_for(value, seed)
            whole = Invocation(call.function, asking.args, asking.kwargs, weights)
            self._asked = key, (call, _grads(call)), whole
        return self._asked[-1]


def _grads(call: Invocation) -> list[torch.Tensor | None]:
    return [tensor.grad for tensor in call.tensors if tensor.is_leaf]


_SIMPLE = frozenset((bool, int, float, str, torch.dtype))


def _key(value: Any) -> object:
    """What equals the key of another value only where nothing can tell the two apart.

    Tensors are told by who they are and how often they were written to.
    """
    if value is None or type(value) in _SIMPLE:
        return type(value), repr(value)
    if isinstance(value, torch.Tensor):
        grad = _key(value.grad) if value.is_leaf else None
        return id(value), value._version, value.requires_grad, grad
    if isinstance(value, list | tuple | Stream):
        items = value.items if isinstance(value, Stream) else value
        return type(value), tuple(map(_key, items))
    if isinstance(value, dict):
        return type(value), tuple((_key(name), _key(item)) for name, item in value.items())
    if isinstance(value, Invocation):
        return tuple(map(_key, value.__dict__.values()))
    return object()
