"""Frames between the judge and a worker: plain values, raw tensor bytes, bounded, no pickle.

A frame is a fixed prefix, a JSON header and a body. The header holds the message, with every
container tagged, and a table of the tensors; the body holds their bytes, one after another. The
reader checks all of it before it believes any of it, since the writer may be hostile. A leaf:
imports nothing of ours.
"""

import contextlib
import copy
import ctypes
import json
import math
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

PREFIX = struct.Struct(">4sIQ")  # magic, bytes of header, bytes of body
MAGIC = b"GRD1"

MAX_DEPTH = 48
MAX_DIMENSIONS = 64
MAX_INT_BITS = 4096
MAX_OTHER_KEYS = 4096  # keys of dicts that are no str: their hashes can be made to collide
MAX_HELD = 1_000  # objects of one story
MAX_ELEMENTS = 1 << 48  # of a tensor, those of empty axes left out: torch multiplies in 64 bits
ALIGNMENT = 64
MOST_BEFORE = 1 << 16  # elements of its memory before a tensor's first
# Most messages come within this; to go to sleep and be woken takes longer than to ask again.
SPIN_SECONDS = 3e-4

# What looks at tensors, bound before any submission is loaded: of C, and not to be replaced in
# torch's own classes.
_BASE: Any = torch._C.TensorBase
_DETACH, _CPU, _CONTIGUOUS = _BASE.detach, _BASE.cpu, _BASE.contiguous
_RESOLVE_CONJ, _RESOLVE_NEG = _BASE.resolve_conj, _BASE.resolve_neg
_IS_COMPLEX, _IS_NEG, _IS_CPU = _BASE.is_complex, _BASE.is_neg, _BASE.is_cpu.__get__
_DTYPE, _SHAPE, _STRIDES = _BASE.dtype.__get__, _BASE.shape.__get__, _BASE.stride
_BEFORE, _NUMEL, _ELEMENT_SIZE = _BASE.storage_offset, _BASE.numel, _BASE.element_size
_ADDRESS = _BASE.data_ptr
_STRING_AT = ctypes.string_at

# A union would be made anew each time that a value is held against it.
_PLAIN = frozenset({bool, int, float, str})
_KEYS = (str, int, float, bool, tuple, type(None))
_LISTS = (list, tuple)
_TENSOR, _ITSELF = torch.Tensor, contextlib.nullcontext()
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
_DECODE = json.JSONDecoder().decode

INTEGERS = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64")
FLOATS = ("float16", "bfloat16", "float32", "float64", "complex32", "complex64", "complex128")
EIGHT_BITS = ("e4m3fn", "e5m2", "e4m3fnuz", "e5m2fnuz", "e8m0fnu")


@dataclass(frozen=True)
class Bounds:
    """How much one frame may hold: bytes of header and body, values of all kinds, tensors."""

    header: int
    body: int
    nodes: int
    tensors: int


# The judge's messages carry layouts, and whole inputs of a call.
MESSAGE = Bounds(header=8 << 20, body=64 << 20, nodes=200_000, tensors=200_000)
# What a worker sends is not to be trusted with the judge's memory, of which a byte of header costs
# forty. The answers of the course come to 2 KB of header, 250 KB of body, 200 values, 22 tensors.
REPLY = Bounds(header=1 << 20, body=32 << 20, nodes=20_000, tensors=2_000)

# Older releases of torch lack some of the eight-bit ones.
DTYPES: dict[str, torch.dtype] = {
    name: getattr(torch, name)
    for name in (*INTEGERS, *FLOATS, *(f"float8_{bits}" for bits in EIGHT_BITS))
    if hasattr(torch, name)
}
NAMES: dict[torch.dtype, str] = {dtype: name for name, dtype in DTYPES.items()}


class FrameError(ValueError):
    """A value that cannot be put on the wire, or bytes that are no frame."""


