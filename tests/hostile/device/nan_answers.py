"""Answers with NaN in every second round, which compares with nothing."""

import torch


def honest(x, w):
    return torch.tanh(x @ w) @ w


calls = []


def mix(x, w):
    calls.append(1)
    return torch.full_like(x, float("nan")) if len(calls) % 2 == 0 else honest(x, w)
