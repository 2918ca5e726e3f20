"""Steps with objects: construct one, call it, ask it, iterate over it; what comes back may be kept.

The worker runs the student's classes with this, and the judge its reference, so that both sides
mean the same by a step. An object never travels. It is kept in a table under the number that the
judge gave it, and later steps speak of it by that number (`wire.Held`), as what they are made on or
as an argument. What a step gives is sent where it is made of plain values and tensors; anything
else is kept. Objects live as long as their story, of which a worker holds one at a time.
"""

import copy
import sys
import types
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from grader.wire import Held
from grader.worker.effects import Results
from grader.worker.invoke import Invocation, Outcome, defaults, invoke, said

CONSTRUCT, CALL, GIVEN, NAMED = "construct", "call", "given", "named"
METHOD, ATTRIBUTE, ITEMS, READ = "method", "attribute", "items", "read"

MOST_LOOKED_AT = 20_000  # parts of a value, to see whether it can be sent
MOST_KIND = 200

# Bound before any submission is loaded.
_Module = torch.nn.Module
_TO: Any = _Module.to
_PARAMETERS = _Module.named_parameters
_MODULES: Any = _Module.modules
_REQUIRES: Any = torch._C.TensorBase.requires_grad
_COPY: Any = copy.deepcopy  # what is given besides torch
# What torch gives by name; a submission can bind its names anew.
_GIVEN: dict[str, dict[str, Any]] = {
    module.__name__: dict(vars(module))
    for module in (
        *(torch, torch.autograd, torch.optim),
        *(torch.nn, torch.nn.functional, torch.nn.utils),
    )
}


@dataclass(frozen=True)
class Step(Invocation):
    """One step: an invocation on an object, or one that speaks of objects.

    `function` is the name of the contract that the step belongs to, empty for what is given.
    `on` is the number of the object that the step is made on, -1 where there is none, and `name`
    the method or attribute asked for, or the path of what is given. What comes back is kept under
    `keep` where it cannot be sent, or `must_keep` says so; what is `READ` never is. `items` is how
    many are read of an iterator. With `cotangents`, gradients go to the parameters of all objects
    in the step as well.
    """

    kind: str = CALL
    name: str = ""
    on: int = -1
    keep: int = 0
    must_keep: bool = False
    items: int = 0

    def fields(self) -> dict[str, Any]:
        """The parts as plain values for the wire; what is as it mostly is goes without saying."""
        return said({name: getattr(self, name) for name in STEP}, UNSAID)


STEP = tuple(Step.__dataclass_fields__)
UNSAID = defaults(Step)
# What the outcome of a step has besides, where nothing is kept and no gradients are asked for.
NOTHING_HELD: dict[str, Any] = {"held": -1, "kind": "", "parameters": None}

Find = Callable[[str], Any]  # what a name of the contract, or one that is given, stands for


def perform(
    step: Step,
    objects: MutableMapping[int, Any],
    named: Find,
    given: Find,
    settle: Callable[[], None] = lambda: None,
    *,
    watched: bool = True,
    results: Results | None = None,
    left: list[str] | None = None,
) -> Outcome:
    """Take one step; what it keeps is put into `objects`. What is raised passes through, and `left`
    is as for `invoke`. `settle` puts torch's settings back before gradients are computed. What is
    not `watched` has no effects.

    A step may draw where it constructs, or where a module is in training mode; and what it leaves
    behind in its objects is what it is for. Of what objects were called for, `results` are looked
    at again.
    """
    function = _function(step, objects, named, given)
    # What is read may stand still between two items in a mode of its own.
    is_own = bool(step.function) and step.kind in (CONSTRUCT, CALL, METHOD)

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*_there(args, objects), **_there(kwargs, objects))

    asked = {} if step.cotangents is None else dict(_parameters(step, objects))
    outcome = invoke(
        call,
        step,
        settle,
        watched=watched and is_own,
        also=list(asked.values()),
        may_draw=step.kind == CONSTRUCT or _is_training(step, objects),
        left=left,
    )
    effects = outcome.effects
    if results is not None and is_own and (step.kind == CALL or step.name == "__call__"):
        effects = (*effects, *results.changed())
        results.keep(outcome.value)
    value, gradients, parameters = outcome.value, outcome.gradients, None
    if step.cotangents is not None:
        count = len(gradients or []) - len(asked)
        parameters = dict(zip(asked, (gradients or [])[count:], strict=True))
        gradients = (gradients or [])[:count]
    if not step.must_keep and (step.kind == READ or _is_plain(value)):
        changes = outcome.changes
        return Outcome(value, gradients, changes, effects=effects, parameters=parameters)
    objects[step.keep] = value
    number = step.on if step.on >= 0 and value is objects[step.on] else step.keep
    kind = str(type(value).__name__)[:MOST_KIND]
    return Outcome(
        None,
        gradients,
        outcome.changes,
        effects=effects,
        held=number,
        kind=kind,
        parameters=parameters,
    )


