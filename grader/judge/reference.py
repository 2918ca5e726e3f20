"""The reference solution: right values, with a tolerance that follows from its own rounding."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from grader.judge.compare import (
    CANCELLATION_FLOAT64,
    RELATIVE_FLOAT64,
    Changed,
    Expected,
    Named,
    all_leaves,
    magnitude,
)
from grader.language import say
from grader.wire import Stream, leaves, mapped
from grader.worker.invoke import Invocation, Outcome, converted, differentiable, invoke

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
    """Run a trusted function on copies of the arguments, so that it cannot change the caller's."""
    return invoke(function, converted(call, torch.clone))


def asking_gradients(call: Invocation) -> Invocation:
    """The same call with every floating argument requiring a gradient."""

    def ask(tensor: torch.Tensor) -> torch.Tensor:
        return tensor.detach().requires_grad_(tensor.is_floating_point())

    return Invocation(call.function, mapped(ask, call.args), mapped(ask, call.kwargs))


def cotangents_for(value: Any, seed: int) -> tuple[torch.Tensor, ...]:
    """One drawn cotangent for each floating tensor of a result, different in every element."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(
        torch.randn(leaf.shape, generator=generator, dtype=torch.float64).to(leaf.dtype)
        for leaf in differentiable(value)
    )


def tensors_by_name(function: Callable[..., Any], call: Invocation) -> dict[str, torch.Tensor]:
    """The tensor arguments of a call by name, in order: `x`, `layers[0][1]`, `params['w']`."""
    arguments = signature_of(function).bind(*call.args, **call.kwargs).arguments
    return {
        name: leaf
        for argument, value in arguments.items()
        for name, leaf in _named(argument, value)
    }


def _named(name: str, value: Any) -> Iterator[tuple[str, torch.Tensor]]:
    if isinstance(value, torch.Tensor):
        yield name, value
    elif isinstance(value, Stream):
        yield from _named(name, value.items)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _named(f"{name}[{key!r}]", item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _named(f"{name}[{index}]", item)


def inputs_by_name(function: Callable[..., Any], call: Invocation) -> dict[str, torch.Tensor]:
    """The tensor arguments that require a gradient, by name, in order."""
    tensors = tensors_by_name(function, call)
    return {name: tensor for name, tensor in tensors.items() if tensor.requires_grad}


@dataclass(frozen=True)
class ReferenceFunction:
    """One function of the reference; its calls read like the student's and give `Expected`."""

    name: str
    function: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Expected:
        """The right result of the call."""
        return self._expected(Invocation(self.name, args, kwargs), _value)

    def gradients(self, *args: Any, seed: int, **kwargs: Any) -> Expected:
        """The right vector-Jacobian product, one tensor for each floating tensor argument."""
        call = asking_gradients(Invocation(self.name, args, kwargs))
        value = plain(self.function, call).value
        weights = cotangents_for(value, seed)
        inputs = inputs_by_name(self.function, call)

        def gradients(outcome: Outcome) -> Named:
            pairs = zip(inputs.items(), outcome.gradients or [], strict=True)
            return Named(
                gradient_of(),
                {name: torch.zeros_like(x) if g is None else g for (name, x), g in pairs},
            )

        return self._expected(Invocation(self.name, call.args, call.kwargs, weights), gradients)

    def changes(self, *args: Any, **kwargs: Any) -> Expected:
        """The arguments after the call: `(value, grad)` for each tensor, in order."""
        call = Invocation(self.name, args, kwargs, changes=True)
        names = tensors_by_name(self.function, call)

        def changes(outcome: Outcome) -> Changed:
            return Changed(names, [(each.value, each.grad) for each in outcome.changes or []])

        return self._expected(call, changes)

    def backwards(self, *args: Any, rounds: Any, **kwargs: Any) -> Expected:
        """What arrives in the parameters in each backward pass, and in one without the hooks."""
        call = Invocation(self.name, args, kwargs, backwards=tuple(map(tuple, rounds)))
        return self._expected(call, _backwards)

    def plain(self, *args: Any, **kwargs: Any) -> Any:
        """The bare result, on copies of the arguments."""
        return plain(self.function, Invocation(self.name, args, kwargs)).value

    def _expected(self, call: Invocation, part: Callable[[Outcome], Any]) -> Expected:
        form = mapped(torch.Tensor.detach, part(plain(self.function, call)))
        epsilon = max((_epsilon(tensor) for tensor in leaves((call.args, call.kwargs))), default=0)
        if epsilon <= torch.finfo(torch.float64).eps:
            floor = CANCELLATION_FLOAT64 * max(map(magnitude, call.tensors), default=0.0)
            bounds = [RELATIVE_FLOAT64 * magnitude(leaf) + floor for leaf in all_leaves(form)]
            return Expected(form, form, tuple(bounds))

        def run(convert: Callable[[torch.Tensor], torch.Tensor]) -> Any:
            exact = converted(call, lambda t: convert(t.double()) if t.is_floating_point() else t)
            return mapped(torch.Tensor.detach, part(invoke(self.function, exact)))

        truth = run(torch.clone)
        rounded = [
            run(functools.partial(_perturbed, epsilon=epsilon, seed=seed))
            for seed in range(PERTURBATIONS)
        ]
        # Where terms of the inputs' size cancel, or a result is nought, they leave their rounding.
        floor = epsilon * max(map(magnitude, call.tensors), default=0.0)
        return Expected(form, truth, tuple(_bounds(truth, [form, *rounded], epsilon, floor)))


def _value(outcome: Outcome) -> Any:
    return outcome.value


def _backwards(outcome: Outcome) -> Any:
    return outcome.backwards


def _epsilon(tensor: torch.Tensor) -> float:
    return torch.finfo(tensor.dtype).eps if tensor.is_floating_point() else 0.0


def _perturbed(tensor: torch.Tensor, epsilon: float, seed: int) -> torch.Tensor:
    """`tensor` with every element off by half a unit in the last place, one way or the other."""
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(0, 2, tensor.shape, generator=generator, dtype=torch.float64) - 0.5
    return tensor * (1 + epsilon * signs)


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


class Reference:
    """The functions of an exercise's reference solution, by name, as attributes."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self.functions = functions

    def __getattr__(self, name: str) -> ReferenceFunction:
        try:
            return ReferenceFunction(name, self.functions[name])
        except KeyError:
            raise AttributeError(f"the reference has no function {name!r}") from None
