"""Exercise 48, a Transformer's encoder: what any right answer obeys.

A table of encodings may be in float32, as exercise 4 gives it, or exact, so that right answers
differ by the rounding of float32: most cases are in float32, where that is allowed for. What is
held in float64 either leaves the encodings no weight, or compares two results of the student's.
"""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from grader.judge import laws
from grader.judge import laws_of_modules as modules
from grader.judge.compare import ROUNDING, agree
from grader.judge.laws_of_modules import Case, made
from grader.judge.strategies import SEEDS, tensors

NAME = "TransformerEncoder"
EMBEDDING = ("test_embedding",)
BLOCK = ("test_block",)
MASK = ("test_mask",)
# Heads and the width of each. A layer norm leaves of two entries which is greater, of one nothing.
HEADS = [(1, 3), (2, 2), (3, 1), (2, 3), (3, 2)]


def layer_shapes(e, f):
    """The parameters of one block, in torch's order."""
    return {
        "self_attn.in_proj_weight": (3 * e, e),
        "self_attn.in_proj_bias": (3 * e,),
        "self_attn.out_proj.weight": (e, e),
        "self_attn.out_proj.bias": (e,),
        "linear1.weight": (f, e),
        "linear1.bias": (f,),
        "linear2.weight": (e, f),
        "linear2.bias": (e,),
        "norm1.weight": (e,),
        "norm1.bias": (e,),
        "norm2.weight": (e,),
        "norm2.bias": (e,),
    }


def layer_of(numbers, e, f, prefix):
    """The parameters of one block, made of a long row of numbers.

    Norms are around 1 and 0, never quite; hidden units are nowhere just at relu's corner, where no
    slope is right.
    """
    found = {}
    for name, shape in layer_shapes(e, f).items():
        count = math.prod(shape)
        value, numbers = numbers[:count].reshape(shape), numbers[count:]
        if name.startswith("norm"):
            value = value / 2 + name.endswith("weight")
        elif name == "linear1.bias":
            value = value + 0.0031
        found[prefix + name] = value.clone()
    return found


@st.composite
def drawn(draw, dtype=torch.float32, scale=1.0, layers=(1, 2), lengths=None):
    """Cases with all sizes distinct; with `lengths`, without (False, where they are left out of the
    call), or either."""
    heads, d = draw(st.sampled_from(HEADS))
    e = heads * d
    n, t, f, v = draw(st.permutations([size for size in range(1, 7) if size != e]))[:4]
    if lengths and t == 1:
        n, t = t, n  # so that there is something to mask
    count = draw(st.integers(*layers))
    weights = {"embedding.weight": draw(tensors((v, e), dtype, scale))}
    long = sum(math.prod(shape) for shape in layer_shapes(e, f).values())
    for i in range(count):
        weights |= layer_of(draw(tensors((long,), dtype, scale)), e, f, f"layers.{i}.")
    generator = torch.Generator().manual_seed(draw(SEEDS))
    tokens = torch.randint(v, (n, t), generator=generator)
    valid_lens = None
    if lengths or (lengths is None and draw(st.booleans())):
        valid_lens = torch.randint(1, t + 1, (n,), generator=generator)
        valid_lens[0] = max(1, min(int(valid_lens[0]), t - 1))
    options = draw(st.sampled_from([{}, {"max_len": t}, {"max_len": t + 1}]))
    inputs = (tokens,) if lengths is False else (tokens, valid_lens)
    return Case((v, e, heads, f, count), options, weights, inputs)


def cases(dtype=torch.float32, scale=1.0):
    """Cases of all kinds."""
    return drawn(dtype, scale)


def quiet(case):
    """The case with blocks that add nothing: the result is what comes in, normalised twice."""
    ends = "out_proj.weight", "out_proj.bias", "linear2.weight", "linear2.bias"
    weights = {
        name: torch.zeros_like(value) if name.endswith(ends) else value
        for name, value in case.weights.items()
    }
    return case._replace(weights=weights)


LOUD = 1e7


def loud(case):
    """The case with words so loud that the encodings are lost in them; the first layer hears them
    as loud as usual where it scores."""
    weights = dict(case.weights)
    words = weights["embedding.weight"]
    # Entries that differ: a norm divides by how far those of a word are apart.
    weights["embedding.weight"] = LOUD * (words + torch.arange(words.shape[1]).cos())
    first = weights["layers.0.self_attn.in_proj_weight"].clone()
    first[: 2 * words.shape[1]] /= LOUD
    weights["layers.0.self_attn.in_proj_weight"] = first
    return case._replace(weights=weights)


LOFTY = 1e5


def lofty(case):
    """The case with blocks that add nothing, where what each norm reads lies around a mean that is
    so many times as far from 0 as its entries are apart: those of the words, which are loud, and in
    each block what the first norm adds for the second."""
    case = quiet(loud(case))
    weights = {
        name: value + LOFTY if name.endswith("norm1.bias") else value
        for name, value in case.weights.items()
    }
    weights["embedding.weight"] = weights["embedding.weight"] + LOUD * LOFTY
    return case._replace(weights=weights)


