"""Exercise 27, a vocabulary: what any right answer obeys."""

import random
from collections import Counter
from itertools import chain
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import agree
from grader.judge.strategies import SEEDS
from grader.wire import Stream

RESERVED = ("<pad>", "<bos>", "<eos>", "<unk>")
MANY = tuple(f"<{number}>" for number in range(12))
OTHERS = (
    *(("<unk>",), (*MANY, "<unk>", "<pad>"), ("<bos>", "cat", "<unk>", "<cls>"), ("é", "<unk>")),
    ("", "<unk>", "<pad>"),
)
# Capitals, digits and accents, which `sorted` puts where no dictionary would; and no letter.
WORDS = (
    *("a", "b", "B", "Z", "cat", "cats", "é", "zoo", "10", "9", "", "<br>", "pad", "ß", " a"),
    *("\n", "ﬁ", "𝒳"),  # the last two stand the other way round where UTF-16 decides
)


# Other tokens, which somebody might take for one: an accent of its own, what is white at the end or
# in the middle, and letters that look alike.
ALIKE = (
    "é",
    "e\u0301",
    "e",
    "a",
    "a ",
    " a",
    "a\t",
    "\ta",
    "a\u00a0",
    "a\u200b",
    "\u0430",
    "A",
    "ａ",
)


class Text(NamedTuple):
    lines: list[list[str]]
    min_freq: int


def lines_of(counts, seed):
    """Lines in which each token stands as often as `counts` says, in an order by `seed`."""
    tokens = [token for token, count in counts.items() for _ in range(count)]
    mixed = random.Random(seed)
    mixed.shuffle(tokens)
    lines = [[]]
    for token in tokens:
        lines[-1].append(token)
        if mixed.random() < 0.3:
            lines.append([])
    return lines


@st.composite
def texts(draw, *offsets, least=None, words=WORDS, always=()):
    """A text with one token for each of some `offsets`, seen that much more often than min_freq.

    `always` are tokens that it has besides, just frequent enough or a little more.
    """
    more = draw(st.sampled_from(offsets or [(-1, 0, 1)]))
    min_freq = least or draw(st.integers(1, 3))
    tokens = draw(st.permutations(words))[: len(more)]
    counts = {token: min_freq + n for token, n in zip(tokens, more, strict=True)}
    counts |= {token: min_freq + draw(st.integers(0, 3)) for token in always}
    return Text(lines_of(counts, draw(SEEDS)), min_freq)


ties = texts((0, 0), (0, 0, 0), (0, 1, 0, 1), (2, -1, 0, 1, 0, 2, 1, -1, 0))


def vocabulary(lines, min_freq, reserved=RESERVED):
    """What is right, in another way: `most_common` leaves ties in the order of first sight."""
    counts = Counter(sorted(chain.from_iterable(lines)))
    frequent = [token for token, count in counts.most_common() if count >= min_freq]
    return dict.fromkeys([*reserved, *frequent]), counts


def numbered(lines, min_freq, reserved=RESERVED):
    tokens, _ = vocabulary(lines, min_freq, reserved)
    return {token: index for index, token in enumerate(tokens)}


@pytest.mark.points(5)
def test_anchor(student):
    """The example in the exercise gives exactly what is printed there."""
    lines = [["the", "cat", "sat"], ["the", "mat"], ["cat", "the"]]
    vocab = {"<pad>": 0, "<bos>": 1, "<eos>": 2, "<unk>": 3, "the": 4, "cat": 5}
    agree(student.build_vocab(lines, 2), vocab)
    agree(student.encode(["the", "dog", "sat"], vocab), [4, 3, 3])


@pytest.mark.points(10)
@given(texts())
def test_frequent(student, text):
    """Reserved tokens first, then those seen at least min_freq times, the most frequent first."""
    agree(student.build_vocab(*text), numbered(*text))


@pytest.mark.points(15)
@pytest.mark.needs("test_frequent")
@given(ties)
def test_ties(student, text):
    """Tokens seen equally often are in the order that `sorted` gives."""
    agree(student.build_vocab(*text), numbered(*text))


@pytest.mark.points(10)
@pytest.mark.needs("test_frequent")
@given(texts((-1, 1), always=("<unk>", "<bos>")))
def test_reserved_in_text(student, text):
    """A reserved token that occurs in the text keeps its place and is not listed again."""
    agree(student.build_vocab(*text), numbered(*text))


@pytest.mark.points(5)
@pytest.mark.needs("test_ties", "test_reserved_in_text")
@given(texts(always=("cat", "<pad>"), words=[word for word in WORDS if word != "cat"]))
def test_other_reserved(student, text):
    """Other reserved tokens, or none, work too; all others are then ordinary tokens."""
    for reserved in ((), *OTHERS):
        agree(student.build_vocab(*text, reserved), numbered(*text, reserved))


@pytest.mark.points(10)
@pytest.mark.needs("test_frequent")
@given(texts((-1, 0, 1, -2), least=3))
def test_default(student, text):
    """By default min_freq is 3, whatever the reserved tokens."""
    agree(student.build_vocab(text.lines), numbered(text.lines, 3))
    agree(student.build_vocab(text.lines, reserved=OTHERS[0]), numbered(text.lines, 3, OTHERS[0]))


