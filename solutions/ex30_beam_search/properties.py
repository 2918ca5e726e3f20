"""Exercise 30, beam search: what any right answer obeys."""

import heapq
import math
from functools import partial
from itertools import pairwise, product
from typing import NamedTuple

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor

from grader.judge import handles, laws
from grader.judge.compare import ROUNDING, agree
from grader.judge.strategies import LAYOUTS, SEEDS, relayouted
from grader.language import say

ALPHAS = (0.75, 0.0, 0.5, 1.0, 3.5)


class Case(NamedTuple):
    start: Tensor
    transition: Tensor
    eos: int
    beam_width: int
    max_len: int
    alpha: float


def model(size, eos, generator, likely=0.0, holes=False):
    """The two tables of a model that is sure of what follows some tokens, and of others not.

    What is unlikely at first may then be worth most; that is where the width of a beam matters.
    With `holes`, some steps have probability nought.
    """
    logits = torch.randn(size + 1, size, generator=generator, dtype=torch.float64)
    logits *= 0.3 + 3.5 * torch.rand(size + 1, 1, generator=generator) ** 2
    logits[1 + int(logits[0].argmin())] *= 3
    logits[:, eos] += likely
    if holes:
        # The greatest stays, so that something is possible after every token.
        hole = torch.rand(logits.shape, generator=generator) < 0.5
        logits[hole & (logits < logits.amax(dim=1, keepdim=True))] = -math.inf
    start, *rows = logits.log_softmax(dim=1)
    return start, torch.stack(rows)


def slow_starter(size, width, step, generator):
    """A model of one token that repeats itself for ever, at no cost, after so bad a start that in
    step number `step` it is just the last that a beam of that width keeps."""
    eos, steady = 0, 1
    logits = 0.1 * torch.randn(size + 1, size, generator=generator, dtype=torch.float64)
    logits[1:, steady] = -9
    logits[1 + steady] = -9
    logits[1 + steady, steady] = 0
    start, *rows = logits.log_softmax(dim=1)
    sums = torch.cat([start[:steady], start[steady + 1 :]])
    last = torch.tensor([token for token in range(size) if token != steady])
    for _ in range(step - 1):
        sums, last = sums[last != eos], last[last != eos]
        sums = (sums[:, None] + torch.stack(rows)[last]).flatten()
        last = torch.arange(size).repeat(len(last))
    above, below = sums.sort(descending=True).values[width - 2 : width]
    start[steady] = (above + below) / 2 - (step - 1) * rows[steady][steady]
    return Case(start.log_softmax(dim=0), torch.stack(rows), eos, width, step + 6, 1.0)


@st.composite
def cases(draw, widths=(2, 3, 4), lengths=(3, 2, 1), alphas=ALPHAS, least=2, holes=False):
    """A model of up to five tokens, at least `least`, and how to search it."""
    size = draw(st.integers(least, 5))
    eos, likely = draw(st.integers(0, size - 1)), draw(st.sampled_from((0.0, 0.5, 1.0)))
    tables = model(size, eos, torch.Generator().manual_seed(draw(SEEDS)), likely, holes)
    rest = (draw(st.sampled_from(values)) for values in (widths, lengths, alphas))
    return Case(*tables, eos, *rest)


def total(case, tokens):
    """The summed log-probability of a sequence."""
    steps = [float(case.transition[i, j]) for i, j in pairwise(tokens)]
    return sum(steps, float(case.start[tokens[0]]))


def score(case, tokens):
    return total(case, tokens) / len(tokens) ** case.alpha


def ending(case):
    """All sequences that end: in eos, or at max_len tokens without it before."""
    others = [token for token in range(len(case.start)) if token != case.eos]
    for length in range(1, case.max_len + 1):
        last = range(len(case.start)) if length == case.max_len else [case.eos]
        for *tokens, end in product(*[others] * (length - 1), last):
            yield [*tokens, end]


def exhaustive(case):
    """The best of all sequences, by trying them."""
    tokens = max(ending(case), key=partial(score, case))
    return tokens, score(case, tokens)


def greedy(case):
    """The most probable token, and again, until eos or max_len tokens."""
    tokens = [int(case.start.argmax())]
    while tokens[-1] != case.eos and len(tokens) < case.max_len:
        tokens.append(int(case.transition[tokens[-1]].argmax()))
    return tokens


