"""Lists of n-grams; what is matched is taken off the label's."""

import math


def bleu(prediction, label, k):
    if not prediction:
        return 0.0
    shares = []
    for n in range(1, k + 1):
        mine = [prediction[i : i + n] for i in range(len(prediction) - n + 1)]
        left = [label[i : i + n] for i in range(len(label) - n + 1)]
        matched = 0
        for gram in mine:
            if gram in left:
                left.remove(gram)
                matched += 1
        if matched == 0:
            return 0.0
        shares.append(matched / len(mine))
    score = math.exp(min(0, 1 - len(label) / len(prediction)))
    for n, share in enumerate(shares, start=1):
        score *= math.pow(share, math.pow(0.5, n))
    return score