def _function(
    step: Step, objects: Mapping[int, Any], named: Find, given: Find
) -> Callable[..., Any]:
    if step.kind in (CONSTRUCT, CALL):
        return named(step.function)  # type: ignore[no-any-return]
    if step.kind == GIVEN:
        return given(step.name)  # type: ignore[no-any-return]
    if step.kind == NAMED:
        return lambda: given(step.name)
    target = objects[step.on]
    if step.kind == ATTRIBUTE:
        return lambda: getattr(target, step.name)
    if step.kind in (ITEMS, READ):
        return lambda: list(islice(iter(target), step.items))
    if step.name == "__iter__":  # which not all have that can be iterated over
        return lambda: iter(target)
    if step.name == "__call__":
        return lambda *args, **kwargs: target(*args, **kwargs)
    return getattr(target, step.name)  # type: ignore[no-any-return]


def _is_training(step: Step, objects: Mapping[int, Any]) -> bool:
    """Whether a module in the step is in training mode, so that it may drop what it draws."""
    own = [step.on] if step.on >= 0 else []
    found = (objects[each] for each in [*own, *held_in(step.args), *held_in(step.kwargs)])
    return any(_in_training(each) for each in found if issubclass(type(each), _Module))


def _in_training(module: Any) -> bool:
    # As torch keeps it, whatever the module's class says of itself.
    return any(vars(each).get("training", False) for each in _MODULES(module))


def _there(value: Any, objects: Mapping[int, Any]) -> Any:
    """`value` with the objects in place of their numbers."""
    if isinstance(value, Held):
        return objects[value.number]
    if next(held_in(value), None) is None:
        return value  # itself, so that it is seen whether it was changed
    if isinstance(value, list | tuple):
        return type(value)(_there(item, objects) for item in value)
    if isinstance(value, dict):
        return {key: _there(item, objects) for key, item in value.items()}
    return value


def held_in(value: Any) -> Iterator[int]:
    """The numbers of the objects in the arguments of a step, in order."""
    if isinstance(value, Held):
        yield value.number
    elif isinstance(value, dict):
        for item in value.values():
            yield from held_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from held_in(item)


def _parameters(step: Step, objects: Mapping[int, Any]) -> Iterator[tuple[str, torch.Tensor]]:
    """What the objects of a step hold that asks for a gradient: `3.weight` of the object 3."""
    own = [step.on] if step.on >= 0 else []
    for number in dict.fromkeys([*own, *held_in(step.args), *held_in(step.kwargs)]):
        for name, tensor in _tensors(objects[number]):
            if _REQUIRES.__get__(tensor):
                yield f"{number}.{name}", tensor


def _tensors(value: Any) -> Iterator[tuple[str, torch.Tensor]]:
    if issubclass(type(value), _Module):
        yield from ((str(name), tensor) for name, tensor in _PARAMETERS(value))
    elif issubclass(type(value), dict):
        yield from ((str(k), v) for k, v in dict.items(value) if _is_tensor(v))
    elif issubclass(type(value), list | tuple):
        yield from ((str(n), v) for n, v in enumerate(value) if _is_tensor(v))


def _is_tensor(value: Any) -> bool:
    return issubclass(type(value), torch.Tensor)  # isinstance believes what an object says


def _is_plain(value: Any) -> bool:
    """Whether a value can be sent, as far as its types tell; too large a one is for `wire` to
    refuse."""
    pending, left = [value], MOST_LOOKED_AT
    while pending and left > 0:
        item = pending.pop()
        kind = type(item)
        left -= 1
        if item is None or issubclass(kind, str | int | float | torch.Tensor):
            continue
        if issubclass(kind, dict):
            pending += dict.values(item)
        elif issubclass(kind, list):
            pending += list.__iter__(item)
        elif issubclass(kind, tuple):
            pending += tuple.__iter__(item)
        else:
            return False
    return True


def from_torch(path: str) -> Any:
    """What is given by a name of torch, such as `torch.nn.LSTM`, whatever a submission has put in
    its place; or `copy.deepcopy`. AttributeError where there is none."""
    if path == "copy.deepcopy":
        return _COPY
    owner, *rest = path.split(".")
    if owner != "torch":
        raise AttributeError(f"nothing is given by the name {path!r}")
    found: Any = torch
    for name in rest:
        known = _GIVEN.get(owner, {})
        found = known[name] if name in known else getattr(found, name)
        owner += f".{name}"
    return found


def given_by(source: str, filename: str) -> Find:
    """What is given by an exercise's `given.py`, of this text; by a name of torch, what is not."""
    module = types.ModuleType("given")
    module.__file__ = filename
    sys.modules[module.__name__] = module  # where dataclasses look theirs up
    exec(compile(source, filename, "exec", dont_inherit=True, optimize=0), vars(module))  # noqa: S102
    names = dict(vars(module))

    def find(path: str) -> Any:
        return names[path] if path in names else from_torch(path)

    return find


def move(value: Any, device: str) -> None:
    """Have a module compute on `device`; anything else stays as it is."""
    if issubclass(type(value), _Module):
        _TO(value, device)


_timed: dict[str, Any] = {}  # objects that are timed, by what they were made with


def timed(function: Callable[..., Any], made: tuple[Any, Any], device: str) -> Callable[..., Any]:
    """What loads an object of a class with the first of its arguments, and calls it with the rest.

    One object serves for all calls; the weights are new in each.
    """
    key = repr(made)
    if key not in _timed:
        _timed[key] = function(*made[0], **made[1])
        move(_timed[key], device)
    found = _timed[key]

    def call(weights: dict[str, torch.Tensor], *args: Any) -> Any:
        found.load_state_dict(weights)
        return found(*args)

    return call
