"""A pretended accelerator, so that what is written for GPUs runs on a machine without one.

A backend of torch's under the name `simulated`, with what makes a GPU unlike a processor:

    memory of its own    a tensor's values lie where only the simulator reaches them; copies to and
                         fro are counted, and take their time where a bus is set
    later operations     a call gives shape and dtype; the values follow at a synchronise, a copy to
                         the CPU, or when the queue is full
    late errors          what goes wrong in an operation is raised where its values are asked for,
                         and from then on by whatever this process asks
    streams              work on a side stream is waited for by `synchronize` alone
    an allocator         which hands out freed blocks as they are, refuses what does not fit, and
                         counts the most that was in use
    one device for all   processes share a page (`Page`) that says until when it is busy; that goes
                         on though the process that gave it work is stopped

It computes with torch's kernels for the CPU. It takes torch's interface for backends in Python,
which is newer than the oldest torch that `grade` runs with.
"""

import contextlib
import functools
import mmap
import struct
import threading
import time
import types
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from grader.systems.here import SYSTEM

NAME = "simulated"
QUEUE = 1000  # operations that wait at most, as with a GPU's launches
CAPACITY = 8 << 30
L2_BYTES = 4 << 20
CLOCK_MHZ = 1000

_C: Any = torch._C
_library: Any = torch.library
_AS_STRIDED = torch.as_strided
_SET_DATA = _C.TensorBase.data.__set__
_FIELDS = {  # of the page: name, and its form
    "busy_until": "d",
    **dict.fromkeys(("up", "down", "operations", "capacity", "bus"), "q"),
    **dict.fromkeys(("clock", "throttled", "others"), "q"),
}
PAGE_BYTES = 4096


def lacks() -> str:
    """What the installed torch lacks for it; empty where it has all."""
    try:
        from torch.utils.backend_registration import _setup_privateuseone_for_python_backend
    except ImportError:
        return f"torch {torch.__version__} has no backends in Python"
    del _setup_privateuseone_for_python_backend
    return ""


@functools.cache
def warm_up() -> None:
    """Import what shapes are told by, a second's worth, once for all who are forked from here."""
    x = torch.empty(2, 2, device="meta")
    torch.mm(x, x).tanh()


class Page:
    """The device's state, in memory that every process maps.

    `busy_until`: on the monotonic clock; `up`, `down`: bytes copied to the device and back;
    `operations`: how many it has done; `capacity`: bytes of memory; `bus`: bytes a second, 0 for no
    bound; `clock`: MHz; `throttled`: whether it has slowed itself down; `others`: processes of
    other programs on it.
    """

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory

    @classmethod
    def new(cls) -> tuple[int, "Page"]:
        """A device of its own, and the descriptor under which others map it."""
        descriptor = SYSTEM.sealed(PAGE_BYTES)
        page = cls(mmap.mmap(descriptor, PAGE_BYTES))
        page.set(capacity=CAPACITY, clock=CLOCK_MHZ)
        return descriptor, page

    def __getattr__(self, name: str) -> Any:
        if name not in _FIELDS:
            raise AttributeError(name)
        place = 8 * list(_FIELDS).index(name)
        return struct.unpack_from(_FIELDS[name], self._memory, place)[0]

    def set(self, **values: float) -> None:
        """Give fields new values."""
        for name, value in values.items():
            place = 8 * list(_FIELDS).index(name)
            struct.pack_into(_FIELDS[name], self._memory, place, value)


class Stream:
    """An order of its own of operations."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []


class Event:
    """A point in a stream; its times are the processor's, of when it was recorded."""

    def __init__(self, enable_timing: bool = False) -> None:
        self.enable_timing = enable_timing
        self._at = 0.0

    def record(self) -> None:
        """Note the time."""
        self._at = time.perf_counter()

    def synchronize(self) -> None:
        """Nothing: it was passed when it was recorded."""

    def elapsed_time(self, other: "Event") -> float:
        """Milliseconds from here to `other`."""
        return 1e3 * (other._at - self._at)


