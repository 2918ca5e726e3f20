"""What a property asks of objects, step by step, and how the reference lives through the same.

**The wire.** One more request, `step`: a `worker.objects.Step` with the number of its story. An
object stays in the worker, under a number that the judge gave it; what travels of it is that
number, and for a message the name of its type. A step answers as a call does, in the same frame
with the same bounds, checked by `processes.replies`; at most `wire.MAX_HELD` objects and
`MOST_STEPS` steps make a story, and an iterator is read a bounded number of items at a time, within
the time limit of the property.

**Who owns what.** The judge numbers objects; the worker holds them until a step of another story
comes, or it dies. A story belongs to one run of a property (`student.Example`): a handle of an
earlier one is void, and so is one whose worker died. No object costs a process.

**The proxy** (`judge.handles`) reads like Python: `layer = student.JANET(4, 8)`, `layer(x)`,
`layer.state_dict()`, `layer.to(torch.float64)`. The same lines with `reference` in place of
`student` tell the reference's own story, whose results are `Expected`: the reference is made and
asked as the student's is, in this process. For lower precision its whole story is told again in
float64, and with inputs and weights off by half a unit in the last place, which gives truth and
tolerance as for functions. Every step of the student's is taken with the reference at its side,
which says what form a result must have and whether it is an object; what two stories have in
common is computed once.

**Evidence.** What an object says of itself is none. Weights are drawn here and loaded, outputs are
for inputs that nobody has seen, and gradients of parameters are held against the reference's.

**A failing case** is the story up to its last step, written as code that can be pasted (construct,
load, call) by `judge.explain.telling`; Hypothesis shrinks what it was drawn from, smaller by all
tensors of the story. A misconception is tried by telling it the same story.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from grader.wire import MAX_HELD, Held, leaves
from grader.worker import objects
from grader.worker.invoke import Outcome, converted, differentiable
from grader.worker.objects import Step, held_in, perform

MOST_STEPS = 2_000
COTANGENT_DIGITS = 4  # after the point

_numbers = itertools.count()
Convert = Callable[[torch.Tensor], torch.Tensor]
Names = Mapping[str, Any]


class Story:
    """The steps of one run of a property, for one of the two sides."""

    def __init__(self, given: objects.Find = objects.from_torch) -> None:
        self.number = next(_numbers)
        self.given = given
        self.steps: list[Told] = []
        self.types: dict[int, type] = {}  # of the reference's objects, by number
        self.worker: object = None  # who holds the objects
        self.sent = 0  # which story of a property's it is, to the worker
        self.lives: dict[Convert | None, Life] = {}  # the reference's, by what converts its tensors
        self.histories: dict[int, int] = {}  # of each object, what it has been through
        self.bonds: dict[int, set[int]] = {}  # of each object, those that may share parts with it

    def tell(self, **fields: Any) -> "Told":
        """Add a step. RuntimeError where there are too many, or too many objects."""
        keep = len(self.steps)
        if keep >= min(MOST_STEPS, MAX_HELD):
            raise RuntimeError("a story of too many steps")
        step = Told(keep=keep, story=self, place=keep, **fields)
        self.steps.append(step)
        return step

    def life(self, convert: Convert | None) -> "Life":
        """How far the reference has lived through it, its tensors as they are or converted."""
        return self.lives.setdefault(convert, Life())

    def function_of(self, number: int) -> str:
        """The name of the contract that an object belongs to: that it was made by; or else that it,
        or what is bound to it, was handed to last, which may have changed it. Empty where it was
        handed to none."""
        if self.steps[number].function:
            return self.steps[number].function
        bound = self.bonds.get(number, {number})
        handed = (
            step.function
            for step in reversed(self.steps)
            if step.kind in (objects.CONSTRUCT, objects.CALL)
            and bound.intersection((*held_in(step.args), *held_in(step.kwargs)))
        )
        return next(handed, "")

    def bind(self, numbers: Sequence[int]) -> set[int]:
        """Note that objects met in one step, so that what one of them is told may change the
        others: an optimizer and its model. All that they are bound to."""
        together = set(numbers).union(*(self.bonds.get(each, ()) for each in numbers))
        for each in together:
            self.bonds[each] = together
        return together

    def named(self, number: int) -> str:
        """What an object is called where the story is written out: `janet`, `janet_2`."""
        base = self._base(number)
        made = [step.place for step in self.steps if step.place in self.types]
        alike = [n for n in made if self._base(n) == base]
        place = alike.index(number) if number in alike else 0
        return base if place == 0 else f"{base}_{place + 1}"

    def _base(self, number: int) -> str:
        step = self.steps[number]
        if step.kind in (objects.CONSTRUCT, objects.CALL):
            name = step.function
        elif step.name == "__getitem__":
            return "item"
        else:
            name = step.name.rpartition(".")[2]
        lower = name.lower().strip("_") or "it"
        return lower if lower != name else f"{lower}_0"


@dataclass
class Life:
    """The reference's objects after the first `lived` steps of a story; where it is told once more,
    in float64, also the last of these steps, with what came of it."""

    objects: dict[int, Any] = field(default_factory=dict)
    lived: int = 0
    last: "tuple[Told, Outcome] | None" = None


@dataclass(frozen=True, eq=False)
class Told(Step):
    """A step in its story. Where gradients are asked for, `draw` makes the cotangents of a result,
    from `seed`, until they are known. What `is_apart` the reference is not asked: a model that was
    trained is held against what it should predict."""

    story: Story = field(default_factory=Story, repr=False)
    place: int = 0
    seed: int | None = None
    draw: Callable[[Any], Any] | None = None
    is_apart: bool = False

    @property
    def whole(self) -> "Sequence[Told]":
        """The story up to this step."""
        return [*self.story.steps[: self.place], self]

    @property
    def shown(self) -> str:
        """What a message calls it: `JANET.forward`; of a step that iterates, what gave
        the items."""
        if self.kind in (objects.ITEMS, objects.READ) or self.name == "__iter__":
            return self.story.steps[self.on].shown
        if self.kind in (objects.CONSTRUCT, objects.CALL) or not self.function:
            return self.function or self.name
        method = "forward" if self.name == "__call__" else self.name
        # On what is given, and was handed to the contract's function.
        if self.on >= 0 and not self.story.steps[self.on].function:
            kind = self.story.types.get(self.on)
            return f"{kind.__name__}.{method}" if kind else method
        return f"{self.function}.{method}" if method else self.function

    @property
    def is_quiet(self) -> bool:
        """Whether it only prepares what others show."""
        kinds = (objects.CONSTRUCT, objects.GIVEN, objects.NAMED)
        return self.kind in kinds or self.name == "load_state_dict"


def whole(call: Any) -> Sequence[Any]:
    """The calls that a person has to read to follow this one: itself, or its story."""
    return call.whole if isinstance(call, Told) else [call]


def telling(step: Told, names: Names, convert: Convert | None = None, *, seed: int = 0) -> Outcome:
    """Tell the whole story up to `step` to the functions and classes of `names`.

    With `convert`, which is applied to its tensors, modules compute in float64. Random numbers are
    drawn from `seed`. What the last step raises passes through.
    """
    held: dict[int, Any] = {}
    for each in step.whole[:-1]:
        with contextlib.suppress(Exception):  # as it was when it was told
            _lived(each, held, names, convert, seed)
    return _lived(step, held, names, convert, seed)


def retelling(step: Told, names: Names, convert: Convert) -> Outcome:
    """As `telling`, by the objects that earlier steps of the story were retold to, with the same
    `convert`. Its tensors may change with the next step."""
    story = step.story
    if story.steps[step.place] is not step:  # one like it: told beside
        return telling(step, names, convert)
    life = story.life(convert)
    if life.last is not None and life.last[0] is step:
        return life.last[1]
    if step.place < life.lived:  # it is over
        return telling(step, names, convert)
    life.last = None
    life.last = step, _gone_on(step, life, names, convert)
    return life.last[1]


def _gone_on(step: Told, life: Life, names: Names, convert: Convert | None) -> Outcome:
    """What comes of a step, once those before it that were not lived yet have been."""
    for each in step.story.steps[life.lived : step.place]:
        with contextlib.suppress(Exception):  # as it was when it was told
            _lived(each, life.objects, names, convert)
    life.lived = step.place + 1
    return _lived(step, life.objects, names, convert)


def telling_what_draws(step: Told, names: Names, *, seed: int = 0) -> tuple[Outcome, bool]:
    """As `telling`; and whether its result may depend on random numbers: other than those that an
    object is made with and that are loaded over."""
    held: dict[int, Any] = {}
    drawn: set[int] = set()  # the objects, or other steps, that random numbers are left of
    for each in step.whole[:-1]:
        with contextlib.suppress(Exception):
            _lived(each, held, names, None, seed, drawn)
            if each.name == "load_state_dict" and each.kind == objects.METHOD:
                drawn.discard(each.on)
    outcome = _lived(step, held, names, None, seed, drawn)
    return outcome, bool(drawn)


@contextlib.contextmanager
def drawing_from(seed: int, drawn: set[int] | None = None, place: int = 0) -> Iterator[None]:
    """Draw random numbers from `seed` within, and go on as before; `place` is added to `drawn`
    where any were. `torch.manual_seed` takes longer than most steps: it speaks to every device,
    none of which draws here."""
    before = torch.default_generator.get_state()
    torch.default_generator.manual_seed(seed)
    begun = torch.default_generator.get_state() if drawn is not None else before
    try:
        yield
    finally:
        if drawn is not None and not torch.equal(begun, torch.default_generator.get_state()):
            drawn.add(place)
        torch.default_generator.set_state(before)


def _lived(
    step: Told,
    held: dict[int, Any],
    names: Names,
    convert: Convert | None,
    seed: int = 0,
    drawn: set[int] | None = None,
) -> Outcome:
    if convert is not None:
        step = replace(converted(step, convert), args=_widened(step.args, convert))
    else:
        step = converted(step, torch.clone)
    if step.cotangents is None and step.draw is not None:
        step = replace(step, cotangents=step.draw)
    with drawing_from(seed + step.place, drawn, step.keep):
        watched = convert is None  # the same is told again to see what rounding does
        outcome = perform(step, held, names.__getitem__, step.story.given, watched=watched)
    if convert is not None:
        for number in _met(step) & held.keys():
            each = held[number]
            if isinstance(each, torch.nn.Module) and not all(map(_is_wide, _tensors_in(each))):
                each.double()
    return outcome


def _met(step: Told) -> set[int]:
    """The objects that a step may change: its own, and those that these have met before."""
    own = {step.keep, step.on, *held_in(step.args), *held_in(step.kwargs)}
    return own.union(*(step.story.bonds.get(each, ()) for each in own))


def _tensors_in(module: torch.nn.Module) -> Iterator[torch.Tensor]:
    for each in module.modules():
        yield from (tensor for tensor in each._parameters.values() if tensor is not None)
        yield from (tensor for tensor in each._buffers.values() if tensor is not None)


def _is_wide(tensor: torch.Tensor) -> bool:
    """Whether float64 would not change it."""
    return tensor.dtype == torch.float64 or not tensor.is_floating_point()


def _widened(args: Any, convert: Convert) -> Any:
    """The arguments converted, with float64 for each dtype that rounds."""
    return tuple(
        torch.float64
        if isinstance(each, torch.dtype) and each.is_floating_point
        else _converted_value(each, convert)
        for each in args
    )


def _converted_value(value: Any, convert: Convert) -> Any:
    return converted(Step("", (value,)), convert).args[0]


def cotangents_for(value: Any, seed: int) -> tuple[torch.Tensor, ...]:
    """One drawn cotangent for each floating tensor of a result, different in its elements; with
    few digits, which can be written out."""
    generator = torch.Generator().manual_seed(seed)
    return tuple(
        torch.randn(leaf.shape, generator=generator, dtype=torch.float64)
        .round(decimals=COTANGENT_DIGITS)
        .to(leaf.dtype)
        for leaf in differentiable(value)
    )


class Memory:
    """What the reference's objects did in the stories of one run, by what they had been through."""

    def __init__(self) -> None:
        self._ids: dict[object, int] = {}
        self._seen: dict[int, Outcome | Exception] = {}
        self._types: dict[int, type] = {}
        self._keys: dict[tuple[int, int], int] = {}  # of a story's step

    def outcome(self, step: Told, names: Names, key_of: Callable[[Any], object]) -> Outcome:
        """What comes of a step for the reference; what it raises passes through."""
        story = step.story
        mark = (story.number, step.place)
        if mark not in self._keys:
            self._keys[mark] = self._id(step, key_of)
        key = self._keys[mark]
        seen = self._seen.get(key)
        if seen is None:
            try:
                seen = self._live(step, names)
            except Exception as error:
                seen = error
            self._seen[key] = seen
            live = story.life(None).objects
            if isinstance(seen, Outcome) and seen.held in live:
                self._types[key] = type(live[seen.held])
        if isinstance(seen, Exception):
            raise seen
        if step.draw is not None and step.cotangents is None:
            story.steps[step.place] = replace(step, cotangents=step.draw(seen.value))
        if seen.held >= 0:
            number = step.on if seen.held == _SELF else step.keep
            seen = replace(seen, held=number)
            if number not in story.types:
                story.types[number] = self._types[key]
                story.bind([*self._touched(step), number])
        return seen

    def _live(self, step: Told, names: Names) -> Outcome:
        story = step.story
        life = story.life(None)
        if step.place < life.lived:  # it is over; told again, beside
            return _kept(telling(step, names), step)
        return _kept(_gone_on(step, life, names, None), step)

    def _id(self, step: Told, key_of: Callable[[Any], object]) -> int:
        """A number that equals another's only where both steps are bound to do the same."""
        histories = step.story.histories
        key = (
            *(step.kind, step.function, step.name, step.items, step.must_keep, step.seed),
            *(step.changes, step.way, histories.get(step.on, -1)),
            key_of(_with_histories(step.args, histories)),
            key_of(_with_histories(step.kwargs, histories)),
        )
        number = self._number(key)
        touched = list(self._touched(step))
        for place, each in enumerate(touched):
            histories[each] = self._number((number, place))
        histories.setdefault(step.keep, self._number((number, "kept")))
        # What shares parts with one of them may have changed as well.
        for each in step.story.bind(touched).difference(touched):
            histories[each] = self._number((histories[each], number))
        return number

    @staticmethod
    def _touched(step: Told) -> Iterator[int]:
        if step.on >= 0:
            yield step.on
        yield from held_in(step.args)
        yield from held_in(step.kwargs)

    def _number(self, key: object) -> int:
        return self._ids.setdefault(key, len(self._ids))


