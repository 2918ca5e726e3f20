"""Handles: how objects of the student's, and of the reference, read in a property.

`student.JANET(4, 8)` gives a handle; so does `reference.JANET(4, 8)`. Both take the same lines, so
that a helper of a property file may be given either:

    def loaded(owner, case):
        layer = owner.JANET(*case.sizes).to(torch.float64)
        layer.load_state_dict(case.weights)
        return layer

    agree(loaded(student, case)(case.x), loaded(reference, case)(case.x))

What a step gives is a value, in the form that the reference's result has; or another handle, where
the reference gives an object. `grader.judge.story` says what lies behind.

What an exercise hands to the student's code, each side gets its own of, with the same weights:

    layer = given.torch.nn.GRU(4, 8, num_layers=2).to(torch.float64)
    agree(student.RNNModel(layer, 5)(x), reference.RNNModel(layer, 5)(x))
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import torch

from grader.judge.compare import Expected
from grader.judge.story import Story, Told, cotangents_for, drawing_from
from grader.wire import Held, mapped
from grader.worker import objects

MOST_ITEMS = 10_000  # that are read of an iterator


class Owner(Protocol):
    """Whose objects they are: the student's, or the reference's."""

    @property
    def story(self) -> Story:
        """What was asked of them so far."""

    def result(self, step: Told) -> Any:
        """What a step gives."""

    def read(self, step: Told) -> Any:
        """The items that a step reads to the end, whatever they are."""

    def gradients(self, step: Told) -> Any:
        """The vector-Jacobian products that a step asks for."""

    def changed(self, step: Told) -> Any:
        """The tensor arguments after a step."""

    def raised(self, error: type[Exception], step: Told) -> None:
        """Hold that a step raises."""


def are_in(*values: Any) -> bool:
    """Whether a handle, or what is given, is among the values, on any level."""
    return any(
        isinstance(value, Handle | GivenObject | GivenName)
        or (isinstance(value, list | tuple) and are_in(*value))
        or (isinstance(value, dict) and are_in(*value.values()))
        for value in values
    )


def _sent(owner: Owner, value: Any) -> Any:
    """An argument as it travels: a handle by its number, what is right by its value, what is given
    by the number of the owner's own."""
    if isinstance(value, GivenName):
        value = asked(owner, objects.NAMED, name=value._path, must=True)
    if isinstance(value, GivenObject):
        value = value.of(owner)
    if isinstance(value, Handle):
        return Held(value.number_for(owner))
    if isinstance(value, Expected):
        return value.form
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return type(value)(_sent(owner, item) for item in value)
    if isinstance(value, dict):
        return {name: _sent(owner, item) for name, item in value.items()}
    return value


def told(owner: Owner, kind: str, *, args: Any = (), kwargs: Any = None, **rest: Any) -> Told:
    """A further step of the owner's story."""
    sent = tuple(_sent(owner, each) for each in args)
    named = {name: _sent(owner, each) for name, each in (kwargs or {}).items()}
    if "function" not in rest:  # what is given belongs to what it is given
        own = [owner.story.function_of(n) for n in objects.held_in((sent, named))]
        rest["function"] = next(filter(None, own), "")
    return owner.story.tell(kind=kind, args=sent, kwargs=named, **rest)


def asked(owner: Owner, kind: str, *, must: bool = False, **rest: Any) -> Any:
    """What a further step of the owner's story gives."""
    return owner.result(told(owner, kind, must_keep=must, **rest))


class Maker:
    """A class of the contract; calling it makes an object."""

    def __init__(self, owner: Owner, name: str) -> None:
        self._owner = owner
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> "Handle":
        """A handle of the new object."""
        handle: Handle = asked(
            self._owner,
            objects.CONSTRUCT,
            function=self._name,
            args=args,
            kwargs=kwargs,
            must=True,
        )
        return handle

    def raises(self, error: type[Exception], *args: Any, **kwargs: Any) -> None:
        """Hold that the constructor raises `error`."""
        step = told(self._owner, objects.CONSTRUCT, function=self._name, args=args, kwargs=kwargs)
        self._owner.raised(error, step)