class Simulator:
    """The device as one process sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.generator = torch.Generator()
        self.stream = self.default = Stream()
        self._streams = [self.default]
        self._order: list[tuple[Stream, Callable[[], None]]] = []
        self._memory: dict[int, tuple[Any, torch.Tensor]] = {}  # by storage: a weak hold on it
        self._free: dict[int, list[torch.Tensor]] = defaultdict(list)
        self._used = self._peak = 0
        self._error: Exception | None = None
        self._lock = threading.RLock()

    # --- memory ---

    def _allocate(self, nbytes: int) -> torch.Tensor:
        """A block, with what was left in it."""
        self._sweep()
        if self._used + nbytes > self.page.capacity:
            raise torch.OutOfMemoryError(
                f"{NAME} out of memory: {nbytes} bytes are asked for,"
                f" {self.page.capacity - self._used} are free"
            )
        self._used += nbytes
        self._peak = max(self._peak, self._used)
        kept = self._free[nbytes]
        return kept.pop() if kept else torch.zeros(nbytes, dtype=torch.uint8)

    def _sweep(self) -> None:
        """Take back the blocks of tensors that are gone."""
        storage: Any = torch.UntypedStorage
        for key, (weak, block) in list(self._memory.items()):
            if storage._expired(weak):
                storage._free_weak_ref(weak)
                del self._memory[key]
                self._used -= block.numel()
                self._free[block.numel()].append(block)

    def empty(
        self, size: Sequence[int], stride: Sequence[int] | None, dtype: torch.dtype
    ) -> torch.Tensor:
        """A tensor on the device, its values whatever lay there."""
        made: torch.Tensor = _C._acc.create_empty_tensor(list(size), dtype)
        count = made.numel()
        if stride is not None and count:
            count = 1 + sum((n - 1) * each for n, each in zip(size, stride, strict=True))
        self._give_memory(made, count * dtype.itemsize)
        if stride is not None and tuple(stride) != made.stride():
            made = torch.ops.aten.as_strided.default.redispatch(_META, made, size, stride, 0)
        return made

    def _give_memory(self, tensor: torch.Tensor, nbytes: int) -> None:
        held = tensor.untyped_storage()
        self._memory[held._cdata] = held._weak_ref(), self._allocate(nbytes)

    def values(self, tensor: torch.Tensor) -> torch.Tensor:
        """Where the values of a tensor on the device lie, as the CPU sees it."""
        block = self._memory[tensor.untyped_storage()._cdata][1]
        whole = block[: block.numel() // tensor.element_size() * tensor.element_size()]
        return _AS_STRIDED(
            whole.view(tensor.dtype), tensor.size(), tensor.stride(), tensor.storage_offset()
        )

    # --- time ---

    def later(self, work: Callable[[], None]) -> None:
        """Have `work` done on the current stream, after what waits there."""
        self.stream.waiting.append(work)
        if len(self.stream.waiting) > QUEUE:
            self._finish(self.stream)

    def _finish(self, *streams: Stream) -> None:
        """Do what waits on the streams. What was raised by then is raised here."""
        _until(self.page.busy_until)
        for stream in streams:
            waiting, stream.waiting = stream.waiting, []
            for work in waiting:
                try:
                    work()
                except Exception as error:
                    self._error = self._error or error
                self.page.set(operations=self.page.operations + 1)
        if self._error is not None:  # now and ever after, as with CUDA
            raise RuntimeError(f"{NAME}: an operation before this one failed: {self._error}")

    def synchronize(self) -> None:
        """Wait until all streams of this process have done what was asked of them."""
        with self._lock:
            self._finish(*self._streams)
            _until(self.page.busy_until)

    def sleep(self, seconds: float) -> None:
        """Keep the device busy for so long, from when it is free: it goes on by itself."""
        until = max(self.page.busy_until, time.monotonic()) + seconds
        self.page.set(busy_until=until)
        self.later(lambda: _until(until))

    @contextlib.contextmanager
    def on(self, stream: Stream) -> Iterator[None]:
        """Give the operations within to another stream."""
        before, self.stream = self.stream, stream
        try:
            yield
        finally:
            self.stream = before

    def new_stream(self) -> Stream:
        """A stream beside the default one."""
        self._streams.append(Stream())
        return self._streams[-1]

    # --- operations ---

    def operation(self, op: Any, *args: Any, **kwargs: Any) -> Any:
        """What torch calls for every operation on the device that is not made of others."""
        with self._lock, _C._AutoDispatchBelowAutograd(), _C.DisableTorchFunction():
            schema = op._schema
            own = _OWN.get(schema.name)
            if own is not None:
                return own(self, *args, **kwargs)
            written = [each for each in schema.returns if each.alias_info is not None]
            if written and not any(each.alias_info.is_write for each in written):
                return op.redispatch(_META, *args, **kwargs)  # a view: nothing is computed
            if any(each.name == "generator" for each in schema.arguments):
                kwargs["generator"] = kwargs.get("generator") or self.generator
            kwargs = {name: each for name, each in kwargs.items() if name != "device"}
            self._hold_together(schema.name, args, kwargs)
            if not _gives_tensors(schema) or schema.name in _BY_VALUE:
                return self._at_once(op, args, kwargs)
            return self._delayed(op, args, kwargs)

    def _hold_together(self, name: str, *values: Any) -> None:
        """Refuse tensors of the CPU among those of the device, as a GPU does."""
        if name in _INDEXED:
            return
        for tensor in _tensors(values):
            if tensor.device.type != NAME and tensor.dim():
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two devices,"
                    f" {NAME}:0 and {tensor.device}!"
                )

    def _here(self, value: Any) -> Any:
        """`value` with the values of tensors in their place."""
        return _mapped(lambda t: self.values(t) if t.device.type == NAME else t, value)

    def _at_once(self, op: Any, args: Any, kwargs: Any) -> Any:
        """The result, which depends on values: the device is waited for."""
        self._finish(self.stream)
        return _mapped(self._placed, op(*self._here(args), **self._here(kwargs)))

    def _placed(self, tensor: torch.Tensor) -> torch.Tensor:
        made = self.empty(tensor.size(), tensor.stride(), tensor.dtype)
        self.values(made).copy_(tensor)
        return made

    def _delayed(self, op: Any, args: Any, kwargs: Any) -> Any:
        """A result without its values yet."""
        forms: dict[int, torch.Tensor] = {}

        def form(tensor: torch.Tensor) -> torch.Tensor:
            if tensor.device.type != NAME and not tensor.dim():
                return tensor  # a number
            forms[id(tensor)] = torch.empty_strided(
                tensor.size(), tensor.stride(), dtype=tensor.dtype, device="meta"
            )
            return forms[id(tensor)]

        plain = {name: each for name, each in kwargs.items() if name != "generator"}
        try:
            found = op(*_mapped(form, args), **_mapped(form, plain))
        except NotImplementedError:  # its shape depends on values
            return self._at_once(op, args, kwargs)
        given = {id(forms[id(t)]): t for t in _tensors((args, kwargs)) if id(t) in forms}
        for made, tensor in ((forms[key], t) for key, t in _by_id((args, kwargs)) if key in forms):
            if made.size() != tensor.size():  # an `out` that was made larger
                _SET_DATA(tensor, self.empty(made.size(), made.stride(), made.dtype))
        fresh: list[tuple[int, torch.Tensor]] = []
        flat = list(_tensors(found))

        def result(tensor: torch.Tensor) -> torch.Tensor:
            if id(tensor) in given:
                return given[id(tensor)]
            made = self.empty(tensor.size(), tensor.stride(), tensor.dtype)
            fresh.append((next(n for n, t in enumerate(flat) if t is tensor), made))
            return made

        results = _mapped(result, found)
        inputs = self._here((args, kwargs))
        targets = [(number, self.values(made)) for number, made in fresh]

        def work() -> None:
            values = list(_tensors(op(*inputs[0], **inputs[1])))
            for number, target in targets:
                target.copy_(values[number])

        self.later(work)
        return results

    def copy(self, source: torch.Tensor, target: torch.Tensor, blocking: bool = True) -> Any:
        """Values from one place to another, over the bus where one is the CPU."""
        del blocking
        if source.device.type == NAME and target.device.type == NAME:
            values, place = self.values(source), self.values(target)

            def work() -> None:
                place.copy_(values)

            self.later(work)
            return target
        self._finish(self.stream)
        if target.device.type == NAME:
            self._cross("up", source)
            self.values(target).copy_(source)
        else:
            self._cross("down", source)
            target.copy_(self.values(source))
        return target

    def _cross(self, way: str, tensor: torch.Tensor) -> None:
        nbytes = tensor.numel() * tensor.element_size()
        self.page.set(**{way: getattr(self.page, way) + nbytes})
        if self.page.bus:
            _until(time.monotonic() + nbytes / self.page.bus)

    # --- the rest of a backend ---

    def seed(self, seed: int) -> None:
        """Seed the generator of the device."""
        self.generator.manual_seed(seed)

    def peak(self) -> int:
        """The most bytes that tensors had since `reset_peak`."""
        return self._peak

    def reset_peak(self) -> None:
        """Count the peak from what is in use now."""
        self._sweep()
        self._peak = self._used

    def register(self) -> None:
        """Make it a device of torch's, for this process, and `torch.simulated` its module."""
        from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

        module = types.ModuleType(f"torch.{NAME}")
        vars(module).update(
            is_initialized=lambda: True,
            is_available=lambda: True,
            device_count=lambda: 1,
            current_device=lambda: 0,
            _is_in_bad_fork=lambda: False,
            manual_seed=self.seed,
            manual_seed_all=self.seed,
            get_rng_state=lambda *_: self.generator.get_state(),
            set_rng_state=lambda state, *_: self.generator.set_state(state),
            get_amp_supported_dtype=lambda: [torch.float16, torch.bfloat16],
            synchronize=lambda *_: self.synchronize(),
            max_memory_allocated=lambda *_: self.peak(),
            reset_peak_memory_stats=lambda *_: self.reset_peak(),
            Stream=self.new_stream,
            stream=self.on,
            current_stream=lambda *_: self.stream,
            Event=Event,
            _sleep=self.sleep,
        )
        _setup_privateuseone_for_python_backend(NAME, module)
        library = _library.Library("_", "IMPL")
        library.fallback(self.operation, "PrivateUse1")
        atens = _library.Library("aten", "IMPL")
        atens.impl("convolution_overrideable", self._convolution, "PrivateUse1")
        atens.impl("convolution_backward_overrideable", self._convolved_back, "PrivateUse1")
        self._libraries = library, atens  # they are taken back with this

    def _convolution(self, *args: Any) -> Any:
        return self.operation(torch.ops.aten.convolution.default, *args)

    def _convolved_back(self, grad: Any, given: Any, weight: Any, *rest: Any) -> Any:
        backward = torch.ops.aten.convolution_backward.default
        return self.operation(backward, grad, given, weight, [weight.size(0)], *rest)


