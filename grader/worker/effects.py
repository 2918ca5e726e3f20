"""What a call does beside giving a result: to its arguments, to earlier results, to torch itself.

It is observed in every call of a submission's; what the reference does too, an answer may do. An
effect is its kind and the number of the tensor, counted in order, or -1 where it is of none.
"""

import contextlib
import ctypes
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch.nn.modules.module import register_module_parameter_registration_hook

from grader.wire import leaves

Effect = tuple[str, int]

# Of one tensor among the arguments, of a gradient that a backward pass was given, of them all.
VALUE, RESTORED, ASKING, HOOKED = "value", "restored", "asking", "hooked"
GRADIENT, REPLACED = "gradient", "replaced"
COTANGENT = "cotangent"
ITEMS, EARLIER = "items", "earlier"
MODE, DTYPE, THREADS, GENERATOR = "mode", "dtype", "threads", "generator"
OF_TENSORS = frozenset({VALUE, RESTORED, ASKING, HOOKED, GRADIENT, REPLACED})
LEFT = frozenset({MODE, DTYPE, THREADS})  # of torch's settings, also by a call that raises
OF_NONE = frozenset({COTANGENT, ITEMS, EARLIER, MODE, DTYPE, THREADS, GENERATOR})

# Results that are looked at again after later calls: how many, of how many bytes together, and of
# how much memory each, since a small one may hold on to a large one that it is a part of.
MOST_KEPT = 16
MOST_BYTES = 4 << 20
MOST_MEMORY = 16 << 20

# Bound before any submission is loaded: of C, and not to be replaced in torch's own classes.
_BASE: Any = torch._C.TensorBase
_grad, _is_leaf, _version = _BASE.grad.__get__, _BASE.is_leaf.__get__, _BASE._version.__get__
_hooks, _later_hooks = (
    _BASE._backward_hooks.__get__,
    _BASE._post_accumulate_grad_hooks.__get__,
)
_asks, _shape, _is_cpu = _BASE.requires_grad.__get__, _BASE.shape.__get__, _BASE.is_cpu.__get__
_is_contiguous, _bytes = _BASE.is_contiguous, _BASE.nbytes.__get__
_stride, _pointer, _size = _BASE.stride, _BASE.data_ptr, _BASE.element_size
_detach, _cpu, _contiguous, _storage = (
    _BASE.detach,
    _BASE.cpu,
    _BASE.contiguous,
    _BASE.untyped_storage,
)
_storage_bytes: Any = torch._C.StorageBase.nbytes  # type: ignore[attr-defined]
_string_at = ctypes.string_at
try:
    _compare: Any = ctypes.PyDLL(None).memcmp
    _compare.argtypes = ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t
except (AttributeError, OSError, TypeError):  # not on Windows
    _compare = None
_mode, _inference = torch._C.is_grad_enabled, torch._C.is_inference_mode_enabled
_dtype, _threads = torch.get_default_dtype, torch.get_num_threads
_generator = torch.default_generator
_equal = torch.equal
_TENSOR = torch.Tensor
_no_function, _no_dispatch = torch._C.DisableTorchFunctionSubclass, torch._C._DisableTorchDispatch


class _Filled:
    """Counts the parameters that modules have registered."""

    count = 0

    def __call__(self, module: object, name: str, parameter: object) -> None:
        del module, name, parameter
        self.count += 1


_filled = _Filled()
# What `torch.set_num_threads` was asked for, where `begin` has taken its place.
_asked_threads: list[int] = []


def begin() -> None:
    """Have the process compute with the threads that it has, whatever a submission asks for; and
    tell what modules draw for their first parameters from what else is drawn."""
    torch.set_num_threads = _asked_threads.append  # type: ignore[assignment]
    register_module_parameter_registration_hook(_filled)


def contents(tensor: torch.Tensor) -> bytes:
    """The bytes that a dense tensor lies in, what is between its elements included."""
    if not _is_cpu(tensor):
        tensor = _contiguous(_cpu(_detach(tensor)))
    if _is_contiguous(tensor):
        return _string_at(_pointer(tensor), _bytes(tensor)) if _bytes(tensor) else b""
    span = 1
    for size, stride in zip(_shape(tensor), _stride(tensor), strict=True):
        if not size:
            return b""
        span += (size - 1) * stride
    return _string_at(_pointer(tensor), span * _size(tensor))


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor itself, detached, whatever its class would do instead."""
    if type(tensor) is _TENSOR:
        return _detach(tensor)  # type: ignore[no-any-return]
    with _no_function(), _no_dispatch():
        return _detach(tensor)  # type: ignore[no-any-return]


def _is_still(tensor: torch.Tensor, before: bytes) -> bool:
    """Whether `contents` would be `before`, without a copy of them where that can be avoided."""
    if not _is_one_piece(tensor):
        return contents(tensor) == before
    count = len(before)
    return _bytes(tensor) == count and not (count and _compare(_pointer(tensor), before, count))


def _is_one_piece(tensor: torch.Tensor) -> bool:
    """Whether `contents` are bytes in this process's memory, one after the other."""
    return _compare is not None and _is_cpu(tensor) and _is_contiguous(tensor)


