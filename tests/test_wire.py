"""The wire between judge and worker: what travels arrives as it was, and nothing else gets in."""

import copy
import json
import math
import os
import socket
import tracemalloc
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader import wire
from grader.wire import DTYPES, FrameError, Stream, lengths, pack, unpack

# GRADE_FUZZ_FRAMES=100000 for a long run.
FUZZ_FRAMES = int(os.environ.get("GRADE_FUZZ_FRAMES", "300"))
fuzz = settings(
    max_examples=FUZZ_FRAMES,
    deadline=None,
    derandomize="GRADE_FUZZ_FRAMES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def parts(frame: bytes, *, layout: bool = False) -> tuple[bytes, bytearray]:
    """Header and body of a frame, as a reader takes them off the channel."""
    header, body = lengths(frame[: wire.PREFIX.size], layout=layout)
    rest = frame[wire.PREFIX.size :]
    assert len(rest) == header + body
    return rest[:header], bytearray(rest[header:])


def sent(value: Any, *, layout: bool = False) -> Any:
    """`value` as it arrives at the other end."""
    return unpack(*parts(pack(value, layout=layout), layout=layout), layout=layout)


def some(dtype: torch.dtype, *shape: int) -> torch.Tensor:
    """A tensor whose bytes all differ from their neighbours', in any dtype."""
    nbytes = math.prod(shape) * dtype.itemsize
    raw = torch.arange(1, nbytes + 1, dtype=torch.int64).remainder(120).to(torch.uint8)
    if dtype == torch.bool:
        return (raw % 2 == 0).view(shape)
    return raw.view(dtype).view(shape)


def raw(tensor: torch.Tensor) -> list[int]:
    """The bytes of a tensor's elements, in order."""
    return tensor.detach().contiguous().flatten().view(torch.uint8).tolist()


PLAIN = [
    *(None, True, False, 0, -1, 2**4096 - 1, -(2**4096 - 1), 0.0, -0.0, 1e-300, 0.1),
    *(math.inf, -math.inf, "", "text", "ünï \U0001f600", "\ud800", '\x00"\\'),
    *([], (), {}, [[]], ((),), [(), {}, [None]], {"a": {"b": ({}, [1, 2.0])}}),
    *({1: "int", 2.5: "float", False: "bool", None: "none", (1, "a"): "tuple"}, {"T": 0, "t": []}),
]


class TestRoundTrip:
    """What is packed arrives as it was."""

    @pytest.mark.parametrize("value", PLAIN, ids=lambda value: repr(value)[:30])
    def test_a_plain_value_arrives_with_its_type(self, value):
        got = sent(value)
        assert got == value
        assert repr(got) == repr(value)

    def test_nan_arrives_as_nan(self):
        assert math.isnan(sent(math.nan))

    @pytest.mark.slow
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.lists(inner, max_size=4).map(tuple)
                | st.dictionaries(st.text() | st.integers(), inner, max_size=4)
            ),
        )
    )
    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    def test_any_nesting_of_values_arrives(self, value):
        assert repr(sent(value)) == repr(value)

    @pytest.mark.parametrize("layout", [False, True], ids=["values", "layout"])
    @pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 3), (2, 0, 3), (1, 1, 1, 5)], ids=str)
    @pytest.mark.parametrize("name", DTYPES)
    def test_every_dtype_arrives_bit_by_bit(self, name, shape, layout):
        tensor = some(DTYPES[name], *shape)
        got = sent([tensor], layout=layout)[0]
        assert type(got) is torch.Tensor
        assert (got.dtype, got.shape) == (tensor.dtype, tensor.shape)
        assert raw(got) == raw(tensor)

    @pytest.mark.parametrize("lazy", ["conj", "neg"])
    def test_a_lazily_conjugated_or_negated_tensor_arrives_with_its_values(self, lazy):
        base = torch.tensor([1 + 2j, 3 - 4j])
        tensor = base.conj() if lazy == "conj" else base.conj().imag
        assert torch.equal(sent(tensor), tensor.clone())

    def test_a_tensor_subclass_arrives_as_the_plain_tensor_that_it_holds(self):
        class Liar(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None):
                return torch.zeros(3)

        got = sent(torch.ones(2).as_subclass(Liar))
        assert type(got) is torch.Tensor
        assert got.tolist() == [1.0, 1.0]

    @pytest.mark.parametrize("value", [type("I", (int,), {})(3), type("S", (str,), {})("s")])
    def test_a_subclass_of_a_plain_type_arrives_as_the_plain_type(self, value):
        got = sent(value)
        assert type(got) in (int, str)
        assert got == value

    def test_a_stream_arrives_as_a_stream(self):
        got = sent(Stream((1, Stream((2,)), torch.ones(2))))
        assert isinstance(got, Stream)
        assert got.items[:2] == (1, Stream((2,)))
        assert got.items[2].tolist() == [1.0, 1.0]

    @pytest.mark.parametrize("layout", [False, True], ids=["values", "layout"])
    def test_one_tensor_in_two_places_stays_one(self, layout):
        tensor = torch.ones(2)
        first, (second,), third = sent([tensor, (tensor,), tensor.clone()], layout=layout)
        assert first is second
        assert first is not third

    @pytest.mark.parametrize("message", [None, [1], [torch.ones(3), {"a": torch.zeros(0)}]])
    def test_a_message_arrives_through_a_socket(self, message):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(pack(message, layout=True))
            assert repr(wire.receive(theirs)) == repr(message)

    def test_the_end_of_the_channel_is_told_from_a_message(self):
        ours, theirs = socket.socketpair()
        with theirs:
            ours.sendall(pack([1, 2])[:-1])
            ours.close()
            with pytest.raises(EOFError):
                wire.receive(theirs)


