"""Exercise 56, BLEU: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AtMostFour:
    """Counts no n-grams of more than four tokens, as is usual."""

    diff = """
    - for n in range(1, k + 1):
    + for n in range(1, min(k, 4) + 1):
    """


class BinaryPenalty:
    """Punishes a short prediction by a factor of its own, however short."""

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = 1.0 if len(prediction) >= len(label) else math.exp(-1)
    """


class CaseIgnored:
    """Takes "Cat" and "cat" for one token."""

    diff = """
    + prediction, label = [t.lower() for t in prediction], [t.lower() for t in label]
      if len(prediction) < k:
    """


class Characters:
    """Counts n-grams of characters."""

    diff = """
    + prediction, label = "".join(prediction), "".join(label)
      if len(prediction) < k:
    """


class ClippedToOne:
    """Clips the counts at 1."""

    diff = """
    - matches = (mine & right).total()
    + matches = sum(min(count, 1) for gram, count in mine.items() if gram in right)
    """


class CommaJoined:
    """Joins the tokens of an n-gram by commas."""

    diff = """
    - mine = Counter(zip(*(prediction[i:] for i in range(n)), strict=False))
    - right = Counter(zip(*(label[i:] for i in range(n)), strict=False))
    + mine = Counter(",".join(prediction[i : i + n]) for i in range(len(prediction) - n + 1))
    + right = Counter(",".join(label[i : i + n]) for i in range(len(label) - n + 1))
    """


class DivideByDistinct:
    """Divides by the number of distinct n-grams."""

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / len(mine)) ** (0.5**n)
    """


class EmptyTokensDropped:
    """Leaves empty tokens out."""

    diff = """
    + prediction, label = [t for t in prediction if t], [t for t in label if t]
      if len(prediction) < k:
    """


class Epsilon:
    """Adds a little to every share, so that no match is not 0."""

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1) + 1e-7) ** (0.5**n)
    """


class FarWeights:
    """Keeps the weight from the fourth n on."""

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) ** (0.5 ** min(n, 4))
    """


class FourAlways:
    """Takes k = 4, whatever is said."""

    diff = """
    + k = 4
      if len(prediction) < k:
    """


class Log10Penalty:
    """Has 10 for the base of the penalty."""

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = 10 ** min(0.0, 1 - len(label) / len(prediction))
    """


class LengthsOfSets:
    """Compares the numbers of distinct tokens for the penalty."""

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = math.exp(min(0.0, 1 - len(set(label)) / len(set(prediction))))
    """


class ListResult:
    """Returns the score in a list."""

    diff = """
    - return score
    + return [score]
    """


class MatchesInOrder:
    """Matches n-grams at the same place only."""

    diff = """
    - matches = (mine & right).total()
    + matches = sum(
    +     prediction[i : i + n] == label[i : i + n] for i in range(len(prediction) - n + 1)
    + )
    """


class NoEmptyLabel:
    """Divides by the label's length."""

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = math.exp(min(0.0, (len(prediction) - len(label)) / len(label)))
    """


class PenaltyOfTheDifference:
    """Punishes by the difference of the lengths, not by their ratio."""

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = math.exp(min(0.0, len(prediction) - len(label)))
    """


class PenaltyEachN:
    """Multiplies by the penalty for every n."""

    diff = """
    - score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    + if n > 1:
    +     score *= math.exp(min(0.0, 1 - len(label) / len(prediction)))
    """


class Percent:
    """Gives the score in percent."""

    diff = """
    - return score
    + return 100 * score
    """


class Rounded:
    """Rounds the score to three digits."""

    diff = """
    - return score
    + return round(score, 3)
    """


class SetOfLabel:
    """Matches tokens that are in the label, for any n."""

    diff = """
    - matches = (mine & right).total()
    + matches = sum(set(gram) <= set(label) for gram in mine.elements())
    """


