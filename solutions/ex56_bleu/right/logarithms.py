"""In logarithms: a weighted sum, and one exponential at the end."""

import math
from collections import defaultdict


def bleu(prediction, label, k):
    total = 0.0
    for n in range(1, k + 1):
        room = len(prediction) - n + 1
        if room < 1:
            return 0.0
        left = defaultdict(int)
        for start in range(len(label) - n + 1):
            left[tuple(label[start : start + n])] += 1
        matches = 0
        for start in range(room):
            gram = tuple(prediction[start : start + n])
            if left[gram] > 0:
                left[gram] -= 1
                matches += 1
        if not matches:
            return 0.0
        total += math.log(matches / room) / 2**n
    if len(prediction) < len(label):
        total += 1 - len(label) / len(prediction)
    return math.exp(total)