LAYOUTS = {
    "transposed": torch.arange(6.0).view(2, 3).T,
    "strided": torch.arange(12.0)[::3],
    "offset": torch.arange(12.0)[5:],
    "expanded": torch.arange(3.0).expand(4, 3),
    "expanded scalar": torch.tensor(2.0).expand(5, 5),
    "windows": torch.arange(6.0).as_strided((4, 3), (1, 1)),
    "empty": torch.zeros(3, 0).T,
    "channels last": torch.arange(24.0).view(1, 2, 3, 4).to(memory_format=torch.channels_last),
}


class TestLayout:
    """On the way in, a tensor keeps how it lies in memory and what autograd knows of it."""

    @pytest.mark.parametrize("name", LAYOUTS)
    def test_strides_and_offset_arrive(self, name):
        got = sent(LAYOUTS[name], layout=True)
        assert got.stride() == LAYOUTS[name].stride()
        assert got.storage_offset() == LAYOUTS[name].storage_offset()
        assert torch.equal(got, LAYOUTS[name])

    @pytest.mark.parametrize("name", LAYOUTS)
    def test_on_the_way_back_only_the_values_arrive(self, name):
        got = sent(LAYOUTS[name])
        assert got.is_contiguous()
        assert torch.equal(got, LAYOUTS[name])

    def test_what_lies_before_a_tensor_is_no_number(self):
        got = sent(LAYOUTS["offset"], layout=True)
        assert got.as_strided((5,), (1,), 0).isnan().all()

    def test_only_the_bytes_that_a_view_shows_travel(self):
        whole = torch.full((1000,), 7, dtype=torch.uint8)
        assert pack(whole[10:12], layout=True).count(7) == 2

    def test_an_expanded_tensor_costs_what_it_holds(self):
        frame = pack(torch.zeros(()).expand(1 << 20, 1 << 18), layout=True)
        assert len(frame) < 1000

    @pytest.mark.parametrize("asks", [False, True])
    def test_requires_grad_arrives(self, asks):
        got = sent(torch.ones(2, requires_grad=asks), layout=True)
        assert got.requires_grad is asks
        assert got.is_leaf

    def test_a_gradient_arrives_as_its_tensors_own(self):
        tensor = torch.ones(2, requires_grad=True)
        tensor.grad = torch.tensor([3.0, 4.0])
        got, grad = sent((tensor, tensor.grad), layout=True)
        assert got.grad is grad
        assert grad.tolist() == [3.0, 4.0]

    def test_two_tensors_never_share_memory(self):
        base = torch.zeros(4)
        first, second = sent((base, base.view(2, 2)), layout=True)
        first += 1
        assert not second.any()


