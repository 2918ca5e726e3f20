"""Exercise 34, attention with several heads: what any right answer obeys."""

from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import multi_head_attention_forward, scaled_dot_product_attention

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, sizes, tensors


class Case(NamedTuple):
    queries: Tensor
    keys: Tensor
    values: Tensor
    w_q: Tensor
    w_k: Tensor
    w_v: Tensor
    w_o: Tensor
    num_heads: int
    valid_lens: Tensor | None = None


@st.composite
def cases(draw, dtype=torch.float64, lens=(0, 1, 2), least=1):
    """`lens` says with how many axes valid_lens may come: 0 for None, 1 for (N,), 2 for (N, Tq)."""
    n, tq, tk = draw(sizes(3))
    heads, d = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    e = heads * d
    shapes = [(n, tq, e), (n, tk, e), (n, tk, e), *[(e, e)] * 4]
    drawn = [draw(tensors(shape, dtype)) for shape in shapes]
    axes = draw(st.sampled_from(lens))
    if axes == 0:
        return Case(*drawn, heads)
    generator = torch.Generator().manual_seed(draw(SEEDS))
    valid_lens = torch.randint(least, tk + 1, (n, tq)[:axes], generator=generator)
    return Case(*drawn, heads, valid_lens)


plain_cases = cases(lens=(0,))
masked_cases = cases(lens=(1, 2))
CALLS = {"multi_head_attention": tuple}
BOTH = ("test_output", "test_valid_lens")
CLOSE = 0.03  # of half precision, where whole numbers come out
# Scores so low that only -inf, or the lowest number, is still below; of the size's square.
LOW = {torch.float32: 1e17, torch.bfloat16: 1e17, torch.float16: 180.0}
# Keys that may be seen, the last of which has a higher score than the others, and hidden ones,
# which have the highest. One that may be seen; and as many as bfloat16 cannot count.
FEW, MANY = (0, 1, 1), (256, 1, 43)


def low_case(dtype, size, counts=FEW):
    """Scores of -2 size^2, -size^2 and, for the hidden keys, of 0: so many of each."""
    one, counts = torch.eye(2, dtype=dtype), torch.tensor(counts)
    values = torch.tensor([[[5.0, 6.0], [1.0, 2.0], [-3.0, 4.0]]], dtype=dtype)
    keys = torch.tensor([[[-2 * size] * 2, [-size] * 2, [0.0, 0.0]]], dtype=dtype)
    keys, values = (each.repeat_interleave(counts, dim=1) for each in (keys, values))
    queries = torch.full((1, 1, 2), size, dtype=dtype)
    return Case(queries, keys, values, one, one, one, one, 2, counts[:2].sum(0, keepdim=True))


def hidden_keys(case):
    """True where a query may not see a key: (N, 1 or Tq, Tk)."""
    lens = case.valid_lens.reshape(len(case.keys), -1, 1)
    return torch.arange(case.keys.shape[1]) >= lens


def torch_answer(case):
    queries, keys, values, w_q, w_k, w_v, w_o, heads, lens = case
    mask = None
    if lens is not None:
        shape = len(keys), queries.shape[1], keys.shape[1]
        mask = hidden_keys(case).expand(shape).repeat_interleave(heads, dim=0)
    output, _ = multi_head_attention_forward(
        *(x.transpose(0, 1) for x in (queries, keys, values)),
        *(queries.shape[-1], heads, torch.cat([w_q, w_k, w_v])),
        *(None, None, None, False, 0.0, w_o, None),
        attn_mask=mask,
    )
    return output.transpose(0, 1)