@dataclass(frozen=True)
class Stream:
    """Values that the receiver is to hand on as a generator, which can be read once."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class Placed:
    """A tensor in shared memory, at `offset` bytes; its gradient at `grad`, -1 for none."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    grad: int = -1


@dataclass(frozen=True)
class Held:
    """An object that the worker keeps between calls, by its number; only the judge speaks of it."""

    number: int


def leaves(value: object) -> Iterator[torch.Tensor]:
    """Yield the tensors in `value`, depth first, in the order in which a person would read them."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, Stream):
        yield from leaves(value.items)
    elif isinstance(value, dict):
        for item in value.values():
            yield from leaves(item)
    elif isinstance(value, _LISTS):
        for item in value:
            yield from leaves(item)


# --- writing -------------------------------------------------------------------------------------


@dataclass
class _Writer:
    layout: bool
    bounds: Bounds
    tensors: list[dict[str, Any]] = field(default_factory=list)
    buffers: list[bytes] = field(default_factory=list)
    size: int = 0
    mentioned: int = 0
    nodes: int = 0
    seen: dict[int, int] = field(default_factory=dict)
    kept: list[torch.Tensor] = field(default_factory=list)  # or an id could be used again

    def node(self, value: object, depth: int = 0) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > self.bounds.nodes:
            raise FrameError("a value that is nested too deeply, or has too many parts")
        if value is None or (kind := type(value)) is str or kind is bool:  # most of them
            return value
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            if int.bit_length(value) > MAX_INT_BITS:
                raise FrameError(f"an int of more than {MAX_INT_BITS} bits")
            return int.__int__(value)
        if isinstance(value, float):
            return float.__float__(value)
        if issubclass(type(value), torch.Tensor):  # isinstance believes what an object says
            return {"T": self.tensor(value)}  # type: ignore[arg-type]
        if isinstance(value, list):
            return [self.node(item, depth + 1) for item in list.__iter__(value)]
        if isinstance(value, tuple):
            return {"t": [self.node(item, depth + 1) for item in tuple.__iter__(value)]}
        if isinstance(value, dict):
            pairs = dict.items(value)
            # JSON would take a number for its digits; and a str may be a subclass of the student's.
            if all(type(key) is str for key in dict.keys(value)):
                self.nodes += len(pairs)
                return {"m": {key: self.node(item, depth + 1) for key, item in pairs}}
            return {"d": [[self.node(k, depth + 1), self.node(v, depth + 1)] for k, v in pairs]}
        if isinstance(value, Placed):
            return {"p": [value.dtype, list(value.shape), value.offset, value.grad]}
        if isinstance(value, Stream):
            return {"s": [self.node(item, depth + 1) for item in value.items]}
        if self.layout and isinstance(value, Held):
            return {"h": value.number}
        if self.layout and isinstance(value, torch.dtype) and value in NAMES:
            return {"D": NAMES[value]}
        if "__dataclass_fields__" in type(value).__dict__:
            raise FrameError(f"a dataclass, {type(value).__name__}")
        raise FrameError(f"a value of type {type(value).__name__}")

    def mention(self, nbytes: int) -> None:
        """Count a tensor in every place of a reply: the judge looks at it as often."""
        self.mentioned += nbytes
        if self.mentioned > self.bounds.body and not self.layout:
            raise FrameError(f"more than {self.bounds.body >> 20} MiB of tensors")

    def tensor(self, value: torch.Tensor) -> int:
        if (known := self.seen.get(id(value))) is not None:
            self.mention(self.tensors[known].get("bytes", 0))
            return known
        index = self.seen[id(value)] = len(self.tensors)
        if index >= self.bounds.tensors:
            raise FrameError("too many values for one message")
        self.kept.append(value)
        entry: dict[str, Any] = {}
        self.tensors.append(entry)
        # Only a subclass can have its own say in what follows, and being kept from it takes time.
        apart = _ITSELF if type(value) is _TENSOR else torch._C.DisableTorchFunctionSubclass()
        with apart:
            layout = _BASE.layout.__get__(value)
            no_strides = _BASE.is_quantized.__get__(value) or _BASE.is_meta.__get__(value)
            if layout != torch.strided or no_strides:
                raise FrameError(f"a tensor that is not dense ({layout})")
            plain = _DETACH(value)
            if (dtype := _DTYPE(plain)) not in NAMES:
                raise FrameError(f"a tensor of dtype {dtype}")
            entry["dtype"] = NAMES[dtype]
            entry["shape"] = list(_SHAPE(plain))
            if self.layout:
                entry["requires_grad"] = value.requires_grad
                entry["strides"] = list(_STRIDES(plain))
                entry["before"] = min(_BEFORE(plain), MOST_BEFORE)
                count = _span(entry["shape"], entry["strides"])
            else:
                count = _NUMEL(plain)
            nbytes = count * _ELEMENT_SIZE(plain)
            # Counted before anything is copied: an expanded tensor can be larger than any memory.
            if self.size + nbytes > self.bounds.body:
                raise FrameError(f"more than {self.bounds.body >> 20} MiB of tensors")
            if not _IS_CPU(plain):
                plain = _CPU(plain)
            if _IS_COMPLEX(plain) or _IS_NEG(plain):
                plain = _RESOLVE_NEG(_RESOLVE_CONJ(plain))
            if not self.layout:
                plain = _CONTIGUOUS(plain)
            entry["bytes"] = nbytes
            self.mention(nbytes)
            padding = -self.size % ALIGNMENT
            entry["offset"] = self.size + padding
            self.buffers.append(bytes(padding))
            self.buffers.append(_STRING_AT(_ADDRESS(plain), nbytes) if nbytes else b"")
            self.size += padding + nbytes
            if self.layout and value.is_leaf and value.grad is not None:
                entry["grad"] = self.tensor(value.grad)
        return index


def _span(shape: list[int], strides: list[int]) -> int:
    """Elements from the first to the last that a strided tensor touches."""
    if 0 in shape:
        return 0
    return 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))


def _bounds(layout: bool) -> Bounds:
    return MESSAGE if layout else REPLY


def pack(message: object, *, layout: bool = False) -> bytes:
    """The frame of `message`: None, bool, int, float, str, list, tuple, dict, Stream, Tensor.

    With `layout`, a dtype and what is `Held` travel too, and so do strides, where a tensor lies in
    its memory, `requires_grad` and `.grad`; a tensor that stands in two places arrives as one
    object. That is for the judge's messages, within the bounds of `MESSAGE`. Without it, only the
    values do, within those of `REPLY`. Raises FrameError for anything else, or more.
    """
    bounds = _bounds(layout)
    writer = _Writer(layout=layout, bounds=bounds)
    tree = writer.node(message)
    header = _ENCODE([tree, writer.tensors]).encode("ascii")
    if len(header) > bounds.header:
        raise FrameError("too many values for one message")
    return b"".join([PREFIX.pack(MAGIC, len(header), writer.size), header, *writer.buffers])


_NUMBERED = b'[{"m":{"id":'  # how the header of a numbered message begins


@dataclass(frozen=True)
class Parcel:
    """A message of the judge's, packed but for its number, so that it can be sent again: the header
    up to the number and after it, and the pieces of the body."""

    before: bytes
    after: bytes
    pieces: tuple[bytes, ...]

    def frame(self, number: int) -> bytes:
        """The frame of the message with this number, as its `id`."""
        header = self.before + str(number).encode("ascii") + self.after
        if len(header) > MESSAGE.header:
            raise FrameError("too many values for one message")
        size = sum(map(len, self.pieces))
        return b"".join([PREFIX.pack(MAGIC, len(header), size), header, *self.pieces])

    @property
    def size(self) -> int:
        """How many bytes it keeps."""
        return len(self.before) + len(self.after) + sum(map(len, self.pieces))


def parcel(message: dict[str, Any]) -> Parcel:
    """The parcel of a message, which `pack` would make with layouts. FrameError as there."""
    writer = _Writer(layout=True, bounds=MESSAGE)
    tree = writer.node({"id": 0, **message})
    header = _ENCODE([tree, writer.tensors]).encode("ascii")
    assert header.startswith(_NUMBERED + b"0")
    return Parcel(_NUMBERED, header[len(_NUMBERED) + 1 :], tuple(writer.buffers))


# --- reading -------------------------------------------------------------------------------------


@dataclass
class _Reader:
    entries: list[Any]
    body: bytearray
    layout: bool
    bounds: Bounds
    nodes: int = 0
    mentioned: int = 0
    other_keys: int = 0
    size: int = 0
    address: int | None = None  # of the body in memory
    tensors: list[torch.Tensor] = field(default_factory=list)

    def value(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if depth > MAX_DEPTH or self.nodes > self.bounds.nodes:
            raise FrameError("the message is nested too deeply, or has too many parts")
        kind = type(node)
        if kind is int and node.bit_length() > MAX_INT_BITS:
            raise FrameError(f"the header holds an int of more than {MAX_INT_BITS} bits")
        if node is None or kind in _PLAIN:
            return node
        if kind is list:
            return [self.value(item, depth + 1) for item in node]
        if kind is not dict or len(node) != 1:
            raise FrameError("the header holds an unknown node")
        ((tag, content),) = node.items()
        if tag == "T":
            tensor = self.tensors[self.index(content)]
            self.mentioned += tensor.nbytes
            if self.mentioned > self.bounds.body and not self.layout:
                raise FrameError("the header points to its tensors too often")
            return tensor
        if tag == "m":
            if type(content) is not dict:
                raise FrameError("the header holds an unknown node")
            self.nodes += len(content)
            return {key: self.value(item, depth + 1) for key, item in content.items()}
        if tag == "p":
            return _placed(content)
        if self.layout and tag == "h":
            if type(content) is not int or not 0 <= content < MAX_HELD:
                raise FrameError("the header speaks of an object that cannot be")
            return Held(content)
        if self.layout and tag == "D":
            if not isinstance(content, str) or content not in DTYPES:
                raise FrameError("the header names an unknown dtype")
            return DTYPES[content]
        if tag not in ("t", "d", "s") or not isinstance(content, list):
            raise FrameError("the header holds an unknown node")
        if tag == "d":
            return self.mapping(content, depth)
        items = tuple(self.value(item, depth + 1) for item in content)
        return items if tag == "t" else Stream(items)

    def index(self, content: Any) -> int:
        if type(content) is not int or not 0 <= content < len(self.tensors):
            raise FrameError("the header points to a tensor that is not there")
        return content

    def mapping(self, pairs: list[Any], depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2:
                raise FrameError("the header holds a dict whose items are no pairs")
            key = self.value(pair[0], depth + 1)
            if not isinstance(key, _KEYS):
                raise FrameError("the header holds a dict with a key that cannot be one")
            self.other_keys += not isinstance(key, str)
            if self.other_keys > MAX_OTHER_KEYS:
                raise FrameError("the header holds a dict with too many keys that are no str")
            try:
                result[key] = self.value(pair[1], depth + 1)
            except TypeError:  # a tuple with a list in it
                raise FrameError("the header holds a dict with a key that cannot be one") from None
        return result

    def tensor(self, entry: Any) -> torch.Tensor:
        if not isinstance(entry, dict):
            raise FrameError("the table of tensors holds something else")
        dtype = DTYPES.get(entry["dtype"]) if isinstance(entry.get("dtype"), str) else None
        if dtype is None:
            raise FrameError("a tensor has an unknown dtype")
        shape = _sizes(entry.get("shape"), "shape")
        strides = _sizes(entry.get("strides"), "strides") if self.layout else None
        if strides is not None and len(strides) != len(shape):
            raise FrameError("a tensor's strides do not fit its shape")
        count = math.prod(shape) if strides is None else _span(shape, strides)
        start, nbytes = entry.get("offset"), entry.get("bytes")
        # One after another: of tensors that share bytes, a small body could hold any number.
        if type(start) is not int or start != self.size + -self.size % ALIGNMENT:
            raise FrameError("a tensor lies where it should not in the body")
        if type(nbytes) is not int or nbytes != count * dtype.itemsize:
            raise FrameError("a tensor's bytes do not fit its shape and dtype")
        if start + nbytes > len(self.body):
            raise FrameError("a tensor lies outside of the body")
        self.size = start + nbytes
        if strides is not None and nbytes and not entry.get("before") and dtype != torch.bool:
            return self.copied(entry, shape, strides, dtype)
        if count:
            # A byte that is neither 0 nor 1 would be undefined behaviour in a bool.
            stored = torch.uint8 if dtype == torch.bool else dtype
            flat = torch.frombuffer(self.body, dtype=stored, count=count, offset=start)
            if dtype == torch.bool:
                flat = flat != 0
            if self.layout:  # a write to one of the receiver's tensors must not reach another
                flat = _with_room(flat, entry.get("before", 0))
        else:
            flat = torch.empty(0, dtype=dtype)
        if strides is None:
            return flat.view(shape)
        result = flat.as_strided(shape, strides, len(flat) - count)
        return result.detach().requires_grad_() if entry.get("requires_grad") else result

    def copied(
        self, entry: dict[str, Any], shape: list[int], strides: list[int], dtype: torch.dtype
    ) -> torch.Tensor:
        """A tensor whose memory begins with it, in the least number of torch's operations."""
        if self.address is None:
            self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.body))
        made = torch.empty_strided(shape, strides, dtype=dtype)
        ctypes.memmove(_ADDRESS(made), self.address + entry["offset"], entry["bytes"])
        return made.requires_grad_() if entry.get("requires_grad") else made

    def read(self) -> None:
        for entry in self.entries:
            self.tensors.append(self.tensor(entry))
        if self.layout:
            for entry, tensor in zip(self.entries, self.tensors, strict=True):
                if "grad" in entry:
                    tensor.grad = self.tensors[self.index(entry["grad"])]


