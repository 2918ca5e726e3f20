"""Exercise 56, BLEU: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""


class NotClipped:
    """You seem to count every n-gram that the label has anywhere; each one of the label is matched
    at most once, so that "the the the" does not match one "the" three times."""

    caught_by = "test_clipped"

    diff = """
    - matches = (mine & right).total()
    + matches = sum(count for gram, count in mine.items() if gram in right)
    """


class Distinct:
    """You seem to count each n-gram once; one that the prediction has twice, and the label too, is
    two matches."""

    caught_by = "test_clipped"

    diff = """
    - matches = (mine & right).total()
    + matches = len(mine & right)
    """


class NoBrevity:
    """A short prediction scores too well: multiply by exp(min(0, 1 - len_label / len_pred))."""

    caught_by = "test_brevity"

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = 1.0
    """


class BrevityInverted:
    """Your penalty for brevity has the lengths the wrong way round: it is len_label / len_pred."""

    caught_by = "test_brevity"

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = math.exp(min(0.0, 1 - len(prediction) / len(label))) if label else 0.0
    """


class RewardForLength:
    """Your first factor grows over 1 where the prediction is longer than the label; min(0, ...)
    keeps it at 1."""

    caught_by = "test_long"

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = math.exp(1 - len(label) / len(prediction))
    """


class MaxForMin:
    """You seem to take max where min belongs: a short prediction is punished, a long one is not
    rewarded."""

    caught_by = "test_brevity"

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = math.exp(max(0.0, 1 - len(label) / len(prediction)))
    """


class PenaltyWithoutExp:
    """Your penalty seems to be the ratio of the lengths itself; it is
    exp(1 - len_label / len_pred)."""

    caught_by = "test_brevity"

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = min(1.0, len(prediction) / len(label)) if label else 0.0
    """


class EqualWeights:
    """You seem to weigh all n alike, with the power 1 / k; here p_n has the power 1 / 2**n."""

    caught_by = "test_precision"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) ** (1 / k)
    """


class HarmonicWeights:
    """Your power seems to be 1 / n; p_n has the power 1 / 2**n: a half, a quarter, an eighth."""

    caught_by = "test_precision"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) ** (1 / n)
    """


class TwiceN:
    """Your power seems to be 1 / (2 * n); p_n has the power 1 / 2**n, which halves with every n."""

    caught_by = "test_precision"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) ** (1 / (2 * n))
    """


class PowersFromZero:
    """Your powers begin with 1 for single tokens; for n = 1 it is a half, 1 / 2**n."""

    caught_by = "test_precision"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) ** (0.5 ** (n - 1))
    """


class NoWeights:
    """You seem to multiply the shares as they are; p_n has the power 1 / 2**n."""

    caught_by = "test_precision"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= matches / (len(prediction) - n + 1)
    """


class TimesWeight:
    """You seem to multiply p_n by its weight; 1 / 2**n is a power, so that 1 stays 1."""

    caught_by = "test_perfect"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) * 0.5**n
    """


class ArithmeticMean:
    """You seem to take the mean of the shares; they are multiplied, so that one of 0 gives 0."""

    caught_by = "test_precision"

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + penalty = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = 0.0

    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score += penalty * matches / (len(prediction) - n + 1) / k
    """


class DividedByLength:
    """You seem to divide by the number of tokens; a sentence has len_pred - n + 1 n-grams."""

    caught_by = "test_perfect"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / len(prediction)) ** (0.5**n)
    """


class Recall:
    """You seem to divide by the label's n-grams, which is recall; p_n is the share of the
    prediction's."""

    caught_by = "test_long"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / max(len(label) - n + 1, 1)) ** (0.5**n)
    """


class OnlyK:
    """You seem to count n-grams of k tokens alone; all n from 1 to k count."""

    caught_by = "test_precision"

    diff = """
    - for n in range(1, k + 1):
    + for n in range(k, k + 1):
    """


class OneTooFew:
    """You seem to stop before k: range(1, k) ends at k - 1, and k counts too."""

    caught_by = "test_precision"

    diff = """
    - for n in range(1, k + 1):
    + for n in range(1, k):
    """


class LastGramMissed:
    """You seem to miss the last n-gram of a sentence: of len tokens there are len - n + 1."""

    caught_by = "test_perfect"

    diff = """
    - mine = Counter(zip(*(prediction[i:] for i in range(n)), strict=False))
    - right = Counter(zip(*(label[i:] for i in range(n)), strict=False))
    + mine = Counter(tuple(prediction[i : i + n]) for i in range(len(prediction) - n))
    + right = Counter(tuple(label[i : i + n]) for i in range(len(label) - n))
    """


class JoinedBySpaces:
    """You seem to join the tokens of an n-gram into one string: then ("a b", "c") is the same as
    ("a", "b c"). A tuple keeps them apart."""

    caught_by = "test_tokens"

    diff = """
    - mine = Counter(zip(*(prediction[i:] for i in range(n)), strict=False))
    - right = Counter(zip(*(label[i:] for i in range(n)), strict=False))
    + mine = Counter(" ".join(prediction[i : i + n]) for i in range(len(prediction) - n + 1))
    + right = Counter(" ".join(label[i : i + n]) for i in range(len(label) - n + 1))
    """


class JoinedTogether:
    """You seem to glue the tokens of an n-gram together: then ("ab", "c") is the same as
    ("a", "bc"). A tuple keeps them apart."""

    caught_by = "test_tokens"

    diff = """
    - mine = Counter(zip(*(prediction[i:] for i in range(n)), strict=False))
    - right = Counter(zip(*(label[i:] for i in range(n)), strict=False))
    + mine = Counter("".join(prediction[i : i + n]) for i in range(len(prediction) - n + 1))
    + right = Counter("".join(label[i : i + n]) for i in range(len(label) - n + 1))
    """


class Smoothed:
    """You seem to smooth the shares by adding 1 to both counts; here nothing is added, and no match
    means 0."""

    caught_by = "test_precision"

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= ((matches + 1) / (len(prediction) - n + 2)) ** (0.5**n)
    """


class KCutToLength:
    """Where k is greater than the prediction is long you seem to leave out the n that it cannot
    have; then the score is 0."""

    caught_by = "test_too_short"

    diff = """
    - if len(prediction) < k:
    + k = min(k, len(prediction))
    + if not prediction:
    """


class EmptyRaises:
    """An empty prediction makes you divide by 0; its score is 0."""

    caught_by = "test_too_short"

    diff = """
    - if len(prediction) < k:
    + if 0 < len(prediction) < k:
    """


class Swapped:
    """You seem to take the label for the prediction: the shares and the penalty are the
    prediction's, which comes first."""

    caught_by = "test_long"

    diff = """
    + prediction, label = label, prediction
      if len(prediction) < k:
    """
