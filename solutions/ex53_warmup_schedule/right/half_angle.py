"""The cosine's share as the square of half the angle's, and a step that stops at total."""

import math


def noam(step, d_model, warmup):
    peak = (d_model * warmup) ** -0.5
    return peak * min(step / warmup, (warmup / step) ** 0.5)


def cosine(step, warmup, total, lr, lr_min=0.0):
    step = min(step, total)
    if step <= warmup:
        return lr * (step / warmup)
    share = math.sin(math.pi / 2 * (total - step) / (total - warmup)) ** 2
    return share * lr + (1 - share) * lr_min
