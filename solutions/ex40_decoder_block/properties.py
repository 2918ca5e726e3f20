"""Exercise 40, a Transformer's decoder block: what any right answer obeys."""

from functools import cache
from typing import NamedTuple

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import LAYOUTS, SEEDS, Draws, relayouted, tensors
from grader.judge.student import OutOfPatience


class Case(NamedTuple):
    x: Tensor
    memory: Tensor
    params: dict[str, Tensor]
    num_heads: int
    memory_valid_lens: Tensor | None


# Heads and the width of each. A layer norm leaves of two entries which is greater, of one nothing.
HEADS = [(1, 3), (2, 2), (3, 1), (2, 3), (3, 2)]
SUBLAYERS = ("self_attn.out_proj", "multihead_attn.out_proj", "linear2")


def params(draw, e, f):
    """The parameters of the state dict; those of norms around 1 and 0, never quite.

    `draw(shape, scale)` gives a tensor. A weight and its bias are one draw: with one for each,
    drawing would take most of the time.
    """
    layers = {"linear1.": (f, e + 1), "linear2.": (e, f + 1)}
    for name in ("self_attn", "multihead_attn"):
        layers |= {f"{name}.in_proj_": (3 * e, e + 1), f"{name}.out_proj.": (e, e + 1)}
    drawn = {}
    for name, shape in layers.items():
        both = draw(shape)
        drawn[f"{name}weight"] = both[:, :-1].contiguous()
        drawn[f"{name}bias"] = both[:, -1].contiguous()
    for name in ("norm1", "norm2", "norm3"):
        weight, bias = draw((2, e), 0.5)
        drawn |= {f"{name}.weight": 1 + weight, f"{name}.bias": bias.clone()}
    return drawn


@st.composite
def cases(draw, dtype=torch.float64, masked=True):
    """Cases with all sizes distinct."""
    num_heads, d = draw(st.sampled_from(HEADS))
    e = num_heads * d
    n, t, s, f = draw(st.permutations([size for size in range(1, 6) if size != e]))[:4]
    valid_lens = draw(st.lists(st.integers(1, s), min_size=n, max_size=n)) if masked else None

    def drawn(shape, scale=1.0):
        return draw(tensors(shape, dtype, scale))

    return Case(
        drawn((n, t, e)),
        drawn((n, s, e)),
        params(drawn, e, f),
        num_heads,
        None if valid_lens is None else torch.tensor(valid_lens),
    )


def bent(case):
    """The case with hidden units that are nowhere just at relu's corner, where no slope is right.

    Everything is drawn in hundredths, so this bias keeps also the simplest cases from there.
    """
    bias = case.params["linear1.bias"] + 0.0031
    return case._replace(params=case.params | {"linear1.bias": bias})


@cache
def layer(e, heads, f):
    """Torch's own; its values come with each call."""
    return nn.TransformerDecoderLayer(e, heads, f, dropout=0.0, batch_first=True)


def torchs(case):
    x, memory, params, num_heads, valid_lens = case
    # As a mask for each head: given as padding, torch would first import sympy, half a second.
    padding = torch.arange(memory.shape[1]) >= valid_lens[:, None]
    masks = {
        "tgt_mask": torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1),
        "memory_mask": padding.repeat_interleave(num_heads, 0)[:, None].expand(-1, x.shape[1], -1),
    }
    module = layer(x.shape[2], num_heads, len(params["linear1.bias"]))
    return torch.func.functional_call(module, params, (x, memory), masks)


LONG = 1030  # positions: more than the mask has that people make once for all
PATIENCE = 0.4  # the share of the time limit that they may take
# Scores so low that only -inf, or the lowest number, is still below; of the size's square.
LOW = {torch.float32: 1e17, torch.bfloat16: 1e17, torch.float16: 180.0}
CLOSE = 0.1  # of what is normalised, in half precision
# Keys that may be seen, the last of which has a higher score than the others, and hidden ones,
# which have the highest. One that may be seen; and as many as bfloat16 cannot count.
FEW, MANY = (0, 1, 1), (256, 1, 43)


def low_case(dtype, size, counts=FEW):
    """Scores of -2 size^2, -size^2 and, for the padding, of 0, in each of three heads: so many
    keys in the memory of each. In x, where there are two, the first position scores itself
    -size^2, and the second, which it may not see, 0."""
    e = 3
    x = torch.tensor([[[1.0, 2.0, 4.0], [0.0, -8.0, 5.0]]], dtype=dtype)
    one, zero = torch.eye(e, dtype=dtype), torch.zeros(e, e, dtype=dtype)
    keys = zero.clone()
    keys[:, 0] = -size
    params = {
        "linear1.weight": zero[:1],
        "linear1.bias": zero[0, :1] + 1,
        "linear2.weight": zero[:, :1],
        "linear2.bias": zero[0],
    }
    for name in ("self_attn", "multihead_attn"):
        params |= {
            f"{name}.in_proj_weight": torch.cat((zero, keys, one)),
            f"{name}.in_proj_bias": torch.cat((zero[0] + size, zero[0], zero[0])),
            f"{name}.out_proj.weight": one,
            f"{name}.out_proj.bias": zero[0],
        }
    for name in ("norm1", "norm2", "norm3"):
        params |= {f"{name}.weight": zero[0] + 1, f"{name}.bias": zero[0]}
    memory = torch.tensor([[[2.0, -6.0, 6.0], [1.0, 3.0, -4.0], [0.0, 7.0, 5.0]]], dtype=dtype)
    counts = torch.tensor(counts)
    valid_lens = counts[:2].sum(0, keepdim=True)
    return Case(x, memory.repeat_interleave(counts, dim=1), params, e, valid_lens)


