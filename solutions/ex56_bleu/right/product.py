"""One function for the counts, and a product of generators."""

import math
from collections import Counter


def grams(tokens, n):
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


def share(prediction, label, n):
    mine, right = grams(prediction, n), grams(label, n)
    return sum(min(count, right[gram]) for gram, count in mine.items()) / sum(mine.values())


def bleu(prediction, label, k):
    if len(prediction) < k:
        return 0.0
    penalty = math.exp(min(0, 1 - len(label) / len(prediction)))
    return penalty * math.prod(share(prediction, label, n) ** (1 / 2**n) for n in range(1, k + 1))