def _with_room(flat: torch.Tensor, before: Any) -> torch.Tensor:
    """A copy that does not begin where its memory begins; what is there is no number."""
    if type(before) is not int or not 0 <= before <= MOST_BEFORE:
        raise FrameError("a tensor lies where it should not in its memory")
    if not before:
        return flat.clone()
    filler = math.nan if flat.is_floating_point() else 0
    return torch.cat([flat.new_full((before,), filler), flat])


def _placed(content: Any) -> Placed:
    if not isinstance(content, list) or len(content) != 4 or not isinstance(content[0], str):
        raise FrameError("the header places a tensor nowhere")
    dtype, shape, offset, grad = content
    if type(offset) is not int or type(grad) is not int or offset < 0 or grad < -1:
        raise FrameError("the header places a tensor nowhere")
    return Placed(dtype, tuple(_sizes(shape, "shape")), offset, grad)


def _sizes(value: Any, what: str) -> list[int]:
    if not isinstance(value, list) or len(value) > MAX_DIMENSIONS:
        raise FrameError(f"a tensor's {what} is no list of sizes")
    if not all(type(size) is int and 0 <= size < 1 << 40 for size in value):
        raise FrameError(f"a tensor's {what} is no list of sizes")
    if what == "shape" and math.prod(size or 1 for size in value) > MAX_ELEMENTS:
        raise FrameError("a tensor has a shape that no memory holds")
    return value