class Given:
    """What both sides are given, by its path: `student.given.torch.nn.LSTM(4, 8)`."""

    def __init__(self, owner: Owner, path: str = "") -> None:
        self._owner = owner
        self._path = path

    def __getattr__(self, name: str) -> "Given":
        if name.startswith("_"):
            raise AttributeError(name)
        return Given(self._owner, f"{self._path}.{name}".lstrip("."))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """A handle of what it makes, or its value."""
        return asked(self._owner, objects.GIVEN, name=self._path, args=args, kwargs=kwargs)


class GivenName:
    """What `given.py` defines, or torch, by its path: `given.torch.nn.GRU`.

    As an argument of a call it is the thing itself; called, it is an object of it.
    """

    def __init__(self, path: str = "") -> None:
        self._path = path

    def __getattr__(self, name: str) -> "GivenName":
        if name.startswith("_"):
            raise AttributeError(name)
        return GivenName(f"{self._path}.{name}".lstrip("."))

    def __call__(self, *args: Any, **kwargs: Any) -> "GivenObject":
        """An object for either side, made of these arguments, which may be given as well."""
        return GivenObject(self._path, args, kwargs)

    def __repr__(self) -> str:
        return f"given.{self._path}" if self._path else "given"


given = GivenName()


@dataclass(frozen=True, eq=False)
class GivenObject:
    """An object that student and reference are given, each one of their own: an argument.

    `student.RNNModel(layer, 5)` and `reference.RNNModel(layer, 5)` get two that are alike; a module
    has the same weights in both, which are drawn here where none are loaded. It is made anew for
    each call that it is an argument of; `of` makes one that several calls may speak of.
    """

    path: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    then: tuple[tuple[str, Any], ...] = ()  # methods, each with its argument
    drawn: list[Mapping[str, torch.Tensor]] = field(default_factory=list, repr=False)

    def to(self, dtype: torch.dtype) -> "GivenObject":
        """The same in another dtype."""
        return self._and("to", dtype)

    def train(self, mode: bool = True) -> "GivenObject":
        """The same in training mode, or out of it."""
        return self._and("train", mode)

    def eval(self) -> "GivenObject":
        """The same in `eval()`."""
        return self.train(False)

    def load_state_dict(self, weights: Mapping[str, torch.Tensor]) -> "GivenObject":
        """The same with these weights."""
        return self._and("load_state_dict", dict(weights))

    def of(self, owner: Owner) -> "Handle":
        """A new one for one of the two sides, `student` or `reference`, as a handle."""
        handle: Handle = asked(
            owner, objects.GIVEN, name=self.path, args=self.args, kwargs=self.kwargs, must=True
        )
        if weights := self._weights(owner.story):
            handle.load_state_dict(weights)
        for name, argument in self.then:
            getattr(handle, name)(argument)
        return handle

    def _and(self, name: str, argument: Any) -> "GivenObject":
        return replace(self, then=(*self.then, (name, argument)), drawn=[])

    def _weights(self, story: Story) -> Mapping[str, torch.Tensor]:
        """The weights that a module of this kind begins with; none where others are loaded."""
        if any(name == "load_state_dict" for name, _ in self.then):
            return {}
        if not self.drawn:
            # Two in one story differ, or nothing would tell which of them was used.
            with drawing_from(len(story.steps)):
                mine = self._made(story.given)
            state = mine.state_dict() if isinstance(mine, torch.nn.Module) else {}
            self.drawn.append({name: value.clone() for name, value in state.items()})
        return self.drawn[0]

    def _made(self, find: objects.Find) -> Any:
        args, kwargs = _here((self.args, dict(self.kwargs)), find)
        return find(self.path)(*args, **kwargs)


def _here(value: Any, find: objects.Find) -> Any:
    """What is given in the arguments of another, as objects of this process."""
    if isinstance(value, GivenName):
        return find(value._path)
    if isinstance(value, GivenObject):
        return value._made(find)
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return type(value)(_here(item, find) for item in value)
    if isinstance(value, dict):
        return {name: _here(item, find) for name, item in value.items()}
    return value


