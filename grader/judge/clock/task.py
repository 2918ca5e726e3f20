"""What is timed, and how much room it takes, known before anything is computed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from grader.judge import room
from grader.wire import ALIGNMENT, leaves
from grader.worker.objects import Find, from_torch

_SCALAR = torch.ops.aten._local_scalar_dense.default
_DRAWN = torch.ops.aten.randint


@dataclass(frozen=True)
class Task:
    """What is timed: `speed.py` of an exercise's room.

    `FUNCTION` names the function; or, with `MADE`, a class, of which an object is made with those
    arguments and options, once; then `inputs` gives the weights that are loaded in each call, and
    what it is called with; or, with `THROUGH`, a class, which a function of that name in the
    exercise's `given.py` gets before the arguments, to make an object and use it.
    `inputs(generator, device)` draws the arguments, sized for the device; `builtin`, with the same
    arguments, does it with torch's own, and runs in a worker of its own. With `IN_PLACE`, the
    result is what becomes of the arguments' `.grad`. `WITHIN`, where it is there, is the contract's
    absolute tolerance; the sizes may then differ from draw to draw.
    """

    module: ModuleType
    source: str

    @classmethod
    def load(cls, folder: Path) -> "Task":
        """Read `speed.py` in `folder`."""
        path = folder / "speed.py"
        return cls(room.load(path), path.read_text(encoding="utf-8"))

    @property
    def function(self) -> str:
        """The function of the contract that is timed."""
        return str(self.module.FUNCTION)

    @property
    def made(self) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """The arguments and options of the constructor, where a class is timed."""
        return getattr(self.module, "MADE", None)

    @property
    def through(self) -> str | None:
        """The function of `given.py` that what is timed is handed to, where there is one."""
        return getattr(self.module, "THROUGH", None)

    def called(self, function: Callable[..., Any], given: Find) -> Callable[..., Any]:
        """What is called, for `function` of the contract."""
        return function if self.through is None else partial(given(self.through), function)

    @property
    def in_place(self) -> bool:
        """Whether the arguments' gradients are the result."""
        return bool(getattr(self.module, "IN_PLACE", False))

    @property
    def within(self) -> float | None:
        """The contract's absolute tolerance, where it has one."""
        return getattr(self.module, "WITHIN", None)

    def inputs(self, seed: int, sizes: str) -> tuple[Any, ...]:
        """Arguments that nobody has seen, of the sizes for a kind of device."""
        generator = torch.Generator().manual_seed(seed)
        return tuple(self.module.inputs(generator, sizes))

    def room(
        self, functions: Mapping[str, Callable[..., Any]], sizes: str, given: Find = from_torch
    ) -> "Room":
        """How much its tensors take, told by meta tensors; `functions` are the reference's, and
        `given` what the exercise gives."""
        with torch.no_grad(), _Shapes():  # type: ignore[no-untyped-call]
            inputs = self.inputs(0, sizes)
            function = self.called(functions[self.function], given)
            if self.made is not None:
                arguments, options = self.made
                value = function(*arguments, **options)(*inputs[1:])
            else:
                value = function(*inputs)
        return Room(_bytes(inputs), 0 if self.in_place else _bytes(value))


@dataclass(frozen=True)
class Room:
    """Bytes that the arguments of one call take in shared memory, and its results."""

    given: int
    result: int

    @property
    def pool(self) -> int:
        """How large a shared memory has to be, half of it for either."""
        return 2 * max(self.given, self.result)


def _bytes(value: Any) -> int:
    """What tensors take in shared memory, their gradients included."""
    total = 0
    for tensor in leaves(value):
        for each in (tensor, tensor.grad if tensor.is_leaf else None):
            if each is not None:
                nbytes = each.numel() * each.element_size()
                total += nbytes + -nbytes % ALIGNMENT
    return total


class _Shapes(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Has every tensor be made without values. A number that depends on values is 1; a whole one
    that is drawn, the greatest that it may be, for a size may depend on it."""

    def __torch_dispatch__(
        self, op: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        del types
        named = dict(kwargs or {})
        if op.overloadpacket is _DRAWN:
            given = dict(zip((each.name for each in op._schema.arguments), args, strict=False))
            if not given["size"]:
                return torch.tensor(given["high"] - 1, dtype=named.get("dtype"))
        if op is _SCALAR:
            return torch.ones((), dtype=args[0].dtype).item() if args[0].is_meta else op(*args)
        if "generator" in named:
            named["generator"] = None
        if any(each.name == "device" for each in op._schema.arguments):
            named["device"] = torch.device("meta")
        return op(*args, **named)