@pytest.mark.points(5)
@pytest.mark.needs("test_ties")
@given(SEEDS)
@settings(max_examples=4)
def test_alike(student, seed):
    """Tokens that look alike are different ones: they are taken letter by letter, as they are."""
    number = random.Random(seed)
    lines = lines_of({token: number.randint(2, 4) for token in ALIKE}, seed)
    agree(student.build_vocab(lines, 3), numbered(lines, 3))
    for token in ALIKE:
        vocab = numbered([[other for other in ALIKE if other != token]], 1)
        agree(
            student.encode([token, *ALIKE[:2]], vocab),
            [vocab.get(t, 3) for t in (token, *ALIKE[:2])],
        )


@pytest.mark.points(5)
@pytest.mark.needs("test_ties")
@given(ties, st.integers(1, 3))
def test_stricter(student, text, more):
    """A larger min_freq only drops the rarer tokens, from the end."""
    before = list(student.build_vocab(*text))
    _, counts = vocabulary(*text)
    enough = [t for t in before if t in RESERVED or counts[t] >= text.min_freq + more]
    after = student.build_vocab(text.lines, min_freq=text.min_freq + more)
    agree(after, {token: index for index, token in enumerate(enough)})


@pytest.mark.points(5)
@pytest.mark.needs("test_ties")
@given(ties)
def test_order(student, text):
    """The order of the lines, and of the tokens in them, makes no difference."""
    backwards = [line[::-1] for line in text.lines[::-1]]
    agree(student.build_vocab(backwards, text.min_freq), student.build_vocab(*text))


@pytest.mark.points(5)
@given(
    st.sampled_from(([], [[]], [[], []])), st.integers(1, 2), st.sampled_from((RESERVED, *OTHERS))
)
def test_empty(student, lines, min_freq, reserved):
    """A text without tokens gives only the reserved ones."""
    agree(student.build_vocab(lines, min_freq, reserved), numbered([], min_freq, reserved))


@pytest.mark.points(5)
@pytest.mark.needs("test_ties", "test_reserved_in_text")
def test_middle_sizes(student, seed):
    """It is also right for longer texts."""
    mixed = random.Random(seed)
    for most in (50, 300, 6000):
        words = [f"w{number}" for number in range(mixed.randint(most // 2, most))]
        counts = {word: mixed.randint(1, 5) for word in words}
        counts |= {word: mixed.choice((8, 9, 10, 11, 99, 100, 101)) for word in words[:30]}
        lines = lines_of(counts | {"<unk>": 2}, seed)
        agree(student.build_vocab(lines), numbered(lines, 3))
        agree(student.build_vocab(lines, 100), numbered(lines, 100))
        vocab = numbered(lines, 4)
        tokens = mixed.sample(words, len(words))
        agree(student.encode(tokens, vocab), [vocab.get(t, vocab["<unk>"]) for t in tokens])


@pytest.mark.points(10)
@given(ties, st.sampled_from((RESERVED, *OTHERS)), SEEDS)
def test_known(student, text, reserved, seed):
    """A known token becomes its index; the whole vocabulary becomes 0, 1, 2, ..."""
    vocab = numbered(*text, reserved)
    agree(student.encode(list(vocab), vocab), list(range(len(vocab))))
    tokens = random.Random(seed).choices(list(vocab), k=5)
    agree(student.encode(tokens, vocab), [vocab[token] for token in tokens])
    agree(student.encode(tokens[:1], vocab), [vocab[tokens[0]]])
    agree(student.encode([], vocab), [])


@pytest.mark.points(5)
@pytest.mark.needs("test_known")
@given(texts(), st.sampled_from((RESERVED, *OTHERS)), SEEDS)
def test_unknown(student, text, reserved, seed):
    """An unknown token becomes the index of "<unk>", wherever that stands."""
    vocab = numbered(*text, reserved)
    tokens = random.Random(seed).sample(["?", "A", "CAT", *WORDS, "<sep>", *vocab], k=8)
    agree(student.encode(tokens, vocab), [vocab[t if t in vocab else "<unk>"] for t in tokens])
    agree(student.encode(["?", "<unk>"], {"<unk>": 0}), [0, 0])


@pytest.mark.points(5)
@pytest.mark.needs("test_frequent", "test_known")
@given(texts())
def test_iterables(student, text):
    """A generator (read only once) works as well as a list, and so does a text, by its letters;
    what came back stays as it was when another call is made."""
    vocab = numbered(*text)
    agree(student.build_vocab(Stream(tuple(text.lines)), text.min_freq), vocab)
    agree(student.encode(Stream(("?", *vocab)), vocab), [RESERVED.index("<unk>"), *vocab.values()])
    letters = numbered([["b", "a", " ", "a b"]], 1)
    agree(student.encode("a bc", letters), [letters[each] for each in ("a", " ", "b", "<unk>")])
    first, indices = student.build_vocab.held(*text), student.encode.held(["?"], vocab)
    agree(student.build_vocab([["another"]], 1), numbered([["another"]], 1))
    agree(student.encode(["<bos>", "?"], vocab), [1, 3])
    agree(first.copy(), vocab)
    agree(indices.copy(), [3])