class Handle:
    """An object that lives in the worker, or beside the reference. It reads as the object would."""

    def __init__(self, owner: Owner, story: Story, number: int) -> None:
        self._owner = owner
        self._story = story
        self._number = number

    def number_for(self, owner: Owner) -> int:
        """Its number, as an argument of a step of the owner's."""
        if self._story is not owner.story:
            raise RuntimeError("a handle of another run, or of the other side")
        return self._number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        static = inspect.getattr_static(self._type, name, None)
        if static is not None and not isinstance(static, property) and callable(_bare(static)):
            return Method(self, name)
        if not self._type.__dictoffset__:  # what `dict` asks of it, for one
            raise AttributeError(f"{self._type.__name__!r} object has no attribute {name!r}")
        return self._asked(objects.ATTRIBUTE, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What calling the object gives."""
        return Method(self, "__call__")(*args, **kwargs)

    def gradients(self, *args: Any, seed: int, wanted: Any = None, **kwargs: Any) -> Any:
        """As `Method.gradients`, of the object called."""
        return Method(self, "__call__").gradients(*args, seed=seed, wanted=wanted, **kwargs)

    def changes(self, *args: Any, **kwargs: Any) -> Any:
        """As `Method.changes`, of the object called."""
        return Method(self, "__call__").changes(*args, **kwargs)

    def raises(self, error: type[Exception], *args: Any, **kwargs: Any) -> None:
        """As `Method.raises`, of the object called."""
        Method(self, "__call__").raises(error, *args, **kwargs)

    def take(self, count: int) -> list[Any]:
        """The next items of an iterator, or the first of what can be iterated over: at most
        `count`, fewer where there are no more."""
        items: list[Any] = self._asked(objects.ITEMS, "", items=min(count, MOST_ITEMS))
        return items

    def read(self, most: int) -> Any:
        """All items of what can be iterated over, in a list, for a property that holds their form
        itself: how many there are may depend on what was drawn. Mismatch where there are more than
        `most`."""
        step = self._step(objects.READ, "", items=min(most, MOST_ITEMS) + 1)
        return self._owner.read(step)

    def iterator(self) -> "Handle":
        """A handle of an iterator over it: of itself, or of another object, as each side has it."""
        step = self._step(objects.METHOD, "__iter__", must_keep=True)
        found: Handle = self._owner.result(step)
        self._story.types.setdefault(step.keep, found._type)
        return Handle(self._owner, self._story, step.keep)

    def __iter__(self) -> Iterator[Any]:
        """One item after another, each when it is asked for; RuntimeError where they do not end."""
        iterator = self if hasattr(self._type, "__next__") else Method(self, "__iter__")()
        for _ in range(MOST_ITEMS):
            item = iterator.take(1)
            item = item.form if isinstance(item, Expected) else item
            if not item:
                return
            yield item[0]
        raise RuntimeError(f"an iterator of more than {MOST_ITEMS} items")

    def __len__(self) -> int:
        length = Method(self, "__len__")()
        return int(length.form if isinstance(length, Expected) else length)

    def __getitem__(self, key: Any) -> Any:
        return Method(self, "__getitem__")(key)

    def held_item(self, key: Any) -> "Handle":
        """A handle of the item under `key`, whatever it is: of a tensor too, to ask it more."""
        return Method(self, "__getitem__").held(key)

    @property
    def _type(self) -> type:
        return self._story.types[self._number]

    def _step(self, kind: str, name: str, **rest: Any) -> Told:
        self.number_for(self._owner)
        function = self._story.function_of(self._number)
        return told(self._owner, kind, name=name, on=self._number, function=function, **rest)

    def _asked(self, kind: str, name: str, **rest: Any) -> Any:
        return self._owner.result(self._step(kind, name, **rest))


class Method:
    """A method of an object; calling it calls the worker, or the reference."""

    def __init__(self, handle: Handle, name: str) -> None:
        self._handle = handle
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the method gives: a value, or a handle."""
        return self._handle._asked(objects.METHOD, self._name, args=args, kwargs=kwargs)

    def called(self, way: str, *args: Any, **kwargs: Any) -> Any:
        """What the method gives, called in one of the `worker.invoke.WAYS`."""
        return self._handle._asked(objects.METHOD, self._name, args=args, kwargs=kwargs, way=way)

    def held(self, *args: Any, **kwargs: Any) -> Handle:
        """A handle of what the method gives, whatever it is."""
        handle: Handle = self._handle._asked(
            objects.METHOD, self._name, args=args, kwargs=kwargs, must_keep=True
        )
        return handle

    def gradients(
        self,
        *args: Any,
        seed: int,
        wanted: frozenset[int] | None = None,
        way: str = "",
        **kwargs: Any,
    ) -> Any:
        """The vector-Jacobian products with drawn cotangents, by floating argument and by the
        parameters of the object; of the arguments, those that are `wanted`; in one of the
        `worker.invoke.WAYS`."""
        asking = asking_gradients(args, kwargs, seed, wanted)
        step = self._handle._step(objects.METHOD, self._name, way=way, **asking)
        return self._handle._owner.gradients(step)

    def changes(self, *args: Any, **kwargs: Any) -> Any:
        """The arguments after the call: `(value, grad)` for each tensor, in order."""
        step = self._handle._step(
            objects.METHOD, self._name, args=args, kwargs=kwargs, changes=True
        )
        return self._handle._owner.changed(step)

    def raises(self, error: type[Exception], *args: Any, **kwargs: Any) -> None:
        """Hold that the method raises `error`."""
        step = self._handle._step(objects.METHOD, self._name, args=args, kwargs=kwargs)
        self._handle._owner.raised(error, step)


def asking_gradients(
    args: Any, kwargs: Mapping[str, Any], seed: int, wanted: frozenset[int] | None
) -> dict[str, Any]:
    """What a step has that asks for gradients, with cotangents drawn from `seed`: of the floating
    tensors among its arguments, by their numbers, every one or those that are `wanted`."""
    count = 0

    def ask(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal count
        asks = tensor.is_floating_point() and (wanted is None or count in wanted)
        count += 1
        return tensor.detach().requires_grad_(asks)

    return {
        "args": mapped(ask, tuple(map(_form, args))),
        "kwargs": mapped(ask, {name: _form(each) for name, each in kwargs.items()}),
        "seed": seed,
        "draw": functools.partial(cotangents_for, seed=seed),
    }


def _form(value: Any) -> Any:
    return value.form if isinstance(value, Expected) else value


def _bare(static: Any) -> Any:
    """What a static or a class method wraps."""
    return getattr(static, "__func__", static)


def signature(step: Told, functions: Mapping[str, Callable[..., Any]]) -> inspect.Signature | None:
    """The signature of what a step calls; None where Python cannot tell it."""
    if step.kind in (objects.CONSTRUCT, objects.CALL):
        return _signature(functions[step.function])
    owner = step.story.types.get(step.on)
    if step.kind != objects.METHOD or owner is None:
        return None
    name = step.name
    if name == "__call__" and issubclass(owner, torch.nn.Module):
        name = "forward"
    return _signature(owner, name)


@functools.cache
def _signature(thing: Any, name: str = "") -> inspect.Signature | None:
    try:
        if not name:
            return inspect.signature(thing)
        static = inspect.getattr_static(thing, name)
        found = inspect.signature(getattr(thing, name))
    except (AttributeError, TypeError, ValueError):
        return None
    if not inspect.isfunction(static):
        return found
    return found.replace(parameters=list(found.parameters.values())[1:])


def parameter(step: Told, key: str) -> str:
    """What a parameter is called that the worker knows as `3.weight`: by its own name where it
    belongs to the object that the step is made on."""
    number, _, name = key.partition(".")
    return name if int(number) == step.on else f"{step.story.named(int(number))}.{name}"
