"""n-grams made of shorter ones, sorted, and two pointers that walk along them."""

from math import exp


def matches_of(mine, right):
    mine, right, i, j, found = sorted(mine), sorted(right), 0, 0, 0
    while i < len(mine) and j < len(right):
        if mine[i] == right[j]:
            i, j, found = i + 1, j + 1, found + 1
        elif mine[i] < right[j]:
            i += 1
        else:
            j += 1
    return found


def bleu(prediction, label, k):
    if len(prediction) < k or len(label) < k:
        return 0.0
    mine, right = [(t,) for t in prediction], [(t,) for t in label]
    result, power = min(1.0, exp(1 - len(label) / len(prediction))), 1 / 2
    for _ in range(k):
        result *= (matches_of(mine, right) / len(mine)) ** power
        power /= 2
        mine = [(*gram, t) for gram, t in zip(mine, prediction[len(mine[0]) :], strict=False)]
        right = [(*gram, t) for gram, t in zip(right, label[len(right[0]) :], strict=False)]
        if not mine or not right:
            break
    return result