def hold(mine, right, within=ROUNDING):
    """Hold an answer against the right one."""
    agree(mine, right, within=within)


def search(student, reference, case):
    """Hold the answer to a case against the reference's.

    Two sequences that take the same steps in another order, as 0, 0, 1, 0 and 0, 1, 0, 0 do, have
    equal sums; either is right, with the score that is its own.
    """
    compare(student.beam_search(*case), reference, case)


def compare(mine, reference, case):
    """Hold an answer to a case, as `search` does."""
    right = reference.beam_search.plain(*case)
    tokens, _ = mine
    if sorted(pairwise(tokens)) == sorted(pairwise(right[0])) and tokens[0] == right[0][0]:
        right = tokens, score(case, tokens)
    hold(mine, right)


@pytest.mark.points(5)
def test_anchor(student):
    """A beam of two finds [1, 2] with probability 0.36; a beam of one takes 0, and misses it."""
    table = torch.tensor([[0.4, 0.3, 0.3], [0.02, 0.08, 0.9], [0.2, 0.3, 0.5]]).double().log()
    start = torch.tensor([0.5, 0.4, 0.1]).double().log()
    for width, tokens, probability in (2, [1, 2], 0.36), (1, [0, 0], 0.2):
        right = tokens, math.log(probability)
        hold(student.beam_search(start, table, 2, width, 2, alpha=0.0), right, within=1e-6)


@pytest.mark.points(15)
@given(cases(widths=[1], alphas=[0.0]))
def test_greedy(student, case):
    """A beam of width 1 takes the most probable token each time, up to eos or max_len."""
    tokens = greedy(case)
    hold(student.beam_search(*case), (tokens, total(case, tokens)))


@pytest.mark.points(10)
@given(cases(widths=[1], lengths=(3, 2, 1, 40)))
def test_score(student, case):
    """The score is the sum of the log-probabilities over length ** alpha; eos counts as well."""
    tokens = greedy(case)
    hold(student.beam_search(*case), (tokens, score(case, tokens)))


@pytest.mark.points(15)
@pytest.mark.needs("test_greedy", "test_score")
@given(cases())
@settings(max_examples=40)
def test_exhaustive(student, case):
    """A beam that is wide enough for all sequences finds the best of all."""
    case = case._replace(beam_width=len(case.start) ** case.max_len)
    hold(student.beam_search(*case), exhaustive(case))


@pytest.mark.points(5)
@pytest.mark.needs("test_greedy", "test_score")
@given(cases(widths=(2, 3), lengths=(3, 4, 5), least=3))
@settings(max_examples=100)
def test_beam(student, reference, case):
    """Each step keeps the best of all expansions; the answer is the best hypothesis of all."""
    search(student, reference, case)


@pytest.mark.points(5)
@pytest.mark.needs("test_greedy", "test_score", "test_exhaustive")
@given(SEEDS, st.sampled_from(((4, 2), (4, 3), (7, 5))), st.sampled_from(ALPHAS))
@settings(max_examples=60)
def test_narrow(student, reference, seed, sizes, alpha):
    """What falls out of the beam is lost, even where one more place would have saved it."""
    generator = torch.Generator().manual_seed(seed)
    size, width = sizes
    answer = wider = None
    while answer == wider:
        case = Case(*model(size, seed % size, generator), seed % size, width, 5, alpha)
        _, answer = reference.beam_search.plain(*case)
        _, wider = reference.beam_search.plain(*case._replace(beam_width=width + 1))
    search(student, reference, case)


@pytest.mark.points(5)
@pytest.mark.needs("test_greedy", "test_score", "test_exhaustive")
@given(SEEDS)
@settings(max_examples=5)
def test_wide(student, reference, seed):
    """A beam may be wider than the vocabulary: that counts from the second step on."""
    generator = torch.Generator().manual_seed(seed)
    for size, width, step in (
        (4, 5, 2),
        (4, 9, 3),
        (5, 11, 2),
        (5, 26, 3),
        (7, 12, 2),
        (12, 13, 2),
    ):
        answer = narrower = None
        while answer == narrower:
            case = slow_starter(size, width, step, generator)
            _, answer = reference.beam_search.plain(*case)
            _, narrower = reference.beam_search.plain(*case._replace(beam_width=width - 1))
        search(student, reference, case)