# A width of which one frequency, rounded to bfloat16, gives far words an angle of their own.
WIDE, FAR = 14, 512


def far_case():
    """Words of nothing but their positions, in bfloat16, up to the last that may come."""
    weights = {"embedding.weight": torch.zeros(1, WIDE)}
    for name, shape in layer_shapes(WIDE, 1).items():
        weights[f"layers.0.{name}"] = torch.zeros(shape) + (
            "norm" in name and name.endswith("weight")
        )
    weights = {name: value.bfloat16() for name, value in weights.items()}
    tokens = torch.zeros(1, FAR, dtype=torch.int64)
    return Case((1, WIDE, 1, 1, 1), {}, weights, (tokens, None))


# Scores so low that only -inf, or the lowest number, is still below; of the size's square,
# some five times as low.
LOW = {torch.float32: 1e17, torch.bfloat16: 1e17, torch.float16: 75.0}
CLOSE = 0.1  # of what is normalised, in half precision
# Keys that may be seen, the last of which has a higher score than the others, and hidden ones,
# which have the highest. One that may be seen; and as many as bfloat16 cannot count.
FEW, MANY = (0, 1, 1), (256, 1, 43)


def low_case(dtype, size, counts=FEW):
    """Scores of some -10 size^2, -5 size^2 and, for the padding, of nearly 0, in each of three
    heads: so many keys of each. The padding's word has in its first place what the encoding adds
    to it, taken off."""
    e = 3
    one, zero = torch.eye(e), torch.zeros(e, e)
    keys = zero.clone()
    keys[:, 0] = -size
    padding = [-math.sin(1.0) / e**0.5, -8.0, 5.0]
    words = torch.tensor([[6.0, 5.0, -7.0], [3.0, 2.0, 4.0], padding])
    numbers = {
        "self_attn.in_proj_weight": torch.cat((zero, keys, one)),
        "self_attn.in_proj_bias": torch.cat((zero[0] + size, zero[0], zero[0])),
        "self_attn.out_proj.weight": one,
        "linear1.bias": torch.ones(1),
        "norm1.weight": torch.ones(e),
        "norm2.weight": torch.ones(e),
    }
    weights = {"embedding.weight": words.to(dtype)}
    for name, shape in layer_shapes(e, 1).items():
        weights[f"layers.0.{name}"] = numbers.get(name, torch.zeros(shape)).to(dtype)
    counts = torch.tensor(counts)
    tokens = torch.tensor([[0, 1, 2]]).repeat_interleave(counts, dim=1)
    return Case((3, e, e, 1, 1), {}, weights, (tokens, counts[:2].sum(0, keepdim=True)))


def torchs(case):
    """The result of torch's own stack of layers, in float64."""
    _, e, heads, f, count = case.args
    tokens, valid_lens = case.inputs
    weights = {name: value.double() for name, value in case.weights.items()}
    places = torch.arange(tokens.shape[1], dtype=torch.float64)[:, None]
    columns = torch.arange(e)
    angles = places / 10000 ** ((columns - columns % 2) / e)
    encoding = torch.where(columns % 2 == 0, angles.sin(), angles.cos())
    x = weights.pop("embedding.weight")[tokens] * e**0.5 + encoding
    block = nn.TransformerEncoderLayer(e, heads, f, dropout=0.0, batch_first=True)
    stack = nn.TransformerEncoder(block, count, enable_nested_tensor=False)
    mask = None
    if valid_lens is not None:
        # As a mask for each head: given as padding, torch would first import sympy.
        padding = torch.arange(x.shape[1]) >= valid_lens[:, None]
        mask = padding.repeat_interleave(heads, 0)[:, None].expand(-1, x.shape[1], -1)
    return torch.func.functional_call(stack, weights, x, {"mask": mask})


test_parameters = modules.parameters(
    cases(),
    NAME,
    ordered=False,
    points=6,
    title="Its parameters have the names and shapes that torch's own layers have.",
)
test_embedding = modules.outputs(
    drawn(layers=(1, 1), lengths=False).map(quiet),
    NAME,
    points=10,
    needs=["test_parameters"],
    title="Words go in times sqrt(d_model), plus the encodings of their positions.",
    examples=12,
)
test_block = modules.outputs(
    drawn(layers=(1, 1), lengths=False),
    NAME,
    points=10,
    needs=EMBEDDING,
    title="One layer is the block of exercise 39: post-norm, with nothing behind it.",
    examples=12,
)
test_layers = modules.outputs(
    drawn(layers=(2, 3), lengths=False),
    NAME,
    points=8,
    needs=BLOCK,
    title="Each layer reads the output of the one below, and has its own parameters.",
    examples=8,
)
test_mask = modules.outputs(
    drawn(layers=(2, 2), lengths=True),
    NAME,
    points=8,
    needs=["test_layers"],
    title=(
        "In every layer, keys from valid_lens on get no weight; queries there are answered too."
    ),
    examples=15,
)