class Unknown:
    """Nothing that the wire knows."""


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append((value, {"again": value}))
    return value


def a_sparse() -> torch.Tensor:
    return torch.sparse_coo_tensor([[0]], [1.0], (3,))


REFUSED = {
    "an unknown type": lambda: Unknown(),
    "a set": lambda: {1},
    "bytes": lambda: b"",
    "a complex number": lambda: 1j,
    "a generator": lambda: (i for i in ()),
    "a large int": lambda: 1 << 4096,
    "deep nesting": lambda: nested(1000),
    "a cycle": cycle,
    "too many parts": lambda: [None] * (wire.REPLY.nodes + 1),
    "too many tensors": lambda: [torch.zeros(0) for _ in range(wire.REPLY.tensors + 1)],
    "too much text": lambda: "x" * (wire.REPLY.header + 1),
    "a giant by expansion": lambda: torch.zeros(()).expand(1 << 20, 1 << 20, 1 << 20),
    "too many bytes": lambda: torch.zeros(()).expand(wire.REPLY.body + 1),
    "too many bytes in all": lambda: (
        [torch.zeros(()).expand(wire.REPLY.body // 8)] * 1
        + [torch.zeros(wire.REPLY.body // 8) for _ in range(2)]
    ),
    "one tensor in too many places": lambda: [torch.zeros(wire.REPLY.body // 40)] * 11,
    "a sparse tensor": a_sparse,
    "a meta tensor": lambda: torch.ones(2, device="meta"),
    "a quantized tensor": lambda: torch.quantize_per_tensor(torch.ones(2), 1.0, 0, torch.qint8),
}


class TestWriterRefuses:
    """What is no plain value, or too much, is refused before it costs anything."""

    @pytest.mark.filterwarnings("ignore")
    @pytest.mark.parametrize("what", REFUSED)
    def test_refused(self, what):
        with pytest.raises(FrameError):
            pack(REFUSED[what]())

    def test_a_giant_is_refused_without_memory_for_it(self):
        giant = torch.zeros(()).expand(1 << 20, 1 << 20)
        tracemalloc.start()
        with pytest.raises(FrameError, match="32 MiB"):
            pack([giant])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 1 << 20

    def test_what_is_just_within_the_bounds_arrives(self):
        assert sent(nested(wire.MAX_DEPTH)) == nested(wire.MAX_DEPTH)
        assert len(sent([None] * (wire.REPLY.nodes - 1))) == wire.REPLY.nodes - 1
        assert len(sent({n: n for n in range(wire.MAX_OTHER_KEYS)})) == wire.MAX_OTHER_KEYS
        many = [torch.zeros(0) for _ in range(wire.REPLY.tensors)]
        assert len(sent(many)) == len(many)

    def test_objects_and_dtypes_travel_from_the_judge_alone(self):
        """A worker speaks of an object by no node of its own; what the judge says is bounded."""
        told = [wire.Held(3), {"dtype": torch.float64}, (wire.Held(wire.MAX_HELD - 1),)]
        assert sent(told, layout=True) == told
        for each in (wire.Held(3), torch.float64):
            with pytest.raises(FrameError):
                pack(each)
        for tree in ({"h": 3}, {"D": "float64"}):
            with pytest.raises(FrameError):
                crafted(tree)
        for tree in (
            {"h": -1},
            {"h": wire.MAX_HELD},
            {"h": True},
            {"h": "3"},
            {"D": "x"},
            {"D": []},
        ):
            with pytest.raises(FrameError):
                unpack(json.dumps([tree, []]).encode(), bytearray(), layout=True)

    def test_the_judge_may_send_more_than_a_worker(self):
        """Whom one trusts one bounds more widely: arguments, in the other direction."""
        many = [0] * (wire.REPLY.nodes + 1)
        assert sent(many, layout=True) == many
        with pytest.raises(FrameError):
            sent(many)


def crafted(tree: Any, *tensors: Any, body: int = 0) -> Any:
    """What a reader makes of a header that `pack` need not have written."""
    return unpack(json.dumps([tree, list(tensors)]).encode(), bytearray(body))


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [2], "offset": 0, "bytes": 8} | changes


class TestReaderRefuses:
    """A frame from a hostile writer gives a FrameError, and nothing is built of it."""

    @pytest.mark.parametrize(
        "prefix",
        [
            wire.PREFIX.pack(b"NOPE", 1, 0),
            wire.PREFIX.pack(wire.MAGIC, wire.REPLY.header + 1, 0),
            wire.PREFIX.pack(wire.MAGIC, 0, wire.REPLY.body * 2),
            wire.PREFIX.pack(wire.MAGIC, 2**32 - 1, 2**64 - 1),
        ],
        ids=["no magic", "long header", "long body", "endless"],
    )
    def test_a_prefix_that_announces_too_much_is_refused_before_it_is_read(self, prefix):
        with pytest.raises(FrameError):
            lengths(prefix)

    @pytest.mark.parametrize(
        "header",
        [
            *(b"", b"\xff\xfe\x00", b"{}", b"[]", b"[1]", b"[1, 2]", b"[1, {}]", b"[1, [], 3]"),
            *(b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"9" * 10_000, b"[" + b"9" * 4000),
            b"[" + b"9" * 4000 + b", []]",
        ],
        ids=lambda header: header[:12].decode("latin1") + f"({len(header)})",
    )
    def test_a_header_that_is_no_message_is_refused(self, header):
        with pytest.raises(FrameError):
            unpack(header, bytearray())

    @pytest.mark.parametrize(
        "tree",
        [
            *({}, {"x": 1}, {"T": 0}, {"T": -1}, {"T": True}, {"T": "0"}, {"T": None}),
            *(
                {"t": 1},
                {"d": {}},
                {"d": [1]},
                {"d": [[1]]},
                {"d": [[1, 2, 3]]},
                {"t": [], "d": []},
            ),
            *({"d": [[[], 1]]}, {"d": [[{"t": [[]]}, 1]]}, {"d": [[{"d": []}, 1]]}),
            *({"m": []}, {"m": 1}, {"m": {"a": {"x": 1}}}, {"m": {}, "d": []}),
            {"m": dict.fromkeys(map(str, range(wire.REPLY.nodes)))},
            *({"d": [[{"s": []}, 1]]}, nested(wire.MAX_DEPTH + 1), [0] * (wire.REPLY.nodes + 1)),
        ],
        ids=lambda tree: repr(tree)[:30],
    )
    def test_an_unknown_node_is_refused(self, tree):
        with pytest.raises(FrameError):
            crafted(tree)

    @pytest.mark.parametrize(
        "bad",
        [
            *(None, [], entry(dtype="qint8"), entry(dtype=None), entry(dtype=["float32"]), {}),
            *(entry(shape=None), entry(shape=2), entry(shape=[-2]), entry(shape=[2.0])),
            *(entry(shape=[True, 2]), entry(shape=[1] * 65), entry(shape=[3]), entry(shape=[1])),
            *(entry(shape=[0, 1 << 39, 1 << 39], bytes=0), entry(shape=[0, 1 << 49], bytes=0)),
            *(entry(shape=[1 << 40]), entry(shape=[1 << 39] * 64), entry(shape=["2"])),
            *(entry(offset=-64), entry(offset=64), entry(offset=4), entry(offset=None)),
            *(entry(offset=1 << 62), entry(offset=False), entry(bytes=None), entry(bytes=-8)),
            *(entry(bytes=1 << 62, shape=[1 << 39, 1 << 21]), entry(bytes=8.0)),
        ],
        ids=repr,
    )
    def test_a_tensor_that_does_not_fit_its_bytes_is_refused(self, bad):
        assert crafted({"T": 0}, entry(), body=8).shape == (2,)
        with pytest.raises(FrameError):
            crafted({"T": 0}, bad, body=8)

    def test_tensors_that_share_bytes_are_refused(self):
        """A small body must not become any number of large tensors."""
        with pytest.raises(FrameError, match="lies where it should not"):
            crafted([{"T": 0}, {"T": 1}], entry(), entry(), body=8)

    def test_a_tensor_that_stands_in_too_many_places_is_refused(self):
        """Whoever looks at a value looks at it in every place."""
        large = entry(dtype="uint8", shape=[1 << 20], bytes=1 << 20)
        places = wire.REPLY.body >> 20
        assert len(crafted([{"T": 0}] * places, large, body=1 << 20)) == places
        with pytest.raises(FrameError, match="too often"):
            crafted([{"T": 0}] * (places + 1), large, body=1 << 20)

    def test_keys_whose_hashes_collide_are_refused(self):
        """A dict of many such keys would take minutes to build."""
        pairs = [[n * ((1 << 61) - 1), 0] for n in range(wire.MAX_OTHER_KEYS + 1)]
        with pytest.raises(FrameError, match="too many keys"):
            crafted({"d": pairs})

    def test_a_table_of_too_many_tensors_is_refused(self):
        with pytest.raises(FrameError, match="too long"):
            crafted(None, *[0] * (wire.REPLY.tensors + 1))

    @pytest.mark.slow
    @pytest.mark.parametrize("unit", [b"[],", b"{},", b"[[[]]],", b"1e1,", b'"a",', b'{"T":0},'])
    def test_a_header_of_many_small_things_costs_little(self, unit):
        """It is read before it can be counted: some forty bytes for each of its own, no more."""
        count = wire.REPLY.header // len(unit) - 4
        tracemalloc.start()
        with pytest.raises(FrameError):
            unpack(b"[[" + (unit * count)[:-1] + b"],[]]", bytearray())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 64 << 20

    def test_a_gradient_that_is_not_there_is_refused(self):
        bad = entry(strides=[1], requires_grad=True, grad=5)
        with pytest.raises(FrameError):
            unpack(json.dumps([None, [bad]]).encode(), bytearray(8), layout=True)

    @given(st.binary(min_size=1, max_size=64))
    @settings(max_examples=50, deadline=None, database=None, derandomize=True)
    def test_a_bool_tensor_of_any_bytes_holds_only_true_and_false(self, odd):
        header = [{"T": 0}, [entry(dtype="bool", shape=[len(odd)], bytes=len(odd))]]
        got = unpack(json.dumps(header).encode(), bytearray(odd))
        assert got.tolist() == [byte != 0 for byte in odd]
        assert int(got.sum()) + int((~got).sum()) == len(odd)
        assert set(raw(got)) <= {0, 1}


def given_up_or_read(header: bytes, body: bytearray) -> None:
    """Read a frame as judge and worker do; any exception but FrameError is an error."""
    for layout in (False, True):
        try:
            value = unpack(header, bytearray(body), layout=layout)
        except FrameError:
            continue
        repr(value)  # reads elements of its tensors


REAL = [
    {"id": 3, "tripped": [], "raised": None, "outcome": {"value": (torch.ones(2, 3), 1.5)}},
    [torch.ones(4, dtype=torch.bool), torch.zeros(2, 0), torch.tensor(1 + 2j), Stream((1, 2))],
    {"a": [some(dtype, 2, 2) for dtype in DTYPES.values()], 1: {2.5: ("x", [None, True])}},
]
JUNK = st.sampled_from(
    [
        *(None, True, -1, 0, 1, 2, 63, 64, 1 << 40, 1 << 62, 1 << 64, -(1 << 64), 1.5, 1e308, ""),
        *(
            "float32",
            "bool",
            "complex32",
            "float8_e5m2",
            "T",
            "t",
            "d",
            "m",
            "s",
            [],
            {},
            [0],
            [-1],
        ),
        *([[1 << 39] * 4], {"T": 0}, {"T": 1}, {"t": [1]}, {"d": [[1, 2]]}, {"s": []}, nested(60)),
        *({"m": {}}, {"m": {"a": 1}}, {"m": {"T": 0}}),
    ]
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all the nodes of a JSON value."""
    found = [path]
    if isinstance(node, dict | list):
        for key, item in node.items() if isinstance(node, dict) else enumerate(node):
            found += places(item, (*path, key))
    return found


@st.composite
def mutated(draw) -> tuple[bytes, bytearray]:
    """A real frame whose header was changed in up to four places."""
    header, body = parts(pack(draw(st.sampled_from(REAL)), layout=draw(st.booleans())))
    tree = [json.loads(header)]
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(places(tree)[1:]))
        holder = tree
        for step in way:
            holder = holder[step]
        what = draw(st.sampled_from(["junk", "drop", "copy", "nudge"]))
        if what == "drop":
            del holder[last]
            if not tree:
                break
        elif what == "copy":
            holder[last] = copy.deepcopy(tree[0])
        elif what == "nudge" and type(holder[last]) is int:
            holder[last] += draw(st.sampled_from([-64, -1, 1, 64]))
        else:
            holder[last] = copy.deepcopy(draw(JUNK))
    return json.dumps(tree[0] if tree else None).encode(), body


class TestFuzz:
    """Whatever bytes arrive, they give a value or a FrameError."""

    @fuzz
    @given(st.binary(max_size=200), st.binary(max_size=200))
    @example(b"[null, []]", b"")
    def test_random_bytes(self, header, body):
        given_up_or_read(header, bytearray(body))

    @fuzz
    @given(st.binary(min_size=wire.PREFIX.size, max_size=wire.PREFIX.size))
    @example(wire.PREFIX.pack(wire.MAGIC, 10, 10))
    def test_random_prefixes(self, prefix):
        try:
            header, body = lengths(prefix)
        except FrameError:
            return
        assert (
            header + body
            <= wire.REPLY.header + wire.REPLY.body + wire.ALIGNMENT * wire.REPLY.tensors
        )

    @fuzz
    @given(st.sampled_from(REAL), st.booleans(), st.floats(0, 1), st.floats(0, 1))
    def test_truncated_frames(self, message, layout, of_header, of_body):
        header, body = parts(pack(message, layout=layout))
        given_up_or_read(header[: int(len(header) * of_header)], body)
        given_up_or_read(header, body[: int(len(body) * of_body)])

    @fuzz
    @given(st.sampled_from(REAL), st.booleans(), st.data())
    def test_flipped_bytes(self, message, layout, data):
        header, body = parts(pack(message, layout=layout))
        broken = bytearray(header)
        for _ in range(data.draw(st.integers(1, 5))):
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
        given_up_or_read(bytes(broken), body)

    @fuzz
    @given(mutated())
    def test_mutated_headers(self, frame):
        given_up_or_read(*frame)


def test_no_tensor_of_another_class_is_made_to_pack_one(monkeypatch):
    """With torch 2.6 a tensor of the class that torch's own derives from ends the process in the
    next collection of garbage; and what a submission has put into torch's class is not called."""
    monkeypatch.setattr(torch.Tensor, "stride", lambda *_: pytest.fail("it was called"))
    monkeypatch.setattr(torch.Tensor, "contiguous", lambda *_: pytest.fail("it was called"))
    seen = []
    monkeypatch.setattr(wire, "_ADDRESS", lambda each: seen.append(type(each)) or each.data_ptr())
    for value in (torch.ones(2), torch.nn.Parameter(torch.ones(2)), torch.ones(2).conj()):
        for layout in (False, True):
            wire.pack(value, layout=layout)
    assert set(seen) == {torch.Tensor}
