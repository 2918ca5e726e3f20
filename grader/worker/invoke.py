"""Run one call of a function under test: plain, with gradients, with changes, with hooks.

The worker runs the student's functions with this, and the judge its reference, so that both
sides mean the same by a call.
"""

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, replace
from typing import Any, TypeVar

import torch

from grader.wire import Stream, leaves, mapped
from grader.worker.effects import (
    COTANGENT,
    ITEMS,
    LEFT,
    Arguments,
    Effect,
    Settings,
    contents,
    grad_of,
)

# What side effects are observed with, bound before any submission is loaded: of C, and not to be
# replaced in torch's own classes.
_GRAD: Any = torch._C.TensorBase.grad
_CLONE = torch._C.TensorBase.clone
_ADD = torch._C.TensorBase.add
_EQUAL = torch.equal
_RAND = torch.rand
_GENERATOR = torch.default_generator
# Those that can be multiplied with one another: a wrong one is for the judge to speak of, too.
_FLOATING = frozenset({torch.float64, torch.float32, torch.bfloat16, torch.float16})
_MUL = torch._C.TensorBase.mul_
_default, _set_default = torch.get_default_dtype, torch.set_default_dtype
_is_recording, _record = torch._C.is_grad_enabled, torch._C._set_grad_enabled
_Parameter = torch.nn.Parameter
_BACKWARD = torch.autograd.Variable._execution_engine.run_backward


# In which ways a call may be made, beside the plain one: under `torch.no_grad()`; with arguments
# that were computed, and are no leaves, or that are parameters; with tensors that were given
# before and have changed in place since; with float64 for torch's default dtype. And gradients:
# asked for twice, with a gradient of the result that is not contiguous, of the first or the last
# result alone.
NO_GRAD, COMPUTED, PARAMETERS, AGAIN = "no_grad", "computed", "parameters", "again"
DOUBLE = "double"
TWICE, TRANSPOSED, FIRST, LAST = "twice", "transposed", "first", "last"
WAYS = (NO_GRAD, COMPUTED, PARAMETERS, AGAIN, DOUBLE, TWICE, TRANSPOSED, FIRST, LAST)
HALF = 0.5  # what changes in place is halved


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
    `way`: one of `WAYS`, or empty.
    """

    function: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    cotangents: tuple[torch.Tensor, ...] | Callable[[Any], Any] | None = None
    changes: bool = False
    backwards: tuple[tuple[torch.Tensor, ...], ...] | None = None
    generator: bool = False
    way: str = ""

    def fields(self) -> dict[str, Any]:
        """The parts as plain values for the wire; what is as it mostly is goes without saying."""
        return said(self.__dict__, UNSAID)

    @property
    def shown(self) -> str:
        """What a message calls it."""
        return self.function

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The tensor arguments, in order."""
        return [*leaves(self.args), *leaves(self.kwargs)]


def defaults(kind: type) -> dict[str, Any]:
    """What the fields of a dataclass are where nobody says."""
    found = {each.name: each for each in dataclasses.fields(kind)}
    plain = {name: each.default for name, each in found.items() if each.default is not MISSING}
    made = {n: f.default_factory() for n, f in found.items() if f.default_factory is not MISSING}
    return plain | made


UNSAID = defaults(Invocation)
# What an outcome has as plain values, beside its value, where nothing else was seen.
NOTHING_ELSE: dict[str, Any] = {
    "devices": [],
    "gradients": None,
    "changes": None,
    "backwards": None,
    "disturbed": False,
    "effects": [],
}


