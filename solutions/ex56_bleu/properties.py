"""Exercise 56, BLEU: what any right answer obeys."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.judge.compare import agree
from grader.judge.strategies import SEEDS

# Few words, so that n-grams repeat and match; and tokens that look alike once they are joined, in
# lower case, stripped or normalised; and marks that are words like any other here.
WORDS = ("a", "b", "c", "a b", "b c", "A", "", "ab", " ", "é", "e\u0301", "a,b", "<eos>", "<unk>")
# What people join tokens by.
SIGNS = (" ", "", ",", "_", "-", "|", "\t", "\n", "\0", "\x1f")
# Two tokens each, which people take for one: letters, spaces that nobody sees, numbers, quotes; and
# what is alike where a token is cut, or written in ASCII.
ALIKE = (
    *(("A", "a"), (" a", "a"), ("", " "), ("\u00df", "ss"), ("\ufb01", "fi"), ("\u212a", "K")),
    *(("a\u200b", "a"), ("a\u00a0", "a"), ("\u3000", ""), ("\ufeffa", "a"), ("a\n", "a")),
    *(("1", "2"), ("1", "1.0"), ("7", "07"), ("'a'", "a"), ("a-b", "ab"), ("don't", "dont")),
    *(("x" * 99 + "a", "x" * 99 + "b"), ("\u732b", "\u72d7"), ("\u00e9", "e"), ("None", "")),
)
# Marks that other programs leave out, or let match nothing.
MARKS = ("<bos>", "<eos>", "<pad>", "<unk>", "<s>", "</s>", "[CLS]", "[SEP]", ".", ",", "'", "@@")
SEVERAL = settings(max_examples=40)


def grams(tokens, n):
    return [tokens[i : i + n] for i in range(len(tokens) - n + 1)]


def precision(prediction, label, n):
    """The share of the prediction's n-grams that are matched, by taking them off a list."""
    left, matched, mine = grams(label, n), 0, grams(prediction, n)
    for gram in mine:
        if gram in left:
            left.remove(gram)
            matched += 1
    return matched / len(mine) if mine else 0.0


def score(prediction, label, k):
    """What is right, counted by hand."""
    product = 1.0
    for n in range(1, k + 1):
        product *= precision(prediction, label, n) ** (1 / 2**n)
    return product * math.exp(min(0.0, 1 - len(label) / len(prediction))) if product else 0.0


@st.composite
def pairs(draw, least=1, words=3):
    """(prediction, label): the label, cut and with some tokens put in, dropped or changed."""
    mixed = random.Random(draw(SEEDS))
    chosen = WORDS[:words]
    label = mixed.choices(chosen, k=mixed.randint(max(least, 2), 8))
    prediction = list(label)
    for _ in range(draw(st.integers(0, 4))):
        place = mixed.randrange(len(prediction) + 1)
        change = mixed.choice("idcr")
        if change == "i":
            prediction.insert(place, mixed.choice(chosen))
        elif change == "r" and prediction:
            prediction += prediction[:2]
        elif place < len(prediction) and change == "c":
            prediction[place] = mixed.choice(chosen)
        elif len(prediction) > least:
            del prediction[min(place, len(prediction) - 1)]
    return prediction, label


@st.composite
def clean(draw, more=0):
    """Sentences of distinct words, where nothing repeats and all of the prediction is matched."""
    words = draw(st.permutations([f"w{i}" for i in range(8)]))
    shorter = draw(st.integers(3, 6))
    return list(words[:shorter]), list(words[: shorter + more])


@pytest.mark.points(5)
def test_anchor(student):
    """The example in the exercise: (3 / 4) ** (1 / 2) for k = 1, times (2 / 3) ** (1 / 4) for 2."""
    prediction, label = ["the", "the", "cat", "sat"], ["the", "cat", "sat", "down"]
    agree(student.bleu(prediction, label, 1), 0.75**0.5)
    agree(student.bleu(prediction, label, 2), 0.75**0.5 * (2 / 3) ** 0.25)


@pytest.mark.points(10)
@given(clean(), st.integers(1, 3))
def test_perfect(student, pair, k):
    """A sentence scores 1 against itself, for every k that it has tokens for."""
    for sentence in pair:
        agree(student.bleu(sentence, sentence, k), 1.0)
        agree(student.bleu(sentence, sentence, len(sentence)), 1.0)
        agree(student.bleu(sentence[:1], sentence[:1], 1), 1.0)


@pytest.mark.points(15)
@SEVERAL
@given(st.permutations("abcdefg"), st.integers(3, 7), st.integers(0, 6), st.integers(1, 3))
def test_precision(student, words, length, wrong, k):
    """p_n is the share of the prediction's n-grams that the label has, to the power of 1 / 2**n."""
    label = list(words[:length])
    prediction = [*label[: max(length - wrong, k)], *["?"] * min(wrong, length - k)]
    agree(student.bleu(prediction, label, k), score(prediction, label, k))


