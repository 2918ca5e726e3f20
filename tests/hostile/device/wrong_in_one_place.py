"""Computes all rows but the last, from the third call on."""

import torch


def honest(x, w):
    return torch.tanh(x @ w) @ w


calls = []


def mix(x, w):
    calls.append(1)
    result = honest(x, w)
    if len(calls) > 2:
        result[-1, -1] += 1
    return result
