"""Exercise 56, BLEU: the reference."""

import math
from collections import Counter


def bleu(prediction: list[str], label: list[str], k: int) -> float:
    """The precision of n-grams, each n weighted less than the last, and a penalty for brevity."""
    # Also keeps the division below, and that by the length, from being by 0.
    if len(prediction) < k:
        return 0.0
    # Only what is too short is punished here: extra words already cost precision.
    score = math.exp(min(0.0, 1 - len(label) / len(prediction)))
    for n in range(1, k + 1):
        # Tuples, not joined strings, which would take ("a b", "c") for ("a", "b c").
        mine = Counter(zip(*(prediction[i:] for i in range(n)), strict=False))
        right = Counter(zip(*(label[i:] for i in range(n)), strict=False))
        # The intersection keeps the smaller count of each: the label's are matched once.
        matches = (mine & right).total()
        score *= (matches / (len(prediction) - n + 1)) ** (0.5**n)
    return score
