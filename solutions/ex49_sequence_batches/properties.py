"""Exercise 49, batches of a long text: what any right answer obeys.

What is drawn is free, and so is how: no draw is held against the reference's. The tokens of a text
are all distinct where a window has to be found in it. What an honest draw would fail once in 10^10
times or less, or never, is a failure.
"""

import random
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import Mismatch, Named, a_kind, agree, dtype, shape
from grader.judge.handles import given as lent
from grader.judge.strategies import SEEDS, sizes
from grader.language import say

CONSECUTIVE = ("test_consecutive",)
RANDOM = ("test_windows", "test_once")
MORE = 20  # batches that are read beyond those that there are
PASSES = 40  # over one text, where something must differ between them


class Text(NamedTuple):
    corpus: list[int]
    batch_size: int
    num_steps: int


def shuffled(count, seed):
    """Distinct tokens, of which no two that are neighbours follow one another as numbers do."""
    tokens = list(range(count))
    random.Random(seed).shuffle(tokens)
    return tokens


@st.composite
def texts(draw, distinct=True):
    """Texts of some batches, with some tokens more than fill them."""
    n, t = draw(sizes(2))
    row = t * draw(st.integers(1, 3)) + draw(st.integers(0, t - 1))
    tokens = shuffled(n * row + draw(st.integers(0, n - 1)) + 1, draw(SEEDS))
    return Text(tokens if distinct else [token % 3 for token in tokens], n, t)


def generator(owner, seed):
    """A generator where the owner's code runs."""
    made = owner.given.torch.Generator()
    made.manual_seed(seed)
    return made


def pairs(items, text):
    """The items of an iterator, which must be pairs (X, Y) of the right form."""
    form = text.batch_size, text.num_steps
    for number, item in enumerate(items, 1):
        if not isinstance(item, list | tuple) or len(item) != 2:
            message = say(
                "Item {number} is {kind}; it should be a pair (X, Y).",
                number=number,
                kind=a_kind(item),
            )
            raise Mismatch(message)
        for name, each in zip("XY", item, strict=True):
            whose = {"name": name, "number": number}
            if not isinstance(each, torch.Tensor):
                message = say(
                    "{name} of batch {number} is {kind}; it should be a tensor.",
                    kind=a_kind(each),
                    **whose,
                )
                raise Mismatch(message)
            if each.shape != form:
                message = say(
                    "{name} of batch {number} has shape {mine}; it should be {right}.",
                    mine=shape(each),
                    right=shape(torch.empty(form)),
                    **whose,
                )
                raise Mismatch(message)
            if each.dtype != torch.int64:
                message = say(
                    "{name} of batch {number} has dtype {mine}; it should be int64.",
                    mine=dtype(each),
                    **whose,
                )
                raise Mismatch(message)
    return items


def counted(items, count):
    """The items, of which there must be as many."""
    if len(items) != count:
        message = say(
            "It gives {mine} batches here; there are {right} whole ones.",
            mine=len(items),
            right=count,
        )
        raise Mismatch(message)
    return items


def tokens_of(items):
    """All that batches hold, by names."""
    rows = {}
    for number, (X, Y) in enumerate(items, 1):
        rows[say("X of batch {number}", number=number)] = X
        rows[say("Y of batch {number}", number=number)] = Y
    return Named("{}", rows)


