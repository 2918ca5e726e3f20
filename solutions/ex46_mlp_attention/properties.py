"""Exercise 46, additive attention as a module: what any right answer obeys."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from grader.judge import laws
from grader.judge import laws_of_modules as modules
from grader.judge.compare import ROUNDING, Mismatch, agree
from grader.judge.laws_of_modules import NEARLY_ALL, Form, made
from grader.judge.strategies import SEEDS, sizes
from grader.language import say

NAME = "MLPAttention"
OUTPUT = ("test_output",)
MASK = ("test_samples", "test_queries")


def form(n, tq, tk, d_k, d_q, units, d_v, rate=0.0, lengths=None):
    """How an attention of these sizes is made, and called."""
    weights = {"W_k.weight": (units, d_k), "W_q.weight": (units, d_q), "v.weight": (1, units)}
    inputs = [(n, tq, d_q), (n, tk, d_k), (n, tk, d_v), lengths]
    return Form((d_k, d_q, units, rate), {}, weights, inputs)


def drawn(kinds=("no", "sample", "query"), *, least=0, rates=(0.0,)):
    """Cases with lengths of `least` or more, one for each "sample", one for each "query", or none:
    "no"."""

    @modules.cases_of
    def cases(draw):
        n, tq, tk, d_k, d_q, units, d_v = draw(sizes(7))
        lengths = None
        kind = draw(st.sampled_from(kinds))
        if kind != "no":
            generator = torch.Generator().manual_seed(draw(SEEDS))
            shape = (n,) if kind == "sample" else (n, tq)
            lengths = torch.randint(least, tk + 1, shape, generator=generator)
        rate = draw(st.sampled_from(rates))
        return form(n, tq, tk, d_k, d_q, units, d_v, rate, lengths)

    return cases


cases = drawn()
masked = drawn(("sample", "query"))


def padding_of(case):
    """Which keys lie beyond the valid length, (N, Tq, Tk)."""
    query, key, _, lengths = case.inputs
    reach = (len(query), query.shape[1], key.shape[1])
    return (torch.arange(reach[2]) >= lengths.reshape(len(query), -1, 1)).expand(reach)


test_parameters = modules.parameters(
    cases(),
    NAME,
    ordered=False,
    points=6,
    title="Its parameters are W_k.weight, W_q.weight and v.weight, with their shapes.",
)
test_output = modules.outputs(
    drawn(("no",))(),
    NAME,
    points=10,
    needs=["test_parameters"],
    title="Without lengths, every query averages the values by the softmax of its scores.",
)
test_samples = modules.outputs(
    drawn(("sample",), least=1)(),
    NAME,
    points=8,
    needs=OUTPUT,
    title=(
        "With one length for each sample, its first keys share the weight; the others get none."
    ),
)
test_queries = modules.outputs(
    drawn(("query",), least=1)(),
    NAME,
    points=6,
    needs=OUTPUT,
    title="With one length for each query, every row has its own.",
)


@pytest.mark.points(6)
@pytest.mark.needs("test_output")
@laws.FEW
@given(masked())
def test_empty(student, reference, case):
    """Where no key counts, the weights and the output are 0, and never nan."""
    lengths = case.inputs[3] * (torch.arange(len(case.inputs[3])) % 2).reshape(
        -1, *[1] * (case.inputs[3].dim() - 1)
    )
    inputs = (*case.inputs[:3], lengths)
    agree(made(student, NAME, case)(*inputs), made(reference, NAME, case)(*inputs))


@pytest.mark.points(6)
@pytest.mark.needs("test_output")
@laws.FEW
@given(cases())
def test_kept(student, reference, case):
    """It keeps the weights of the last call as attention_weights, and no others."""
    mine, right = made(student, NAME, case), made(reference, NAME, case)
    query, *rest = case.inputs
    for asked in (query, 2 - query[:, :1], query):
        lengths = rest[2]
        if lengths is not None and lengths.dim() == 2:
            lengths = lengths[:, : asked.shape[1]]
        mine(asked, *rest[:2], lengths)
        right(asked, *rest[:2], lengths)
        agree(mine.attention_weights, right.attention_weights)


@pytest.mark.points(6)
@pytest.mark.needs("test_kept")
@laws.FEW
@given(drawn(rates=(0.5,))(), drawn(rates=(NEARLY_ALL,))())
def test_before(student, reference, case, emptied):
    """In training mode too, attention_weights are what they were before dropout."""
    mine, right = made(student, NAME, case), made(reference, NAME, case)
    mine.train()
    mine(*case.inputs)
    right(*case.inputs)
    agree(mine.attention_weights, right.attention_weights)
    modules.hold_emptied(student, reference, NAME, emptied)


test_modes = modules.modes(drawn(rates=(0.5,))(), NAME, points=5, needs=OUTPUT)
KEYS = 24
# Every key has two columns of the output to itself, where its weight stands.
SHOWN = torch.eye(KEYS, dtype=torch.float64).repeat(1, 2)


def dropping(rate):
    """Many weights, all alike; see `alike`."""
    return form(4, 25, KEYS, 3, 2, 5, 2 * KEYS, rate)._replace(
        inputs=[(4, 25, 2), (4, KEYS, 3), SHOWN.expand(4, -1, -1), None]
    )


def alike(weights):
    """Weights with which every score is 0."""
    return weights | {"v.weight": torch.zeros_like(weights["v.weight"])}


def kept(output):
    """What became of each weight, as a share of what it was."""
    one, other = (output * KEYS).chunk(2, dim=-1)
    if not torch.equal(one == 0, other == 0):
        raise Mismatch(
            say(
                "A key's value comes through in one column of the output and is dropped in another;"
                " dropout acts on the weights alone."
            )
        )
    zero = one == 0
    if bool((zero == zero[:, :1]).all()) and bool(zero.any()):
        raise Mismatch(
            say("The same keys are dropped for every query; each weight is dropped by itself.")
        )
    return one


test_dropout = modules.dropout(dropping, alike, kept, NAME, points=7, needs=OUTPUT)


@pytest.mark.points(5)
@pytest.mark.needs(*MASK)
@laws.FEW
@given(masked(), st.sampled_from((-1e6, 1e6)), SEEDS)
def test_padding(student, case, filler, seed):
    """The padding has weight exactly 0; what stands there changes neither output nor gradient."""
    padding = padding_of(case)
    unseen = padding.all(dim=1)[..., None]
    query, key, value, lengths = case.inputs
    layer = made(student, NAME, case)
    output = layer(*case.inputs)
    weights = layer.attention_weights
    agree(weights, weights.masked_fill(padding, 0.0), within=0)
    filled = query, key.masked_fill(unseen, filler), value.masked_fill(unseen, filler), lengths
    agree(layer(*filled), output, within=ROUNDING)
    gradients = layer.gradients(*case.inputs, seed=seed)
    agree(layer.gradients(*filled, seed=seed), gradients, within=ROUNDING)
    for name in ("key", "value"):
        agree(gradients[name], gradients[name].masked_fill(unseen, 0.0), within=0)


@pytest.mark.points(4)
@pytest.mark.needs(*MASK)
@laws.FEW
@given(masked(), st.sampled_from((2.0**40, 2.0**996)))
def test_extreme(student, case, scale):
    """Even where the scores are very large, or very small, the padding gets no weight."""
    query, key, value, lengths = case.inputs
    # Hidden units of exactly 1, and weights whose sum is exact in any order: all scores are one, as
    # large as `v`.
    value = 1e6 * value
    inputs = 1e6 * (query.abs() + 0.1), 1e6 * (key.abs() + 0.1), value, lengths
    counts = (~padding_of(case)).double()
    shared = counts / counts.sum(-1, keepdim=True).clamp_min(1)
    for sign in (1, -1):
        weights = {name: weight.abs() + 0.1 for name, weight in case.weights.items()}
        weights["v.weight"] = sign * scale * (64 * weights["v.weight"]).round().clamp(min=1)
        layer = made(student, NAME, case._replace(weights=weights))
        agree(layer(*inputs), shared @ value)
        agree(layer.attention_weights, shared, within=ROUNDING)


test_gradients = modules.gradients(cases(), NAME, points=8, needs=OUTPUT)
test_round_trip = modules.round_trip(cases(), NAME, points=4, needs=OUTPUT)
test_apart = modules.apart(cases(), NAME, points=4, needs=OUTPUT)
test_layout = modules.layout(cases(), NAME, points=4, needs=OUTPUT)
test_precision = modules.precision(cases, NAME, points=4, needs=OUTPUT)
test_larger = modules.larger(
    [
        form(3, 4, 60, 5, 2, 6, 3, lengths=torch.tensor([60, 7, 33])),
        form(2, 70, 3, 4, 5, 2, 6),
        form(40, 2, 3, 4, 5, 6, 7, lengths=torch.arange(80).reshape(40, 2) % 4),
        form(2, 3, 4, 70, 50, 60, 40),
        form(3, 3, 3, 3, 3, 3, 3, lengths=torch.tensor([3, 1, 2])),
        form(2, 2, 4, 1, 1, 1, 1, lengths=torch.tensor([[3, 1], [0, 4]])),
        form(1, 1, 1, 2, 3, 4, 5, lengths=torch.tensor([1])),
    ],
    NAME,
    points=7,
    needs=OUTPUT,
)
