"""Run one call of a function under test: plain, with gradients, with changes, with hooks.

The worker runs the student's functions with this, and the judge its reference, so that both
sides mean the same by a call.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import torch

from grader.wire import Stream, leaves, mapped

# What side effects are observed with, bound before any submission is loaded: of C, and not to be
# replaced in torch's own classes.
_GRAD: Any = torch._C.TensorBase.grad
_IS_LEAF: Any = torch._C.TensorBase.is_leaf
_CLONE = torch._C.TensorBase.clone
_MULTIPLY = torch._C.TensorBase.mul
_SUM = torch._C.TensorBase.sum
_STACK = torch.stack
_EQUAL = torch.equal
_RAND = torch.rand
_ONES_LIKE = torch.ones_like
_GENERATOR = torch.default_generator
_BACKWARD = torch.autograd.Variable._execution_engine.run_backward


@dataclass(frozen=True)
class Invocation:
    """One call, and what is to be observed of it.

    `cotangents`: one tensor per floating tensor of the result, in order; asks for the
    vector-Jacobian product with respect to every tensor argument that requires a gradient. In the
    judge, they may be made from the result.
    `changes`: report every tensor argument as it stands after the call, and whether a list or a
    dict among the arguments was itself changed.
    `generator`: report whether torch's global generator was moved.
    `backwards`: the arguments are parameters and the result is a list of hook handles; for each
    list of gradients in `backwards`, run a backward pass that sends these to the parameters and
    report what arrives; then remove the handles and run the last one again.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    cotangents: tuple[torch.Tensor, ...] | Callable[[Any], Any] | None = None
    changes: bool = False
    backwards: tuple[tuple[torch.Tensor, ...], ...] | None = None
    generator: bool = False

    def fields(self) -> dict[str, Any]:
        """The parts as plain values for the wire."""
        return dict(self.__dict__)

    @property
    def shown(self) -> str:
        """What a message calls it."""
        return self.function

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The tensor arguments, in order."""
        return [*leaves(self.args), *leaves(self.kwargs)]


@dataclass(frozen=True)
class Change:
    """A tensor argument after the call: its values, and those of its gradient.

    `grad_object` is the tensor that was `.grad` before the call, `grad` what `.grad` is now; they
    differ where a gradient was replaced rather than changed in place.
    """

    value: torch.Tensor
    grad_object: torch.Tensor | None
    grad: torch.Tensor | None


@dataclass(frozen=True)
class Outcome:
    """What a call gave: its value and, where they were asked for, the other observations."""

    value: Any
    gradients: list[torch.Tensor | None] | None = None
    changes: list[Change] | None = None
    backwards: list[list[torch.Tensor | None]] | None = None
    disturbed: bool = False  # a container among the arguments was changed, or the generator moved
    # Of a step with objects (`grader.worker.objects`): what it gave, where that is kept rather than
    # sent, by its number, -1 for none, and of which type it is; gradients of what objects hold.
    held: int = -1
    kind: str = ""
    parameters: dict[str, torch.Tensor | None] | None = None


def invoke(
    function: Callable[..., Any], call: Invocation, also: Sequence[torch.Tensor] = ()
) -> Outcome:
    """Call `function` as `call` says. Whatever `function` raises passes through.

    Gradients go to the tensors among the arguments, then to those of `also`, which require one.
    """
    tensors = call.tensors
    grads = list(map(_grad_of, tensors))
    args, kwargs = _unrolled(call.args), _unrolled(call.kwargs)
    before = _shape((args, kwargs)) if call.changes else None
    state = None
    if call.generator:
        _RAND(1)  # a call that seeds anew would find the state that it left last time
        state = _GENERATOR.get_state()
    value = function(*args, **kwargs)
    disturbed = before is not None and before != _shape((args, kwargs))
    if state is not None:
        disturbed = not _EQUAL(state, _GENERATOR.get_state())
    if call.backwards is not None:
        return Outcome(None, backwards=_backwards(value, tensors, call.backwards))
    gradients = None
    if call.cotangents is not None:
        weights = call.cotangents
        if callable(weights):  # in the judge, where they are drawn when the shapes are known
            weights = weights(value)
        gradients = _vector_jacobian(value, [*tensors, *also], weights)
    changes = None
    if call.changes:
        changes = [
            Change(tensor, before, _grad_of(tensor))
            for tensor, before in zip(tensors, grads, strict=True)
        ]
    return Outcome(value, gradients, changes, disturbed=disturbed)


def _grad_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The gradient of a leaf; None for any other tensor."""
    return _GRAD.__get__(tensor) if _IS_LEAF.__get__(tensor) else None


