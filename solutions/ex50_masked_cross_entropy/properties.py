"""Exercise 50, a loss that leaves out the padding: what any right answer obeys."""

import math
from typing import NamedTuple

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy

from grader.judge import laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import SEEDS, sizes, tensors

LONG = 300


class Case(NamedTuple):
    logits: Tensor
    targets: Tensor
    valid_len: Tensor


@st.composite
def cases(draw, dtype=torch.float64, scale=1.0, least=1):
    """Valid lengths of `least` or more; in the padding stand ordinary logits and targets."""
    n, t, v = draw(sizes(3))
    generator = torch.Generator().manual_seed(draw(SEEDS))
    targets = torch.randint(v, (n, t), generator=generator)
    valid_len = torch.randint(least, t + 1, (n,), generator=generator)
    return Case(draw(tensors((n, t, v), dtype, scale)), targets, valid_len)


def padding_of(case):
    """Which positions lie beyond the valid length, (N, T)."""
    return torch.arange(case.targets.shape[1]) >= case.valid_len.unsqueeze(1)


def full(case):
    """The same with nothing padded."""
    return case._replace(valid_len=torch.full_like(case.valid_len, case.targets.shape[1]))


def spoilt(case, anything, target):
    """The same with something else in the padding."""
    padding = padding_of(case)
    logits = case.logits.masked_fill(padding.unsqueeze(2), anything)
    return case._replace(logits=logits, targets=case.targets.masked_fill(padding, target))


def long_case():
    """A case in bfloat16, which has no 257 and no 259. All that costs anything is the last token
    within the length and, by mistake, the first one behind it."""
    logits = torch.zeros(4, LONG, LONG)
    logits[:, :, 0] = 512.0
    targets = torch.zeros(4, LONG, dtype=torch.int64)
    valid_len = torch.tensor([257, 257, 259, 259])
    for n, (sure, token) in enumerate(((0, 257), (256, 257), (0, 259), (260, 259))):
        for place in (int(valid_len[n]) - 1, int(valid_len[n])):
            logits[n, place] = 0.0
            logits[n, place, sure] = 512.0
            targets[n, place] = token
    return Case(logits.bfloat16(), targets, valid_len)


def torchs(case):
    """What torch's own loss says of each position, and the padding left out of it."""
    losses = cross_entropy(case.logits.transpose(1, 2), case.targets, reduction="none")
    return torch.where(padding_of(case), 0.0, losses).mean(dim=1)


LOSS = {"masked_cross_entropy": tuple}
ANYTHING = st.sampled_from((math.nan, math.inf, -math.inf, 1e300, 0.0))
# What people fill a padding with, and what is no token at all; V and more stand for themselves.
TARGETS = st.sampled_from((-100, -1, 10**6, 3, 0))


@pytest.mark.points(5)
@given(cases())
def test_full(student, case):
    """Without padding, this is the mean over T of torch's own cross-entropy, for each sample."""
    agree(student.masked_cross_entropy(*full(case)), torchs(full(case)), within=ROUNDING)


test_lengths = laws.reference(
    cases(),
    LOSS,
    points=15,
    needs=["test_full"],
    title="With padding, only the positions within a sample's own length count.",
)


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases(), st.integers(1, 4))
def test_divided(student, case, more):
    """More padding makes the sum no greater: the loss times T stays as it was."""
    n, t, v = case.logits.shape
    longer = Case(
        torch.cat([case.logits, torch.ones(n, more, v, dtype=case.logits.dtype)], dim=1),
        torch.cat([case.targets, torch.zeros(n, more, dtype=torch.int64)], dim=1),
        case.valid_len,
    )
    before = student.masked_cross_entropy(*case) * t
    agree(student.masked_cross_entropy(*longer) * (t + more), before, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases(least=0))
def test_uniform(student, case):
    """Where all tokens are equally likely, each one that counts costs log V."""
    _, t, v = case.logits.shape
    right = case.valid_len.double() / t * math.log(v)
    for score in (0.0, -2.5):
        alike = torch.full_like(case.logits, score)
        agree(student.masked_cross_entropy(alike, *case[1:]), right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases())