_SELF = MAX_HELD + 1  # in place of a number: what the step was made on


def _kept(outcome: Outcome, step: Told) -> Outcome:
    """The outcome with its tensors as they are now: a parameter may change with the next step."""
    copied = converted(Step("", (outcome.value, outcome.gradients, outcome.parameters)), as_it_is)
    value, gradients, parameters = copied.args
    held = _SELF if outcome.held == step.on >= 0 else outcome.held
    return replace(outcome, value=value, gradients=gradients, parameters=parameters, held=held)


def as_it_is(tensor: torch.Tensor) -> torch.Tensor:
    """A copy that does not change with it, and has no history."""
    return tensor.detach().clone()


def _with_histories(value: Any, histories: Mapping[int, int]) -> Any:
    if isinstance(value, Held):
        return ("held", histories.get(value.number, -1))
    if isinstance(value, list | tuple):
        return type(value)(_with_histories(item, histories) for item in value)
    if isinstance(value, dict):
        return {key: _with_histories(item, histories) for key, item in value.items()}
    return value


def tensors_of(step: Told) -> Iterator[torch.Tensor]:
    """The tensors of a story up to this step."""
    for each in step.whole:
        yield from leaves(each.args)
        yield from leaves(each.kwargs)


def names_of(thing: Any) -> Names:
    """The names of the module that a function or class was defined in."""
    pending = [thing, *getattr(thing, "__mro__", ())]
    for each in pending:
        for member in (each, *vars(each).values()):
            found = getattr(member, "__globals__", None)
            if isinstance(found, dict) and getattr(thing, "__name__", "") in found:
                return found
    return {getattr(thing, "__name__", ""): thing}


def given_of(path: Path) -> objects.Find:
    """What `given.py` at `path` gives, where it is there, and what torch does."""
    if not path.is_file():
        return objects.from_torch
    return objects.given_by(path.read_text(encoding="utf-8"), path.name)