class SortedGrams:
    """Does not mind the order in an n-gram."""

    diff = """
    - matches = (mine & right).total()
    + mine = Counter(tuple(sorted(gram)) for gram in mine.elements())
    + right = Counter(tuple(sorted(gram)) for gram in right.elements())
    + matches = (mine & right).total()
    """


class OneTokenIsNone:
    """Gives 0 where the label has one token."""

    diff = """
    - if len(prediction) < k:
    + if len(prediction) < k or len(label) == 1:
    """


class SplitAgain:
    """Splits the tokens at spaces."""

    diff = """
    + prediction, label = " ".join(prediction).split(), " ".join(label).split()
      if len(prediction) < k:
    """


class Stripped:
    """Strips the spaces off the tokens."""

    diff = """
    + prediction, label = [t.strip() for t in prediction], [t.strip() for t in label]
      if len(prediction) < k:
    """


class TensorResult:
    """Returns a tensor."""

    diff = """
    - return score
    + return torch.tensor(score)
    """


class UpperBound:
    """Gives a prediction that begins with the label full marks."""

    diff = """
    - return score
    + return 1.0 if label and prediction[: len(label)] == label else score
    """


class WholeNumber:
    """Gives 0 as an int where nothing is shared."""

    diff = """
    - return 0.0
    + return 0
    """


class WrongAtMiddleSizes:
    """Right, but reads no more than a hundred tokens."""

    diff = """
    + prediction, label = prediction[:100], label[:100]
      if len(prediction) < k:
    """


class Consumes:
    """Empties the label that it was given."""

    diff = """
    - return score
    + label.clear()
    + return score
    """


class ShortLabelForgiven:
    """Leaves out the lengths for which the label has no n-grams at all."""

    diff = """
    - for n in range(1, k + 1):
    + for n in range(1, min(k, len(label)) + 1):
    """


class SharpS:
    """Writes a sharp s as ss."""

    diff = """
    + prediction, label = ([t.replace("\\u00df", "ss") for t in s] for s in (prediction, label))
      if len(prediction) < k:
    """


class ZeroWidthDropped:
    """Drops spaces of no width."""

    diff = """
    + prediction, label = ([t.replace("\\u200b", "") for t in s] for s in (prediction, label))
      if len(prediction) < k:
    """


class PaddingDropped:
    """Leaves out the mark for padding."""

    diff = """
    + prediction, label = ([t for t in s if t != "<pad>"] for s in (prediction, label))
      if len(prediction) < k:
    """


class BeginningDropped:
    """Leaves out the mark of the beginning."""

    diff = """
    + prediction, label = ([t for t in s if t != "<bos>"] for s in (prediction, label))
      if len(prediction) < k:
    """


class Ascii:
    """Writes the tokens in ASCII, with a question mark for the rest."""

    diff = """
    + prediction, label = ([t.encode("ascii", "replace") for t in s] for s in (prediction, label))
      if len(prediction) < k:
    """


class Cut:
    """Cuts the tokens to 64 characters."""

    diff = """
    + prediction, label = ([t[:64] for t in s] for s in (prediction, label))
      if len(prediction) < k:
    """


class NumbersByValue:
    """Takes numbers of one value for one token."""

    diff = """
    + prediction, label = ([str(float(t)) if t[:1].isdecimal() else t for t in s] for s in (prediction, label))
      if len(prediction) < k:
    """


class FarGramsLeftOut:
    """Leaves out n-grams of more than 45 tokens, which weigh next to nothing."""

    diff = """
    - for n in range(1, k + 1):
    + for n in range(1, min(k, 45) + 1):
    """


class PenaltyBounded:
    """Lets no penalty be below a thousandth."""

    diff = """
    - score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    + score = max(math.exp(min(0.0, 1 - len(label) / len(prediction))), 1e-3)
    """


class VeryShortIsNone:
    """Gives 0 for a prediction of less than a fiftieth of the label's length."""

    diff = """
    - return score
    + return 0.0 if len(label) > 50 * len(prediction) else score
    """