def drawn_like(x, seed):
    return 10 * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed)).double()


CALLS = {"decoder_block": tuple}
BLOCK = ("test_block",)
MASK = ("test_mask",)


@pytest.mark.points(5)
@laws.FEW
@given(cases(masked=False))
def test_norms(student, case):
    """With both out_proj and linear2 zero, the result is norm3(norm2(norm1(x)))."""
    p = {
        name: torch.zeros_like(value) if name.startswith(SUBLAYERS) else value
        for name, value in case.params.items()
    }
    z = case.x
    for name in ("norm1", "norm2", "norm3"):
        z = layer_norm(z, z.shape[-1:], p[f"{name}.weight"], p[f"{name}.bias"])
    agree(student.decoder_block(case.x, case.memory, p, case.num_heads), z)


@pytest.mark.points(10)
@pytest.mark.needs("test_norms")
@laws.FEW
@given(cases(masked=False), SEEDS)
def test_future(student, case, seed):
    """An output does not depend on later positions of x."""
    t = case.x.shape[1]
    now = 1 + seed % max(1, t - 1)
    later = torch.cat([case.x[:, :now], drawn_like(case.x[:, now:], seed)], dim=1)
    agree(
        student.decoder_block(*case._replace(x=later))[:, :now],
        student.decoder_block(*case)[:, :now],
        within=ROUNDING,
    )


@pytest.mark.points(5)
@pytest.mark.needs("test_norms")
@laws.FEW
@given(cases(masked=False), SEEDS)
def test_memory(student, case, seed):
    """Shuffling the memory changes nothing: every position reads all of it."""
    order = torch.randperm(case.memory.shape[1], generator=torch.Generator().manual_seed(seed))
    shuffled = case._replace(memory=case.memory[:, order])
    agree(student.decoder_block(*shuffled), student.decoder_block(*case), within=ROUNDING)


test_block = laws.reference(
    cases(masked=False),
    CALLS,
    points=10,
    needs=["test_norms", "test_future", "test_memory"],
    title="Self-attention, cross-attention, then the feed-forward network, each added to its input"
    " and normalised.",
)
test_mask = laws.reference(
    cases(),
    CALLS,
    points=5,
    needs=BLOCK,
    title="Memory from memory_valid_lens on gets no weight.",
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"decoder_block": torchs},
    points=5,
    needs=MASK,
    title="The block matches torch's own TransformerDecoderLayer.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_mask")
@laws.FEW
@given(cases(), SEEDS)
def test_padding(student, reference, case, seed):
    """What the memory's padding holds makes no difference, however low the scores are."""
    memory, valid_lens = case.memory, case.memory_valid_lens
    valid = (torch.arange(memory.shape[1]) < valid_lens[:, None])[..., None]
    padded = case._replace(memory=torch.where(valid, memory, drawn_like(memory, seed)))
    agree(student.decoder_block(*padded), student.decoder_block(*case), within=ROUNDING)
    lows = [low_case(dtype, size) for dtype, size in LOW.items()]
    lows.append(low_case(torch.bfloat16, LOW[torch.bfloat16], MANY))
    for low in lows:
        agree(student.decoder_block(*low), reference.decoder_block.plain(*low), within=CLOSE)


def alike(case, size):
    """Positions all alike in each sample, those of the memory too, and scores of that size."""
    params = {
        name: torch.cat((size * value[: len(value) // 3], value[len(value) // 3 :]))
        for name, value in case.params.items()
        if "in_proj" in name
    }
    x, memory = (each[:, :1].expand_as(each).clone() for each in case[:2])
    return case._replace(x=x, memory=memory, params=case.params | params)


test_large = laws.magnitudes(
    cases(),
    CALLS,
    fields=("x", "memory", "params"),
    factor=100.0,
    tied=alike,
    points=5,
    needs=MASK,
    title="Values in the hundreds, in any one argument, give no overflow and no nan.",
)
test_batch = laws.batch(
    cases(), CALLS, batched=("x", "memory", "memory_valid_lens"), points=5, needs=MASK
)
test_precision = laws.precision(cases, CALLS, points=10, needs=MASK)
test_gradients = laws.gradients(cases().map(bent), CALLS, points=8, needs=MASK)


@pytest.mark.points(5)
@pytest.mark.needs("test_mask")
@laws.FEW
@given(cases())
def test_layout(student, reference, case):
    """Non-contiguous tensors give the same results, and so does `params` in another order."""
    right = reference.decoder_block(*case)
    for layout in LAYOUTS:
        agree(student.decoder_block(*relayouted(case, layout)), right)
    turned = case._replace(params=dict(reversed(case.params.items())))
    agree(student.decoder_block(*turned), right)


test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BLOCK)


def large_cases(draw, n, t, s, heads, d, f):
    def drawn(shape, _=1.0):
        return draw.tensor(*shape)

    x, memory = draw.tensor(n, t, heads * d), draw.tensor(n, s, heads * d)
    return Case(x, memory, params(drawn, heads * d, f), heads, 1 + draw.below(s, n))


test_middle_sizes = laws.middle_sizes(
    large_cases, CALLS, most={"t": 300, "heads": 30, "d": 64}, points=5, needs=MASK
)


@pytest.mark.points(2)
@pytest.mark.needs(*MASK)
def test_long(student, reference, seed):
    """More than a thousand positions are masked as few are."""
    case = large_cases(Draws(seed), 1, LONG, 2, 1, 2, 1)
    right = reference.decoder_block(*case)
    try:
        with student.patience(PATIENCE):
            agree(student.decoder_block(*case), right)
    except OutOfPatience:
        return  # too slow to be tried there, which the clock will say


test_speed = laws.speed(points=10)
