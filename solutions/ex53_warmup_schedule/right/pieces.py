"""Each phase by itself, with roots."""

from math import cos, pi, sqrt


def noam(step, d_model, warmup):
    if step < warmup:
        return step / (warmup * sqrt(warmup) * sqrt(d_model))
    return 1 / (sqrt(step) * sqrt(d_model))


def cosine(step, warmup, total, lr, lr_min=0.0):
    if step < warmup:
        return step / warmup * lr
    if step >= total:
        return float(lr_min)
    angle = pi * (step - warmup) / (total - warmup)
    return 0.5 * (lr + lr_min) + 0.5 * (lr - lr_min) * cos(angle)