def said(fields: Mapping[str, Any], unsaid: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are not as `unsaid` has them: each costs both ends its time in every call."""
    return {n: value for n, value in fields.items() if n not in unsaid or value != unsaid[n]}


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
    effects: Sequence[Effect] = ()  # whatever else became of the arguments and of torch's settings
    # Of a step with objects (`grader.worker.objects`): what it gave, where that is kept rather than
    # sent, by its number, -1 for none, and of which type it is; gradients of what objects hold.
    held: int = -1
    kind: str = ""
    parameters: dict[str, torch.Tensor | None] | None = None


def invoke(
    function: Callable[..., Any],
    call: Invocation,
    settle: Callable[[], None] = lambda: None,
    *,
    watched: bool = True,
    also: Sequence[torch.Tensor] = (),
    may_draw: bool = False,
    left: list[str] | None = None,
) -> Outcome:
    """Call `function` as `call` says. Whatever `function` raises passes through; which of torch's
    settings it left otherwise then is added to `left`.

    `settle` puts torch's settings back once the function is done, before gradients are computed.
    What is not `watched` has no effects, which takes less time. Gradients go to the tensors among
    the arguments, then to those of `also`, which require one. What `may_draw` may move torch's
    global generator.
    """
    watched = watched or call.changes
    leaves_of = call
    if call.way in (COMPUTED, PARAMETERS):
        call = _remade(call)
        leaves_of = leaves_of if call.way == COMPUTED else call
    tensors = call.tensors
    # The call may make it others.
    asked = [tensor for tensor in leaves_of.tensors if tensor.requires_grad]
    grads = list(map(grad_of, tensors))
    args, kwargs = _unrolled(call.args), _unrolled(call.kwargs)
    if call.way == AGAIN:
        first = function(*args, **kwargs)
        if type(first) is types.CoroutineType:
            first.close()  # Python warns of one that nobody awaits
        settle()
        _halve(tensors)
    before = Arguments(tensors, (*args, *kwargs.values())) if watched else None
    was_recording, was_default = _is_recording(), _default()
    if call.way == NO_GRAD:
        _record(False)
    if call.way == DOUBLE:
        _set_default(torch.float64)
    settings = Settings(may_draw=may_draw) if watched else None
    state = None
    if call.generator:
        _RAND(1)  # a call that seeds anew would find the state that it left last time
        state = _GENERATOR.get_state()
    effects: list[Effect] = []
    try:
        value = function(*args, **kwargs)
        if settings is not None:
            effects += settings.changed()
    except BaseException:
        if settings is not None and left is not None:
            left += [kind for kind, _ in settings.changed() if kind in LEFT]
        raise
    finally:
        if call.way == NO_GRAD:
            _record(was_recording)
        if call.way == DOUBLE:
            _set_default(was_default)
    settle()
    if before is not None:
        effects += before.called()
    disturbed = call.changes and (ITEMS, -1) in effects
    if state is not None:
        disturbed = not _EQUAL(state, _GENERATOR.get_state())
    gradients = backwards = None
    given: tuple[torch.Tensor, ...] = ()
    if call.backwards is not None:
        given = tuple(weight for weights in call.backwards for weight in weights)
    elif call.cotangents is not None:
        # In the judge they are drawn when the shapes are known.
        given = call.cotangents(value) if callable(call.cotangents) else call.cotangents
    sent = list(map(contents, given)) if watched else []
    if call.backwards is not None:
        value, backwards = None, _backwards(value, tensors, call.backwards)
    elif call.cotangents is not None:
        gradients = _vector_jacobian(value, [*asked, *also], given, call.way)
    if watched and sent != list(map(contents, given)):
        effects.append((COTANGENT, -1))
    changes = None
    if call.changes and backwards is None:
        changes = [
            Change(tensor, grad, grad_of(tensor))
            for tensor, grad in zip(tensors, grads, strict=True)
        ]
    if before is not None:
        effects += before.values()
    return Outcome(value, gradients, changes, backwards, disturbed, tuple(effects))


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


def _remade(call: Invocation) -> Invocation:
    """The call with what its way makes of the arguments: each tensor once, wherever it stands."""
    made: dict[int, torch.Tensor] = {}

    def change(tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point():
            return tensor
        if id(tensor) not in made:
            made[id(tensor)] = (
                _CLONE(tensor)
                if call.way == COMPUTED
                else _Parameter(tensor.detach(), tensor.requires_grad)
            )
        return made[id(tensor)]

    return replace(call, args=mapped(change, call.args), kwargs=mapped(change, call.kwargs))


def _halve(tensors: Iterable[torch.Tensor]) -> None:
    """Change what floats in place."""
    was_recording = _is_recording()
    _record(False)
    try:
        for tensor in {id(each): each for each in tensors}.values():
            if tensor.is_floating_point():
                _MUL(tensor, HALF)
    finally:
        _record(was_recording)


def _transposed(tensor: torch.Tensor) -> torch.Tensor:
    """The same numbers, which lie in another order, or apart."""
    if tensor.dim() > 1:
        return tensor.mT.contiguous().mT
    return tensor.repeat_interleave(2)[::2] if tensor.dim() else tensor


def _vector_jacobian(
    value: Any, asked: list[torch.Tensor], cotangents: Iterable[torch.Tensor], way: str = ""
) -> list[torch.Tensor | None]:
    inputs = [tensor for tensor in asked if tensor.requires_grad]
    # A shape that does not fit is for the judge to speak of, which sees the value too.
    pairs = [
        (output, cotangent)
        for output, cotangent in zip(differentiable(value), cotangents, strict=False)
        if output.requires_grad and output.shape == cotangent.shape and output.dtype in _FLOATING
    ]
    if not pairs or not inputs:
        return [None] * len(asked)
    if way in (FIRST, LAST):
        pairs = pairs[:1] if way == FIRST else pairs[-1:]
    outputs, weights = zip(*pairs, strict=True)
    if way == TRANSPOSED:
        weights = tuple(map(_transposed, weights))

    def backward(*, again: bool = False) -> Any:
        # As `torch.autograd.grad` calls it, which would import 500 modules. The cotangents
        # themselves go in: a backward pass that writes to what it is given is seen to.
        return _BACKWARD(
            outputs,
            weights,
            again,
            False,
            tuple(inputs),
            allow_unreachable=True,
            accumulate_grad=False,
        )

    if way == TWICE:
        backward(again=True)
    found = iter(backward())
    return [next(found) if tensor.requires_grad else None for tensor in asked]


def _backwards(
    handles: Any, parameters: list[torch.Tensor], rounds: Iterable[tuple[torch.Tensor, ...]]
) -> list[list[torch.Tensor | None]]:
    def backward(weights: tuple[torch.Tensor, ...]) -> list[torch.Tensor | None]:
        for parameter in parameters:
            _GRAD.__set__(parameter, None)
        # As `Tensor.backward` calls it: accumulate into the leaves, keep no graph. What is sent is
        # what the hooks get, and not only theirs: in `(a + b) * w` both get one tensor.
        _BACKWARD(
            tuple(_ADD(parameter, 0) for parameter in parameters),
            weights,
            False,
            False,
            (),
            allow_unreachable=True,
            accumulate_grad=True,
        )
        grads = [_GRAD.__get__(parameter) for parameter in parameters]
        return [None if grad is None else _CLONE(grad) for grad in grads]

    results = []
    last: tuple[torch.Tensor, ...] = ()
    for weights in rounds:
        last = tuple(map(_CLONE, weights))  # as it was, if a hook writes to what it is given
        results.append(backward(weights))
    # Only now: a generator that registers its hooks when it is read has registered none so far.
    try:
        handles = list(handles)
    except TypeError:
        kind = type(handles).__name__
        raise TypeError(f"a list of the hooks' handles should come back, not {kind}") from None
    for handle in handles:
        handle.remove()
    results.append(backward(last))
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
