"""Exercise 39, a Transformer's encoder block: what any right answer obeys."""

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
from grader.judge.strategies import LAYOUTS, SEEDS, relayouted, tensors


class Case(NamedTuple):
    x: Tensor
    params: dict[str, Tensor]
    num_heads: int
    valid_lens: Tensor | None


# Heads and the width of each. A layer norm leaves of two entries which is greater, of one nothing.
HEADS = [(1, 3), (2, 2), (3, 1), (2, 3), (3, 2)]


def params(draw, e, f):
    """The parameters in the state dict's order; those of norms around 1 and 0, never quite.

    `draw(shape, scale)` gives a tensor. A weight and its bias are one draw: with one for each,
    drawing would take most of the time.
    """
    layers = {
        "self_attn.in_proj_": (3 * e, e + 1),
        "self_attn.out_proj.": (e, e + 1),
        "linear1.": (f, e + 1),
        "linear2.": (e, f + 1),
    }
    drawn = {}
    for name, shape in layers.items():
        both = draw(shape)
        drawn[f"{name}weight"] = both[:, :-1].contiguous()
        drawn[f"{name}bias"] = both[:, -1].contiguous()
    for name in ("norm1", "norm2"):
        weight, bias = draw((2, e), 0.5)
        drawn |= {f"{name}.weight": 1 + weight, f"{name}.bias": bias.clone()}
    return drawn


@st.composite
def cases(draw, dtype=torch.float64, masked=True):
    """Cases with all sizes distinct."""
    num_heads, d = draw(st.sampled_from(HEADS))
    e = num_heads * d
    n, t, f = draw(st.permutations([size for size in range(1, 6) if size != e]))[:3]
    valid_lens = draw(st.lists(st.integers(1, t), min_size=n, max_size=n)) if masked else None

    def drawn(shape, scale=1.0):
        return draw(tensors(shape, dtype, scale))

    return Case(
        drawn((n, t, e)),
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


# Scores so low that only -inf, or the lowest number, is still below; of the size's square.
LOW = {torch.float32: 1e17, torch.bfloat16: 1e17, torch.float16: 180.0}
CLOSE = 0.1  # of what is normalised, in half precision
# Keys that may be seen, the last of which has a higher score than the others, and hidden ones,
# which have the highest. One that may be seen; and as many as bfloat16 cannot count.
FEW, MANY = (0, 1, 1), (256, 1, 43)


def low_case(dtype, size, counts=FEW):
    """Scores of -2 size^2, -size^2 and, for the padding, of 0, in each of three heads: so many
    keys of each."""
    e = 3
    x = torch.tensor([[[2.0, 5.0, -7.0], [1.0, 2.0, 4.0], [0.0, -8.0, 5.0]]], dtype=dtype)
    one, zero = torch.eye(e, dtype=dtype), torch.zeros(e, e, dtype=dtype)
    keys = zero.clone()
    keys[:, 0] = -size
    params = {
        "self_attn.in_proj_weight": torch.cat((zero, keys, one)),
        "self_attn.in_proj_bias": torch.cat((zero[0] + size, zero[0], zero[0])),
        "self_attn.out_proj.weight": one,
        "self_attn.out_proj.bias": zero[0],
        "linear1.weight": zero[:1],
        "linear1.bias": zero[0, :1] + 1,
        "linear2.weight": zero[:, :1],
        "linear2.bias": zero[0],
    }
    for name in ("norm1", "norm2"):
        params |= {f"{name}.weight": zero[0] + 1, f"{name}.bias": zero[0]}
    counts = torch.tensor(counts)
    valid_lens = counts[:2].sum(0, keepdim=True)
    return Case(x.repeat_interleave(counts, dim=1), params, e, valid_lens)


def zeroed(case, *layers):
    """The parameters of the case with those of the layers zero."""
    return {
        name: torch.zeros_like(value) if name.startswith(layers) else value
        for name, value in case.params.items()
    }


@cache
def layer(e, heads, f):
    """Torch's own; its values come with each call."""
    return nn.TransformerEncoderLayer(e, heads, f, dropout=0.0, batch_first=True)


def torchs(case):
    x, params, num_heads, valid_lens = case
    # As a mask for each head: given as padding, torch would first import sympy, half a second.
    padding = torch.arange(x.shape[1]) >= valid_lens[:, None]
    mask = padding.repeat_interleave(num_heads, 0)[:, None].expand(-1, x.shape[1], -1)
    module = layer(x.shape[2], num_heads, len(params["linear1.bias"]))
    # The module is in training mode, where it takes no shortcut for padding.
    return torch.func.functional_call(module, params, x, {"src_mask": mask})


CALLS = {"encoder_block": tuple}
BLOCK = ("test_block",)
MASK = ("test_mask",)


@pytest.mark.points(5)
@given(cases(masked=False))
def test_norms(student, case):
    """With out_proj and linear2 zero, the result is norm2(norm1(x))."""
    p = zeroed(case, "self_attn.out_proj", "linear2")
    z = layer_norm(case.x, case.x.shape[-1:], p["norm1.weight"], p["norm1.bias"])
    agree(
        student.encoder_block(case.x, p, case.num_heads),
        layer_norm(z, z.shape[-1:], p["norm2.weight"], p["norm2.bias"]),
    )


test_block = laws.reference(
    cases(masked=False),
    CALLS,
    points=10,
    needs=["test_norms"],
    title="Self-attention, then the feed-forward network, each added to its input and normalised.",
)
test_mask = laws.reference(
    cases(),
    CALLS,
    points=10,
    needs=BLOCK,
    title=(
        "Keys from valid_lens on get no weight; queries in the padding are answered all the same."
    ),
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"encoder_block": torchs},
    points=5,
    needs=MASK,
    title="The block matches torch's own TransformerEncoderLayer.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_mask")