def _until(moment: float) -> None:
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(left)


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _by_id(value: Any) -> Iterator[tuple[int, torch.Tensor]]:
    return ((id(tensor), tensor) for tensor in _tensors(value))


def _mapped(convert: Callable[[torch.Tensor], torch.Tensor], value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return convert(value)
    if isinstance(value, dict):
        return {key: _mapped(convert, item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_mapped(convert, item) for item in value)
    return value


def _gives_tensors(schema: Any) -> bool:
    """Whether all that comes back is tensors, or lists of them."""
    return all("Tensor" in str(each.type) for each in schema.returns)


def _empty(
    simulator: Simulator, size: Any, stride: Any = None, *, dtype: Any = None, **_: Any
) -> torch.Tensor:
    return simulator.empty(size, stride, dtype or torch.get_default_dtype())


def _copy(simulator: Simulator, source: Any, target: Any, blocking: bool = True) -> Any:
    return simulator.copy(source, target, blocking)


def _gru_cell(_: Simulator, given: Any, hidden: Any, state: Any, *biases: Any) -> Any:
    """One step of a GRU, which accelerators have in one piece; and what its backward needs."""
    if biases and biases[0] is not None:
        given, hidden = given + biases[0], hidden + biases[1]
    reset, update, new = given.chunk(3, 1)
    reset_, update_, new_ = hidden.chunk(3, 1)
    reset, update = (reset + reset_).sigmoid(), (update + update_).sigmoid()
    new = (new + reset * new_).tanh()
    return new + update * (state - new), torch.cat([reset, update, new, state, new_], 1)


def _gru_cell_backward(_: Simulator, grad: Any, kept: Any, has_bias: bool) -> Any:
    reset, update, new, state, new_ = kept.chunk(5, 1)
    into_new = grad * (1 - update) * (1 - new * new)
    into_update = grad * (state - new) * update * (1 - update)
    into_reset = into_new * new_ * reset * (1 - reset)
    given = torch.cat([into_reset, into_update, into_new], 1)
    hidden = torch.cat([into_reset, into_update, into_new * reset], 1)
    biases = (given.sum(0), hidden.sum(0)) if has_bias else (None, None)
    return given, hidden, grad * update, *biases


def _lstm_cell(_: Simulator, given: Any, hidden: Any, cell: Any, *biases: Any) -> Any:
    """One step of an LSTM, and what its backward needs."""
    gates = given + hidden
    if biases and biases[0] is not None:
        gates = gates + biases[0] + biases[1]
    enter, forget, new, leave = gates.chunk(4, 1)
    enter, forget, new, leave = enter.sigmoid(), forget.sigmoid(), new.tanh(), leave.sigmoid()
    cell = forget * cell + enter * new
    return leave * cell.tanh(), cell, torch.cat([enter, forget, new, leave], 1)


def _lstm_cell_backward(
    _: Simulator, grad: Any, grad_cell: Any, before: Any, cell: Any, kept: Any, has_bias: bool
) -> Any:
    enter, forget, new, leave = kept.chunk(4, 1)
    shown = cell.tanh()
    grad = torch.zeros_like(cell) if grad is None else grad
    into = grad * leave * (1 - shown * shown)
    if grad_cell is not None:
        into = into + grad_cell
    parts = (
        into * new * enter * (1 - enter),
        into * before * forget * (1 - forget),
        into * enter * (1 - new * new),
        grad * shown * leave * (1 - leave),
    )
    gates = torch.cat(parts, 1)
    return gates, into * forget, gates.sum(0) if has_bias else None


_META = _C.DispatchKeySet(_C.DispatchKey.Meta)
_OWN: dict[str, Callable[..., Any]] = {
    "aten::empty": _empty,
    "aten::empty_strided": _empty,
    "aten::_copy_from": _copy,
    "aten::_copy_from_and_resize": _copy,
    "aten::_thnn_fused_gru_cell": _gru_cell,
    "aten::_thnn_fused_gru_cell_backward": _gru_cell_backward,
    "aten::_thnn_fused_lstm_cell": _lstm_cell,
    "aten::_thnn_fused_lstm_cell_backward_impl": _lstm_cell_backward,
}
# The shape of what they give depends on values.
_BY_VALUE = frozenset(
    f"aten::{name}"
    for name in (
        *("nonzero", "masked_select", "unique_dim", "_unique2", "unique_consecutive"),
        *("bincount", "repeat_interleave", "_local_scalar_dense", "equal"),
    )
)
# Those that take indices from the CPU as well.
_INDEXED = frozenset({"aten::index", "aten::index_put_", "aten::_index_put_impl_"})