def lengths(prefix: bytes | bytearray | memoryview, *, layout: bool = False) -> tuple[int, int]:
    """The bytes of header and body that `prefix` announces; FrameError for nonsense.

    With `layout`, of a message of the judge's."""
    bounds = _bounds(layout)
    magic, header, body = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise FrameError("the bytes are no frame")
    # Padding may add up to the alignment for each tensor.
    if header > bounds.header or body > bounds.body + ALIGNMENT * bounds.tensors:
        raise FrameError(f"a message of {header + body} bytes is over the limit")
    return header, body


def unpack(header: bytes | bytearray, body: bytearray, *, layout: bool = False) -> Any:
    """The message of a frame's header and body; FrameError where they are not what `pack` writes.

    With `layout`, tensors get their strides, offset, `requires_grad` and `.grad`, and memory of
    their own; that is for the worker, which trusts the judge. Without it, the tensors are views of
    `body`, and the header costs at most some forty times its bytes.
    """
    try:
        parsed = _DECODE(header.decode("ascii"))
    except (ValueError, RecursionError):
        raise FrameError("the header is no JSON") from None
    if not isinstance(parsed, list) or len(parsed) != 2 or not isinstance(parsed[1], list):
        raise FrameError("the header is not a message and a table of tensors")
    bounds = _bounds(layout)
    if len(parsed[1]) > bounds.tensors:
        raise FrameError("the table of tensors is too long")
    reader = _Reader(entries=parsed[1], body=body, layout=layout, bounds=bounds)
    try:
        reader.read()
        return reader.value(parsed[0])
    except (RuntimeError, OverflowError, RecursionError) as error:
        raise FrameError(f"a tensor cannot be built: {error}") from None