def test_empty(student, case):
    """A sample of length 0 has a loss of exactly 0, and the others keep theirs."""
    whole = student.masked_cross_entropy(*case)
    for n in range(len(case.valid_len)):
        lengths = case.valid_len.clone()
        lengths[n] = 0
        right = whole.clone()
        right[n] = 0.0
        mine = student.masked_cross_entropy(case.logits, case.targets, lengths)
        agree(mine[n], right[n], within=0)
        agree(mine, right, within=ROUNDING)


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases(), st.sampled_from((-1e4, -3.0, 40.0, 1e6)))
def test_shift(student, case, constant):
    """Adding one number to all logits of a position changes no loss."""
    shifted = case.logits + constant
    # The sum rounds: what is compared are the logits that are left of it.
    before = student.masked_cross_entropy(shifted - constant, *case[1:])
    agree(student.masked_cross_entropy(shifted, *case[1:]), before, within=1e-8)


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases(), st.sampled_from((torch.float64, torch.float32, torch.bfloat16)))
@example(long_case(), torch.bfloat16)
def test_extreme(student, reference, case, dtype):
    """Where the model was sure of another token the loss is large, but neither inf nor cut off."""
    for factor in (1e2, 1e4, 1e6 if dtype == torch.bfloat16 else 1e36):
        large = (case.logits * factor).to(dtype), *case[1:]
        right = reference.masked_cross_entropy.plain(large[0].double(), *case[1:])
        # A difference of scores is as exact as they are.
        within = 8 * torch.finfo(dtype).eps * float(large[0].abs().max() + 1)
        if case.targets.shape[1] == LONG:  # of which one token costs anything
            within /= LONG
        agree(student.masked_cross_entropy(*large), right.to(dtype), within=within)


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases(least=0), ANYTHING)
def test_padding(student, reference, case, anything):
    """What the logits are beyond the length, even nan or inf, has no effect on any loss."""
    padded = spoilt(case, anything, 0)
    agree(student.masked_cross_entropy(*padded), reference.masked_cross_entropy(*case))


@pytest.mark.points(5)
@pytest.mark.needs("test_lengths")
@given(cases(least=0), TARGETS)
def test_targets(student, reference, case, target):
    """Targets beyond the length, even -100 or V, have no effect on any loss."""
    right = reference.masked_cross_entropy(*case)
    for each in (target, case.logits.shape[2]):
        padded = case._replace(targets=case.targets.masked_fill(padding_of(case), each))
        agree(student.masked_cross_entropy(*padded), right)


test_gradients = laws.gradients(cases(least=0), LOSS, points=5, needs=["test_lengths"])


@pytest.mark.points(10)
@pytest.mark.needs("test_padding", "test_targets", "test_gradients")
@given(cases(least=0), ANYTHING, TARGETS, SEEDS)
def test_padding_gradients(student, reference, case, anything, target, seed):
    """Gradients are never nan, and exactly 0 beyond the valid length."""
    mine = student.masked_cross_entropy.gradients(*spoilt(case, anything, target), seed=seed)
    agree(mine, reference.masked_cross_entropy.gradients(*case, seed=seed))
    there = padding_of(case).unsqueeze(2)
    agree(mine["logits"], mine["logits"].masked_fill(there, 0.0), within=0)


test_layout = laws.layout(cases(least=0), LOSS, points=5, needs=["test_lengths"])
test_batch = laws.batch(
    cases(least=0), LOSS, batched=Case._fields, points=5, needs=["test_lengths"]
)
test_precision = laws.precision(cases, LOSS, points=5, needs=["test_lengths"])
test_inputs = laws.inputs_unchanged(cases(least=0), LOSS, points=5, needs=["test_lengths"])


def large_cases(draw, n, t, v):
    return Case(draw.tensor(n, t, v), draw.below(v, n, t), draw.below(t + 1, n))


test_middle_sizes = laws.middle_sizes(large_cases, LOSS, points=5, needs=["test_lengths"])
test_speed = laws.speed(points=5)