def differentiable(value: object) -> list[torch.Tensor]:
    """The floating tensors in `value`, in order: those that a cotangent belongs to."""
    return [tensor for tensor in leaves(value) if tensor.is_floating_point()]


def _unrolled(value: Any) -> Any:
    if isinstance(value, Stream):
        return (item for item in value.items)
    if isinstance(value, list | tuple):
        return type(value)(_unrolled(item) for item in value)
    if isinstance(value, dict):
        return {key: _unrolled(item) for key, item in value.items()}
    return value


def _shape(value: Any) -> Any:
    """Which objects stand where in lists and dicts."""
    if isinstance(value, list | tuple):
        return [_shape(item) for item in value]
    if isinstance(value, dict):
        return [(key, _shape(item)) for key, item in value.items()]
    return id(value)


def _vector_jacobian(
    value: Any, tensors: list[torch.Tensor], cotangents: Iterable[torch.Tensor]
) -> list[torch.Tensor | None]:
    inputs = [tensor for tensor in tensors if tensor.requires_grad]
    # A shape that does not fit is for the judge to speak of, which sees the value too.
    pairs = [
        (output, cotangent)
        for output, cotangent in zip(differentiable(value), cotangents, strict=False)
        if output.requires_grad
        and output.shape == cotangent.shape
        and output.dtype == cotangent.dtype
    ]
    if not pairs:
        return [None] * len(inputs)
    # One scalar instead of `grad_outputs`, for which torch would import 500 modules.
    scalar = _weighted_sum(pairs)
    return list(torch.autograd.grad(scalar, inputs, allow_unused=True))


def _weighted_sum(pairs: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    return _SUM(_STACK([_SUM(_MULTIPLY(value, weight)) for value, weight in pairs]))


def _backwards(
    handles: Any, parameters: list[torch.Tensor], rounds: Iterable[tuple[torch.Tensor, ...]]
) -> list[list[torch.Tensor | None]]:
    def backward(weights: tuple[torch.Tensor, ...]) -> list[torch.Tensor | None]:
        for parameter in parameters:
            _GRAD.__set__(parameter, None)
        scalar = _weighted_sum(zip(parameters, weights, strict=True))
        # As `Tensor.backward` calls it: accumulate into the leaves, keep no graph.
        _BACKWARD(
            (scalar,),
            (_ONES_LIKE(scalar),),
            False,
            False,
            (),
            allow_unreachable=True,
            accumulate_grad=True,
        )
        grads = [_GRAD.__get__(parameter) for parameter in parameters]
        return [None if grad is None else _CLONE(grad) for grad in grads]

    weights: tuple[torch.Tensor, ...] = ()
    results = []
    for weights in rounds:
        results.append(backward(weights))
    # Only now: a generator that registers its hooks when it is read has registered none so far.
    try:
        handles = list(handles)
    except TypeError:
        kind = type(handles).__name__
        raise TypeError(f"a list of the hooks' handles should come back, not {kind}") from None
    for handle in handles:
        handle.remove()
    results.append(backward(weights))
    return results


Called = TypeVar("Called", bound=Invocation)
_TENSORS = ("args", "kwargs", "cotangents", "backwards")  # the fields that may hold some


def converted(call: Called, convert: Callable[[torch.Tensor], torch.Tensor]) -> Called:
    """The same call with `convert` applied to its tensors, and to their `.grad`.

    What requires a gradient still does. The tensors are new leaves even where `convert` gives
    back what it got.
    """

    def copy(tensor: torch.Tensor) -> torch.Tensor:
        result = convert(tensor.detach())
        if result.is_floating_point():
            result = result.detach().requires_grad_(tensor.requires_grad)
            if tensor.is_leaf and tensor.grad is not None:
                result.grad = convert(tensor.grad)
        return result

    return replace(call, **{name: mapped(copy, getattr(call, name)) for name in _TENSORS})