@laws.FEW
@given(cases(), SEEDS)
def test_padding(student, reference, case, seed):
    """What the padding holds does not change the outputs before it, however low the scores are."""
    x, _, _, valid_lens = case
    noise = 10 * torch.randn(x.shape, generator=torch.Generator().manual_seed(seed)).double()
    valid = (torch.arange(x.shape[1]) < valid_lens[:, None])[..., None]
    padded = case._replace(x=torch.where(valid, x, noise))
    zero = torch.zeros_like(x)
    agree(
        torch.where(valid, student.encoder_block(*padded), zero),
        torch.where(valid, student.encoder_block(*case), zero),
        within=ROUNDING,
    )
    lows = [low_case(dtype, size) for dtype, size in LOW.items()]
    lows.append(low_case(torch.bfloat16, LOW[torch.bfloat16], MANY))
    for low in lows:
        agree(student.encoder_block(*low), reference.encoder_block.plain(*low), within=CLOSE)


@pytest.mark.points(5)
@pytest.mark.needs("test_block")
@laws.FEW
@given(cases(masked=False), SEEDS)
def test_order(student, case, seed):
    """Without a mask, shuffling the positions just shuffles the outputs."""
    order = torch.randperm(case.x.shape[1], generator=torch.Generator().manual_seed(seed))
    output = student.encoder_block(*case)
    shuffled = student.encoder_block(*case._replace(x=case.x[:, order]))
    agree(shuffled, output[:, order], within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_block")
@laws.FEW
@given(cases(), SEEDS)
def test_numbering(student, case, seed):
    """Renumbering the heads and the hidden units changes nothing."""
    p, e = dict(case.params), case.x.shape[2]
    generator = torch.Generator().manual_seed(seed)
    heads = torch.randperm(case.num_heads, generator=generator)
    units = torch.randperm(len(p["linear1.bias"]), generator=generator)
    columns = torch.arange(e).view(case.num_heads, -1)[heads].flatten()
    rows = torch.cat([columns, columns + e, columns + 2 * e])
    for name in ("in_proj_weight", "in_proj_bias"):
        p[f"self_attn.{name}"] = p[f"self_attn.{name}"][rows]
    p["self_attn.out_proj.weight"] = p["self_attn.out_proj.weight"][:, columns]
    p["linear1.weight"], p["linear1.bias"] = p["linear1.weight"][units], p["linear1.bias"][units]
    p["linear2.weight"] = p["linear2.weight"][:, units]
    agree(
        student.encoder_block(*case._replace(params=p)),
        student.encoder_block(*case),
        within=ROUNDING,
    )


def alike(case, size):
    """Positions all alike in each sample, and scores of that size."""
    params = {
        name: torch.cat((size * value[: len(value) // 3], value[len(value) // 3 :]))
        for name, value in case.params.items()
        if "in_proj" in name
    }
    x = case.x[:, :1].expand_as(case.x).clone()
    return case._replace(x=x, params=case.params | params)


test_large = laws.magnitudes(
    cases(),
    CALLS,
    fields=("x", "params"),
    factor=100.0,
    tied=alike,
    points=5,
    needs=MASK,
    title="Values in the hundreds, in x or in params, give no overflow and no nan.",
)
test_batch = laws.batch(cases(), CALLS, batched=("x", "valid_lens"), points=5, needs=MASK)
test_precision = laws.precision(cases, CALLS, points=10, needs=MASK)
test_gradients = laws.gradients(cases().map(bent), CALLS, points=10, needs=MASK)


@pytest.mark.points(5)
@pytest.mark.needs("test_mask")
@laws.FEW
@given(cases())
def test_layout(student, reference, case):
    """Non-contiguous tensors give the same results, and so does `params` in another order."""
    right = reference.encoder_block(*case)
    for layout in LAYOUTS:
        agree(student.encoder_block(*relayouted(case, layout)), right)
    turned = case._replace(params=dict(reversed(case.params.items())))
    agree(student.encoder_block(*turned), right)


test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BLOCK)


def large_cases(draw, n, t, heads, d, f):
    def drawn(shape, _=1.0):
        return draw.tensor(*shape)

    lens = 1 + draw.below(t, n)
    return Case(draw.tensor(n, t, heads * d), params(drawn, heads * d, f), heads, lens)


test_middle_sizes = laws.middle_sizes(
    large_cases, CALLS, most={"t": 300, "heads": 30, "d": 64}, points=5, needs=MASK
)
test_speed = laws.speed(points=10)