def _are_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two states of a generator, each in one piece, are the same."""
    if _compare is None:
        return _equal(one, other)
    return not _compare(_pointer(one), _pointer(other), _bytes(other))


class Arguments:
    """The arguments of a call as they were before it."""

    def __init__(self, tensors: Sequence[torch.Tensor], values: Iterable[Any]) -> None:
        self._tensors = tensors
        self._containers = [each for each in values if isinstance(each, list | tuple | dict)]
        self._items = _form(self._containers)
        self._asking = [(_asks(each), _count_hooks(each)) for each in tensors]
        self._forms = [(_version(each), _lie_of(each), contents(each)) for each in tensors]
        self._grads = [(grad, _place(grad)) for grad in map(grad_of, tensors)]

    def called(self) -> Iterator[Effect]:
        """What is otherwise as soon as the call has come back."""
        for index, tensor in enumerate(self._tensors):
            asked, hooks = self._asking[index]
            if _asks(tensor) != asked:
                yield ASKING, index
            if _count_hooks(tensor) != hooks:
                yield HOOKED, index
            before, place = self._grads[index]
            now = grad_of(tensor)
            if now is not before:
                yield REPLACED if before is not None else GRADIENT, index
            elif now is not None and _place(now) != place:
                yield REPLACED, index
        if self._containers and _form(self._containers) != self._items:
            yield ITEMS, -1

    def values(self) -> Iterator[Effect]:
        """What is otherwise of values, backward passes included."""
        for index, tensor in enumerate(self._tensors):
            version, lie, before = self._forms[index]
            if _lie_of(tensor) != lie or not _is_still(tensor, before):
                yield VALUE, index
            elif _version(tensor) != version:
                yield RESTORED, index


def grad_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The gradient of a leaf; None for any other tensor."""
    return _grad(tensor) if _is_leaf(tensor) else None


def _lie_of(tensor: torch.Tensor) -> tuple[Any, ...]:
    """Where a tensor lies in memory, and how."""
    return _pointer(tensor), _stride(tensor), _shape(tensor)


def _count_hooks(tensor: torch.Tensor) -> int:
    return len(_hooks(tensor) or ()) + len(_later_hooks(tensor) or ())


def _place(tensor: torch.Tensor | None) -> Any:
    return None if tensor is None else (_pointer(tensor), _stride(tensor))


def _form(value: Any) -> Any:
    """Which objects stand where in lists and dicts."""
    if isinstance(value, (list, tuple)):
        return [_form(item) for item in value]
    if isinstance(value, dict):
        return [(key, _form(item)) for key, item in value.items()]
    return id(value)


class Settings:
    """torch's own state before a call, as far as code elsewhere depends on it.

    What `may_draw` may move torch's global generator, and not seed it.
    """

    def __init__(self, *, may_draw: bool = False) -> None:
        self._before = self._now()
        self._seed = _generator.initial_seed()
        self._state = None if may_draw else _generator.get_state()
        self._filled = _filled.count

    def _now(self) -> tuple[Any, ...]:
        asked = _asked_threads[-1] if _asked_threads else _threads()
        return (_mode(), _inference()), _dtype(), asked

    def changed(self) -> Iterator[Effect]:
        """What is otherwise now."""
        for kind, was, now in zip((MODE, DTYPE, THREADS), self._before, self._now(), strict=True):
            if was != now:
                yield kind, -1
        del _asked_threads[:-1]
        # A module that only holds parameters fills them first, and that is nobody's wish.
        fills = _filled.count > self._filled
        is_still = fills or self._state is None or _are_equal(_generator.get_state(), self._state)
        if _generator.initial_seed() != self._seed or not is_still:
            yield GENERATOR, -1


class Results:
    """What the last calls gave, to see whether a later one writes there."""

    def __init__(self) -> None:
        self._kept: deque[tuple[torch.Tensor, bytes, bool]] = deque()
        self._bytes = 0

    def changed(self) -> Iterator[Effect]:
        """Whether what was given before is otherwise now; it is said once."""
        for tensor, before, lies_as_compared in self._kept:
            if lies_as_compared:
                is_still = not _compare(_pointer(tensor), before, len(before))
            else:
                is_still = _is_still(tensor, before)
            if not is_still:
                self._kept.clear()
                self._bytes = 0
                yield EARLIER, -1
                return

    def keep(self, value: Any) -> None:
        """Keep the tensors of a result, in place of the oldest."""
        # Whatever else a function may return, such as what holds itself, is for who sends it to
        # speak of.
        with contextlib.suppress(Exception):
            for tensor in leaves(value):
                try:
                    plain = _plain(tensor)
                    if _storage_bytes(_storage(plain)) > MOST_MEMORY:
                        continue
                    before = contents(plain)
                except Exception:  # noqa: S112 - as above
                    continue
                self._kept.append((plain, before, bool(before) and _is_one_piece(plain)))
                self._bytes += len(before)
        while len(self._kept) > MOST_KEPT or self._bytes > MOST_BYTES:
            self._bytes -= len(self._kept.popleft()[1])