@pytest.mark.points(8)
@pytest.mark.needs("test_mask")
@laws.FEW
@given(drawn(torch.float64))
def test_builtin(student, case):
    """It matches torch's own TransformerEncoder with the same weights, in float64."""
    for each in (loud(case), lofty(case)):
        agree(made(student, NAME, each)(*each.inputs), torchs(each), within=1e-9)


@pytest.mark.points(5)
@pytest.mark.needs("test_mask")
@laws.FEW
@given(drawn(torch.float64, lengths=True), SEEDS)
def test_padding(student, reference, case, seed):
    """Which words the padding holds does not change the outputs before it, whatever they score."""
    tokens, valid_lens = case.inputs
    generator = torch.Generator().manual_seed(seed)
    others = torch.randint(case.args[0], tokens.shape, generator=generator)
    valid = torch.arange(tokens.shape[1]) < valid_lens[:, None]
    encoder = made(student, NAME, case)
    before, after = (
        torch.where(valid[..., None], encoder(each, valid_lens), 0.0)
        for each in (tokens, torch.where(valid, tokens, others))
    )
    agree(after, before, within=ROUNDING)
    lows = [low_case(dtype, size) for dtype, size in LOW.items()]
    lows.append(low_case(torch.bfloat16, LOW[torch.bfloat16], MANY))
    for low in lows:
        mine, right = made(student, NAME, low), made(reference, NAME, low)
        agree(mine(*low.inputs), right(*low.inputs), within=CLOSE)


@pytest.mark.points(7)
@pytest.mark.needs("test_mask")
def test_long(student, reference, seed):
    """It is also right for many words, samples, heads or layers, and as long as max_len."""
    generator = torch.Generator().manual_seed(seed)
    # Samples, words, heads, width of each, hidden units, layers, vocabulary, max_len.
    for n, t, heads, d, f, count, v, most in (
        (2, 300, 2, 3, 6, 1, 50, {"max_len": 300}),
        (1, 512, 1, 5, 3, 1, 4, {}),
        (2, 600, 1, 4, 4, 2, 90, {"max_len": 900}),
        (40, 3, 4, 4, 70, 2, 300, {}),
        (2, 9, 8, 8, 16, 1, 5, {"max_len": 10}),
        (3, 4, 1, 4, 5, 22, 5, {}),
        (24, 22, 2, 1, 3, 1, 5, {}),
        (2, 3, 22, 1, 3, 1, 4, {}),
        (3, 3, 1, 3, 3, 3, 3, {}),
    ):
        e = heads * d
        weights = {"embedding.weight": torch.randn(v, e, generator=generator) / e**0.5}
        long = sum(math.prod(shape) for shape in layer_shapes(e, f).values())
        for i in range(count):
            numbers = torch.randn(long, generator=generator)
            weights |= layer_of(numbers / e**0.5, e, f, f"layers.{i}.")
        tokens = torch.randint(v, (n, t), generator=generator)
        valid_lens = torch.randint(1, t + 1, (n,), generator=generator)
        case = Case((v, e, heads, f, count), most, weights, (tokens, valid_lens))
        # Far words may be off by as much as exercise 4 allows.
        mine, right = made(student, NAME, case), made(reference, NAME, case)
        agree(mine(*case.inputs).double(), torchs(case), within=0.02)
        if t < 30:
            agree(mine.gradients(*case.inputs, seed=seed), right.gradients(*case.inputs, seed=seed))
    far = far_case()
    result = made(student, NAME, far)(*far.inputs)
    agree(result.double(), torchs(far), within=CLOSE)


@pytest.mark.points(5)
@pytest.mark.needs("test_block")
@laws.FEW
@given(cases(), SEEDS)
def test_training(student, reference, case, seed):
    """In training mode nothing is dropped, and the layers learn also where the words are frozen."""
    encoder = made(student, NAME, case)
    encoder.train()
    agree(encoder(*case.inputs), made(reference, NAME, case)(*case.inputs))
    encoder.get_parameter.held("embedding.weight").requires_grad_(False)
    encoder.gradients(*case.inputs, seed=seed)  # that they arrive; `test_gradients` holds them


test_gradients = modules.gradients(cases(), NAME, points=8, needs=BLOCK)
test_round_trip = modules.round_trip(cases(), NAME, points=4, needs=BLOCK)
test_apart = modules.apart(drawn(layers=(1, 1)), NAME, points=4, needs=BLOCK)
test_layout = modules.layout(cases(), NAME, points=3, needs=BLOCK)
test_precision = modules.precision(cases, NAME, points=6, needs=BLOCK)
test_speed = laws.speed(points=8)