def rows_of(text, offset=0):
    """The batches of consecutive windows, as the statement says where each begins."""
    corpus, n, t = text
    length = (len(corpus) - offset - 1) // n
    found = []
    for k in range(length // t):
        begins = [offset + i * length + k * t for i in range(n)]
        found.append([torch.tensor([corpus[b + s : b + s + t] for b in begins]) for s in range(2)])
    return found


def hold_rows(student, text, *offset):
    """Hold the batches of consecutive windows."""
    right = rows_of(text, *offset)
    mine = student.consecutive_batches.held(*text, *offset).read(len(right) + MORE)
    counted(pairs(mine, text), len(right))
    agree(tokens_of(mine), tokens_of(right))


def drawn(student, text, made):
    """The random batches of a text, by a generator."""
    most = len(text.corpus) // (text.batch_size * text.num_steps)
    return pairs(student.random_batches.held(*text, made).read(most + MORE), text)


def begins_of(text, items):
    """Where the windows of random batches begin in a text of distinct tokens, in order; they must
    be windows of it, with the targets one token later."""
    places = {token: place for place, token in enumerate(text.corpus)}
    begins = []
    for number, (X, Y) in enumerate(items, 1):
        for row, (inputs, targets) in enumerate(zip(X.tolist(), Y.tolist(), strict=True)):
            begin = places.get(inputs[0], len(places))
            right = text.corpus[begin : begin + text.num_steps + 1]
            if inputs != right[: text.num_steps]:
                message = say(
                    "Row {row} of X in batch {number} is {mine}: these tokens do not stand side by"
                    " side in the corpus.",
                    row=row,
                    number=number,
                    mine=inputs,
                )
                raise Mismatch(message)
            if targets != right[1:]:
                message = say(
                    "Row {row} of X in batch {number} is {inputs}, and of Y {mine}; in the corpus"
                    " one token later stands {right}.",
                    row=row,
                    number=number,
                    inputs=inputs,
                    mine=targets,
                    right=right[1:],
                )
                raise Mismatch(message)
            begins.append(begin)
    return begins


def order_of(text, items):
    """Which windows random batches hold, as numbers in the order of the text; and the start. They
    must lie side by side, each once, as many as fill batches."""
    begins = begins_of(text, items)
    if not begins:
        return [], 0
    start = begins[0] % text.num_steps
    if any(begin % text.num_steps != start for begin in begins):
        message = say(
            "The windows begin at {begins}: they do not lie side by side, {steps} tokens apart.",
            begins=sorted(begins),
            steps=text.num_steps,
        )
        raise Mismatch(message)
    if len(set(begins)) != len(begins):
        begin = Counter(begins).most_common(1)[0][0]
        message = say("The window that begins at {begin} comes more than once.", begin=begin)
        raise Mismatch(message)
    whole = (len(text.corpus) - start - 1) // text.num_steps // text.batch_size
    counted(items, whole)
    return [(begin - start) // text.num_steps for begin in begins], start


# --- consecutive -------------------------------------------------------------------------------


@pytest.mark.points(4)
def test_anchor(student):
    """The example in the exercise: 0 1 and 5 6, then 2 3 and 7 8."""
    hold_rows(student, Text(list(range(11)), 2, 2))


@pytest.mark.points(14)
@given(texts(distinct=False))
def test_consecutive(student, text):
    """N rows, one behind the other; each batch has the next T tokens of all of them."""
    hold_rows(student, text)


@pytest.mark.points(8)
@pytest.mark.needs(*CONSECUTIVE)
@given(texts(), st.integers(1, 7))
def test_offset(student, text, offset):
    """With an offset, the rows are of the text behind it."""
    before = [1000 + number for number in range(offset)]
    hold_rows(student, text._replace(corpus=[*before, *text.corpus]), offset)
    hold_rows(student, text, min(offset, len(text.corpus) - 1))


@pytest.mark.points(4)
@pytest.mark.needs(*CONSECUTIVE)
@given(texts(), st.integers(0, 2))
def test_goes_on(student, text, offset):
    """Row i of a batch begins with the token that row i of the last one had to say at its end."""
    offset = min(offset, len(text.corpus) - 1)
    most = len(rows_of(text, offset)) + MORE
    items = pairs(student.consecutive_batches.held(*text, offset).read(most), text)
    for number, ((_, Y), (X, _)) in enumerate(pairwise(items), 2):
        what = say("the first column of X in batch {number}", number=number)
        agree(Named("{}", {what: X[:, 0]}), Named("{}", {what: Y[:, -1]}))


# --- random ------------------------------------------------------------------------------------


@pytest.mark.points(12)
@given(texts(), SEEDS)
def test_windows(student, text, seed):
    """Random batches hold windows of the text, with the targets one token later."""
    begins_of(text, drawn(student, text, generator(student, seed)))


@pytest.mark.points(12)
@pytest.mark.needs("test_windows")
@given(texts(), SEEDS)
@settings(max_examples=25)
def test_once(student, text, seed):
    """The windows lie side by side behind a start below T; each comes once, in whole batches."""
    order_of(text, drawn(student, text, generator(student, seed)))
    # With one step the start is 0, and what is there is known although tokens repeat.
    corpus = [token % 4 for token in text.corpus]
    same = Text(corpus, 1, 1)
    items = counted(drawn(student, same, generator(student, seed)), len(corpus) - 1)
    agree(
        sorted((int(X), int(Y)) for X, Y in items),
        sorted(pairwise(corpus)),
    )


@pytest.mark.points(10)
@pytest.mark.needs(*RANDOM)
def test_order(student, seed):
    """The order of the windows is random, in a batch and from one batch to the next."""
    forms = [(300, 1, 1), (300, 10, 1), (260, 20, 2), (8000, 4000, 1)]
    for number, (count, n, t) in enumerate(forms):
        text = Text(shuffled(count * t + t, seed + number), n, t)
        items = drawn(student, text, generator(student, seed + number))
        order, _ = order_of(text, items)
        found = torch.tensor(order, dtype=torch.float64)
        places = torch.arange(len(order), dtype=torch.float64)
        likeness = torch.corrcoef(torch.stack([found, places]))[0, 1]
        if abs(float(likeness)) > 7 / (len(order) - 1) ** 0.5:
            raise Mismatch(say("The windows come nearly in the order of the text, or against it."))
        ascents = sum(a < b for a, b in pairwise(order))
        if abs(ascents - (len(order) - 1) / 2) > 7 * ((len(order) + 1) / 12) ** 0.5:
            message = say(
                "Too many windows, or too few, come before one that stands later in the text: their"
                " order is not drawn."
            )
            raise Mismatch(message)
        for apart in (1, 2):
            steps = Counter(b - a for a, b in zip(order, order[apart:], strict=False))
            if steps.most_common(1)[0][1] > 25:
                message = say(
                    "Many windows come in an order that is not drawn: they follow one another as"
                    " in the text, or at another fixed distance."
                )
                raise Mismatch(message)
        moved = Counter(window - place for place, window in enumerate(order))
        away, count = moved.most_common(1)[0]
        if count > 18:
            message = say(
                "{count} of {whole} windows come {away} places from where they stand in the text;"
                " with any order as likely as any other hardly one would.",
                count=count,
                whole=len(order),
                away=abs(away),
            )
            raise Mismatch(message)
    made = generator(student, seed)
    # Of 30 windows, an order hardly comes twice.
    for count, n, least in [(2, 1, 2), (30, 10, PASSES - 1)]:
        text = Text(shuffled(count + 1, seed), n, 1)
        orders = {tuple(order_of(text, drawn(student, text, made))[0]) for _ in range(PASSES)}
        if len(orders) < least:
            message = say(
                "In {passes} passes, {windows} windows come in only {count} of their orders; any is"
                " as likely as any other.",
                passes=PASSES,
                windows=count,
                count=len(orders),
            )
            raise Mismatch(message)


@pytest.mark.points(8)
@pytest.mark.needs(*RANDOM)
def test_start(student, seed):
    """Every start from 0 to T - 1 occurs."""
    text, made = Text(shuffled(9, seed), 1, 2), generator(student, seed)
    starts = {order_of(text, drawn(student, text, made))[1] for _ in range(40)}
    if starts != {0, 1}:
        message = say(
            "With 2 steps, 40 passes over a text all start at {start}; 0 and 1 are as likely.",
            start=starts.pop(),
        )
        raise Mismatch(message)
    # One window behind 0, none behind 1.
    text = Text(shuffled(3, seed), 1, 2)
    counts = {len(order_of(text, drawn(student, text, made))[0]) for _ in range(PASSES)}
    if counts != {0, 1}:
        message = say(
            "With 3 tokens and 2 steps, the number of batches is {count} in each of {passes}"
            " passes; behind the start 0 there is one batch, and behind 1 there is none.",
            passes=PASSES,
            count=counts.pop(),
        )
        raise Mismatch(message)
    text = Text(shuffled(200, seed), 2, 40)
    starts = {order_of(text, drawn(student, text, made))[1] for _ in range(12)}
    if len(starts) < 3:
        message = say(
            "With 40 steps, 12 passes over a text have {count} starts.", count=len(starts)
        )
        raise Mismatch(message)


@pytest.mark.points(4)
@pytest.mark.needs(*RANDOM)
def test_left_out(student, seed):
    """Which windows are left out, where some do not fill a batch, is left to the draw."""
    text, made = Text(shuffled(102, seed), 100, 1), generator(student, seed)
    left = [
        min({*range(101)} - set(order_of(text, drawn(student, text, made))[0])) for _ in range(7)
    ]
    if len(set(left)) == 1:
        message = say(
            "Of 101 windows, 100 fill a batch; in 7 passes it is always number {number} that is"
            " left out.",
            number=left[0],
        )
        raise Mismatch(message)


@pytest.mark.points(10)
@pytest.mark.needs(*RANDOM)
@given(st.integers(1, 3), SEEDS)
@settings(max_examples=5)
def test_generator(student, n, seed):
    """Order and start are drawn from `generator`: the same state gives the same, another others."""
    text = Text(shuffled(400, seed), n, 8)
    student.given.torch.manual_seed(seed + 7)
    made = generator(student, seed)
    first = drawn(student, text, made)
    later = drawn(student, text, made)
    again = drawn(student, text, generator(student, seed))
    other = drawn(student, text, generator(student, seed + 1))
    hold_rows(student, text)
    left = torch.rand(4, generator=torch.Generator().manual_seed(seed + 7))
    if begins_of(text, first) != begins_of(text, again):
        message = say(
            "Two generators of the same seed give other batches: draw all of it with"
            " generator=generator."
        )
        raise Mismatch(message)
    if begins_of(text, first) == begins_of(text, later):
        message = say("A second pass with the same generator gives the same batches again.")
        raise Mismatch(message)
    if begins_of(text, first) == begins_of(text, other):
        raise Mismatch(say("Generators of different seeds give the same batches."))
    if not torch.equal(student.given.torch.rand(4).cpu(), left):
        raise Mismatch(
            say("torch's global random numbers are not the same after the call; use `generator`.")
        )


# --- both --------------------------------------------------------------------------------------


@pytest.mark.points(6)
@pytest.mark.needs(*CONSECUTIVE, *RANDOM)
@given(texts(), SEEDS)
@settings(max_examples=8)
def test_exhausted(student, text, seed):
    """Two iterators do not disturb each other; one that has ended gives no more."""
    right = rows_of(text)
    one, two = (student.consecutive_batches.held(*text).iterator() for _ in range(2))
    found = [[], []]
    for _ in range(len(right) + 1):
        for items, each in zip(found, (one, two), strict=True):
            items += each.take(1)
    for items in found:
        agree(tokens_of(counted(pairs(items, text), len(right))), tokens_of(right))
    made = student.random_batches.held(*text, generator(student, seed)).iterator()
    order_of(text, pairs(made.read(len(right) + MORE), text))
    for each in (one, two, made):
        if each.read(MORE):
            raise Mismatch(say("An iterator that has ended gives more when it is asked again."))


@pytest.mark.points(4)
@pytest.mark.needs(*CONSECUTIVE, *RANDOM)
@given(st.integers(1, 4), st.integers(1, 4), SEEDS)
@settings(max_examples=8)
def test_too_short(student, n, t, seed):
    """A text too short for one batch gives none."""
    for count in {1, n * t}:
        text = Text(list(range(count)), n, t)
        hold_rows(student, text)
        hold_rows(student, text, count - 1)
        counted(drawn(student, text, generator(student, seed)), 0)


@pytest.mark.points(2)
@pytest.mark.needs(*CONSECUTIVE, *RANDOM)
@given(texts(), SEEDS)
@settings(max_examples=5)
def test_corpus_kept(student, text, seed):
    """The corpus is left as it was."""
    corpus = lent.torch.Tensor.tolist(torch.tensor(text.corpus)).of(student)
    made = generator(student, seed)
    # A pass may be left before its end.
    student.consecutive_batches.held(corpus, *text[1:], 1).take(1)
    before = corpus.copy()
    student.consecutive_batches.held(corpus, *text[1:], 1).read(len(text.corpus))
    student.random_batches.held(corpus, *text[1:], made).read(len(text.corpus))
    if before != text.corpus or corpus.copy() != text.corpus:
        raise Mismatch(say("The corpus is another list after the pass: work on a copy."))


@pytest.mark.points(2)
@pytest.mark.needs(*CONSECUTIVE, *RANDOM)
def test_larger(student, seed):
    """It is also right for longer texts, many or long rows, any offset, and large tokens."""
    for number, (count, n, t) in enumerate([(3000, 4, 35), (900, 150, 2), (901, 1, 300)]):
        # So large that neither float64 nor int32 holds them.
        tokens = [token + (1 << 60) for token in shuffled(count, seed + number)]
        text = Text(tokens, n, t)
        for offset in (0, t, number + 3):
            hold_rows(student, text, offset)
        order_of(text, drawn(student, text, generator(student, seed)))