@pytest.mark.points(5)
@given(plain_cases)
def test_one_head(student, case):
    """With one head this is plain attention between the projections; w_o projects the output."""
    queries, keys, values, w_q, w_k, w_v, w_o, *_ = case
    output = student.multi_head_attention(*case[:7], 1)
    right = scaled_dot_product_attention(queries @ w_q.T, keys @ w_k.T, values @ w_v.T) @ w_o.T
    agree(output, right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_one_head")
@settings(max_examples=12)
@given(plain_cases)
def test_heads(student, case):
    """With the identity for w_o, each head is plain attention on its own block of features."""
    size = len(case.w_o)
    output = student.multi_head_attention(*case._replace(w_o=torch.eye(size).to(case.w_o)))
    pairs = zip(case[:3], case[3:6], strict=True)
    blocks = [(x @ w.T).chunk(case.num_heads, dim=-1) for x, w in pairs]
    heads = [scaled_dot_product_attention(*head) for head in zip(*blocks, strict=True)]
    agree(output, torch.cat(heads, dim=-1), within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_heads")
@given(plain_cases)
def test_output(student, reference, case):
    """The heads are laid side by side and mixed by w_o, for every number of heads that fits."""
    for heads in sorted({1, case.num_heads, len(case.w_o)}):
        args = (*case[:7], heads)
        agree(student.multi_head_attention(*args), reference.multi_head_attention(*args))


test_valid_lens = laws.reference(
    masked_cases,
    CALLS,
    points=10,
    needs=["test_output"],
    title=(
        "Every head sees the first `valid_lens` keys only: one length per sample, or per query."
    ),
)
test_builtin = laws.builtin(
    cases(),
    CALLS,
    {"multi_head_attention": torch_answer},
    points=5,
    needs=BOTH,
    title="The output matches torch's own MultiheadAttention.",
)


test_nothing = laws.reference(
    cases(lens=(1, 2), least=0),
    CALLS,
    points=5,
    needs=["test_valid_lens"],
    title="A query that may see no key gets an output of 0.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_valid_lens")
@laws.FEW
@given(masked_cases)
def test_one_key(student, case):
    """Where one key may be seen, its value is the output, however low its score."""
    shape = case.valid_lens.shape
    alone = case._replace(w_k=1e12 * case.w_k, valid_lens=torch.ones(shape, dtype=torch.int64))
    value = case.values[:, :1] @ case.w_v.T @ case.w_o.T
    agree(student.multi_head_attention(*alone), value.expand_as(case.queries), within=ROUNDING)
    right = torch.tensor([[[1.0, 2.0]]])
    for dtype, size in LOW.items():
        low = low_case(dtype, size)
        agree(student.multi_head_attention(*low), right.to(dtype), within=CLOSE)
    many = low_case(torch.bfloat16, LOW[torch.bfloat16], MANY)
    agree(student.multi_head_attention(*many), right.bfloat16(), within=CLOSE)


@pytest.mark.points(5)
@pytest.mark.needs("test_output")
@laws.FEW
@given(plain_cases, SEEDS)
def test_order(student, case, seed):
    """Shuffling keys with values changes nothing; shuffling queries shuffles the outputs."""
    generator = torch.Generator().manual_seed(seed)
    asked, given_ = (torch.randperm(x.shape[1], generator=generator) for x in case[:2])
    output = student.multi_head_attention(*case)
    keys_shuffled = case._replace(keys=case.keys[:, given_], values=case.values[:, given_])
    agree(student.multi_head_attention(*keys_shuffled), output, within=ROUNDING)
    queries_shuffled = case._replace(queries=case.queries[:, asked])
    agree(student.multi_head_attention(*queries_shuffled), output[:, asked], within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_one_head")
@laws.FEW
@given(cases())
def test_indivisible(student, case):
    """It raises ValueError where num_heads does not divide the number of features."""
    size = len(case.w_o)
    for heads in range(2, size + 3):
        if size % heads:
            student.multi_head_attention.raises(ValueError, *case._replace(num_heads=heads))


def alike(case, size):
    """Keys and values all alike in each sample, and scores of that size."""
    keys, values = (x[:, :1].expand_as(x).clone() for x in (case.keys, case.values))
    return case._replace(keys=keys, values=values, w_q=size * case.w_q)


test_large_scores = laws.magnitudes(
    cases(),
    CALLS,
    fields=("queries", "keys", "values", "w_q", "w_k"),
    tied=alike,
    points=5,
    needs=BOTH,
)
test_batch = laws.batch(
    masked_cases,
    CALLS,
    batched=("queries", "keys", "values", "valid_lens"),
    points=5,
    needs=BOTH,
)
test_precision = laws.precision(cases, CALLS, points=5, needs=BOTH)


@pytest.mark.points(5)
@pytest.mark.needs(*BOTH, "test_nothing")
@laws.FEW
@given(cases(lens=(1, 2), least=0), SEEDS)
def test_gradients(student, reference, case, seed):
    """Gradients reach every argument and are right, even where a query may see no key."""
    for valid_lens in (None, case.valid_lens):
        args = case._replace(valid_lens=valid_lens)
        agree(
            student.multi_head_attention.gradients(*args, seed=seed),
            reference.multi_head_attention.gradients(*args, seed=seed),
        )


@pytest.mark.points(5)
@pytest.mark.needs("test_gradients")
@laws.FEW
@given(masked_cases, SEEDS)
def test_padding(student, case, seed):
    """Keys and values that no query may see make no difference and get no gradient."""
    hidden = hidden_keys(case).all(dim=1)
    keys, values = (
        torch.where(hidden[..., None], 100 - 10 * x, x) for x in (case.keys, case.values)
    )
    other = case._replace(keys=keys, values=values)
    output = student.multi_head_attention(*case)
    agree(student.multi_head_attention(*other), output, within=ROUNDING)
    gradients = student.multi_head_attention.gradients(*case, seed=seed)
    for name in ("keys", "values"):
        arrived = gradients[name][hidden]
        agree(arrived, torch.zeros_like(arrived), within=0)


test_layout = laws.layout(cases(), CALLS, points=5, needs=BOTH)
test_inputs = laws.inputs_unchanged(cases(), CALLS, points=5, needs=BOTH)


def large_cases(draw, n, tq, tk, heads, d):
    """One length for each query where there is an even number of them, else for each sample."""
    e = heads * d
    shapes = (n, tq, e), (n, tk, e), (n, tk, e), *[(e, e)] * 4
    lens = draw.below(tk, n) if tq % 2 else draw.below(tk, n, tq)
    return Case(*(draw.tensor(*shape) for shape in shapes), heads, 1 + lens)


test_middle_sizes = laws.middle_sizes(large_cases, CALLS, most={"heads": 30}, points=5, needs=BOTH)
test_speed = laws.speed(points=10)