@pytest.mark.points(10)
@pytest.mark.needs("test_precision")
@given(clean(more=2), st.integers(1, 3))
def test_brevity(student, pair, k):
    """Too short a prediction costs exp(1 - len_label / len_pred), even if all of it is right."""
    shorter, longer = pair
    agree(student.bleu(shorter, longer, k), math.exp(1 - len(longer) / len(shorter)))


@pytest.mark.points(10)
@pytest.mark.needs("test_precision")
@given(clean(more=2), st.integers(1, 3))
def test_long(student, pair, k):
    """Too long a prediction costs nothing but the precision of its n-grams."""
    shorter, longer = pair
    agree(student.bleu(longer, shorter, k), score(longer, shorter, k))


@pytest.mark.points(10)
@pytest.mark.needs("test_precision")
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2))
def test_clipped(student, mine, right, others, k):
    """An n-gram that the label has twice is matched twice, however often the prediction has it."""
    label = ["a"] * (right + k - 1) + ["b"] * others
    for prediction in (["a"] * (mine + k - 1), ["a"] * (mine + k) + ["b"]):
        agree(student.bleu(prediction, label, k), score(prediction, label, k))


@pytest.mark.points(15)
@pytest.mark.needs("test_clipped", "test_brevity", "test_long")
@settings(max_examples=60)
@given(pairs(least=4), st.integers(1, 4))
def test_reference(student, reference, pair, k):
    """Sentences with words that repeat, are missing or are wrong score what the formula says."""
    agree(student.bleu(*pair, k), reference.bleu(*pair, k))
    agree(student.bleu(*pair, k), score(*pair, k))


@pytest.mark.points(5)
@pytest.mark.needs("test_precision")
@given(pairs(), st.integers(1, 3))
def test_too_short(student, pair, more):
    """It is 0.0 where the prediction has fewer than k tokens, or none at all."""
    prediction, label = pair
    agree(student.bleu(prediction, label, len(prediction) + more), 0.0)
    agree(student.bleu(label, label, len(label) + more), 0.0)
    agree(student.bleu([], label, more), 0.0)


@pytest.mark.points(5)
@pytest.mark.needs("test_precision")
@given(clean(), st.integers(1, 3))
def test_nothing_shared(student, pair, k):
    """It is 0.0 where no n-gram of some n up to k is in the label, and where the label is empty."""
    prediction, label = pair
    agree(student.bleu(label, label[:1], 2), 0.0)  # which has none of two words at all
    agree(student.bleu([f"{word}!" for word in prediction], label, k), 0.0)
    agree(student.bleu(prediction[::-1], label, 2), 0.0)
    agree(student.bleu(prediction[:2], label[1:], 2), 0.0)
    agree(student.bleu(prediction, [], k), 0.0)
    agree(student.bleu([], [], k), 0.0)


@pytest.mark.points(10)
@pytest.mark.needs("test_precision")
@settings(max_examples=10)
@given(pairs(least=2, words=len(WORDS)))
def test_tokens(student, pair):
    """Tokens are whole: ("a b", "c") is not the pair ("a", "b c"), and "A" is not "a"."""
    for sign in SIGNS:
        mine, right = [f"a{sign}b", "c", "x"], ["a", f"b{sign}c", "x"]
        agree(student.bleu(mine, right, 2), 0.0)
    for mine, right in ALIKE:
        agree(student.bleu([mine, "b"], [right, "b"], 1), 0.5**0.5)
    for mark in MARKS:
        agree(student.bleu([mark, "b"], [mark, "c"], 1), 0.5**0.5)
        agree(student.bleu(["b", mark], ["c", mark], 1), 0.5**0.5)
    agree(student.bleu(["", "b"], ["", "b"], 2), 1.0)
    for k in (1, 2):
        agree(student.bleu(*pair, k), score(*pair, k))


@pytest.mark.points(5)
@pytest.mark.needs("test_reference")
def test_middle_sizes(student, reference, seed):
    """It is also right for long sentences and long n-grams."""
    mixed = random.Random(seed)
    for length, k in ((30, 6), (120, 10), (400, 4), (60, 40)):
        label = mixed.choices([f"w{i}" for i in range(5 if k < 10 else 500)], k=length)
        start = mixed.randint(1, 5)
        prediction = [*label[start:], *mixed.choices(label, k=mixed.randint(0, 9))]
        agree(student.bleu(prediction, label, k), reference.bleu(prediction, label, k))
        doubled = prediction[: k + 2] + prediction
        agree(student.bleu(doubled, label, k), reference.bleu(doubled, label, k))
        agree(student.bleu(label, label, length), 1.0)
    # The longest n-grams weigh next to nothing, and must be shared all the same.
    label = [f"w{i}" for i in range(80)]
    prediction = [*label[:55], "?", *label[56:]]
    for k in (1, 30, 55, 56, 60):
        agree(student.bleu(prediction, label, k), reference.bleu(prediction, label, k))
    # However short it is, what is shared is worth something.
    for length in (2, 12, 60):
        right = math.exp(1 - length)
        agree(student.bleu(["a"], ["a"] * length, 1), right, within=1e-7 * right)