@pytest.mark.points(5)
@pytest.mark.needs("test_beam")
@given(cases())
def test_default(student, case):
    """By default alpha is 0.75."""
    *arguments, _ = case
    hold(student.beam_search(*arguments), student.beam_search(*arguments, alpha=0.75))


@pytest.mark.points(5)
@pytest.mark.needs("test_beam")
@given(cases(), cases())
@settings(max_examples=8)
def test_parameters(student, reference, case, other):
    """Parameters work too, and are read anew once they have changed; an answer stays as it was."""
    tables = [handles.given.torch.nn.Parameter(table).of(student) for table in case[:2]]
    compare(student.beam_search(*tables, *case[2:]), reference, case)
    changed = case._replace(start=case.start.flip(0), transition=case.transition.flip(1))
    for table, values in zip(tables, changed, strict=False):
        table.detach.held().copy_(values)
    compare(student.beam_search(*tables, *changed[2:]), reference, changed)
    answer = student.beam_search.held(*case)
    search(student, reference, other)
    compare((answer.held_item(0).copy(), answer[1]), reference, case)


@pytest.mark.points(5)
@pytest.mark.needs("test_beam")
@given(cases(holes=True))
@settings(max_examples=40)
def test_impossible(student, reference, case):
    """Impossible steps (log-probability -inf) are never taken and give no nan."""
    search(student, reference, case)


@pytest.mark.points(5)
@pytest.mark.needs("test_beam")
@given(SEEDS)
@settings(max_examples=2)
def test_long(student, reference, seed):
    """A sum so small that no number is its exponential is a sum all the same."""
    generator = torch.Generator().manual_seed(seed)
    logits = 0.1 * torch.randn(11, 10, generator=generator, dtype=torch.float64)
    logits[:, 3] = -math.inf  # nothing ends before max_len
    start, *rows = logits.log_softmax(dim=1)
    search(student, reference, Case(start, torch.stack(rows), 3, 2, 420, 0.75))
    for first in (start, torch.cat((start[:1], start[1:].flip(0)))):  # alike at first sight
        search(student, reference, Case(first, torch.stack(rows), 3, 2, 6, 0.75))
    # The impossible eos is kept at first, and all that is possible comes to less than -1000.
    logits = 0.01 * torch.randn(15, 14, generator=generator, dtype=torch.float64)
    logits[:, 3] = -math.inf
    start, *rows = logits.log_softmax(dim=1)
    case = Case(start, torch.stack(rows), 3, 14, 420, 0.0)
    tokens, found = student.beam_search(*case)
    assert len(tokens) == 420, say("Only sequences of {count} tokens are possible.", count=420)
    hold(found, total(case, tokens))


@pytest.mark.points(5)
@pytest.mark.needs("test_beam")
@given(cases(lengths=(2, 3)), st.sampled_from((torch.float32, torch.bfloat16, torch.float16)))
def test_precision(student, case, dtype):
    """In float32 and half precision, the answer is as exact as the dtype allows."""
    epsilon = torch.finfo(dtype).eps
    case = case._replace(start=case.start.to(dtype), transition=case.transition.to(dtype))
    # All are kept, so that rounding decides nothing on the way; nor may it in the end.
    case = case._replace(beam_width=len(case.start) ** case.max_len)
    best, second = heapq.nlargest(2, (score(case, sequence) for sequence in ending(case)))
    assume(best - second > 16 * epsilon)
    hold(student.beam_search(*case), exhaustive(case), within=8 * epsilon)


@pytest.mark.points(5)
@pytest.mark.needs("test_beam")
@given(cases(lengths=[3], least=3))
@settings(max_examples=8)
def test_layout(student, reference, case):
    """Non-contiguous tensors (transposed, strided) give the same results."""
    right = reference.beam_search.plain(*case)
    for layout in LAYOUTS:
        hold(student.beam_search(*relayouted(case, layout)), right)


test_inputs = laws.inputs_unchanged(cases(), {"beam_search": tuple}, points=5, needs=["test_beam"])


def large_models(draw, size, width, length):
    logits = 2 * size**0.5 * draw.tensor(size + 1, size)
    start, *rows = logits.log_softmax(dim=1)
    return Case(start, torch.stack(rows), size // 2, width, length, 0.75)


test_middle_sizes = laws.middle_sizes(
    large_models,
    search,
    most={"size": 200, "width": 40, "length": 30},
    work=30_000,
    points=5,
    needs=["test_beam"],
)