# --- the worker's end of the channel --------------------------------------------------------------

SMALL = 1 << 14  # bytes that are sooner copied than asked for in two pieces
_AT_ONCE: int = getattr(socket, "MSG_DONTWAIT", 0)  # Windows has none


def receive(channel: socket.socket, spins: float = 0.0) -> Any:
    """Wait for the next message of the judge, with layouts. EOFError where the judge has gone.

    `spins`: seconds for which the channel is watched closely first."""
    prefix = bytearray(PREFIX.size)
    got = 0
    patience = time.monotonic() + (spins if _AT_ONCE else 0.0)
    while not got and time.monotonic() < patience:
        try:
            got = channel.recv_into(prefix, 0, _AT_ONCE)
        except BlockingIOError:
            continue
        if not got:
            raise EOFError
    _fill(channel, prefix, got)
    length, size = lengths(prefix, layout=True)
    if length + size <= SMALL:  # read at one go
        rest = bytearray(length + size)
        _fill(channel, rest)
        return unpack(rest[:length], rest[length:], layout=True)
    header, body = bytearray(length), bytearray(size)
    _fill(channel, header)
    _fill(channel, body)
    return unpack(header, body, layout=True)


def _fill(channel: socket.socket, data: bytearray, there: int = 0) -> None:
    """Read the rest of `data`, of which the first bytes are there."""
    view = memoryview(data)[there:]
    while view:
        got = channel.recv_into(view)
        if not got:
            raise EOFError
        view = view[got:]


def mapped(function: Callable[[torch.Tensor], Any], value: Any) -> Any:
    """`value` with `function` applied to every tensor in it; one object stays one object."""
    return _mapped(function, value, {})


def _mapped(function: Callable[[torch.Tensor], Any], value: Any, done: dict[int, Any]) -> Any:
    if isinstance(value, torch.Tensor):
        if id(value) not in done:
            done[id(value)] = function(value)
        return done[id(value)]
    if isinstance(value, dict):
        result = copy.copy(value)  # a subclass of dict keeps what else it holds
        result.update({key: _mapped(function, item, done) for key, item in value.items()})
        return result
    if isinstance(value, Stream):
        return Stream(tuple(_mapped(function, item, done) for item in value.items))
    if isinstance(value, list):
        items = copy.copy(value)
        items[:] = [_mapped(function, item, done) for item in value]
        return items
    if isinstance(value, tuple):
        return tuple(_mapped(function, item, done) for item in value)
    return value
