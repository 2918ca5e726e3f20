"""Clips what the optimizer has in its groups, by one multiplication for all; scores in three
axes."""

from math import exp

import torch
from torch.nn.functional import cross_entropy


def detached(state):
    if torch.is_tensor(state):
        return state.detach()
    return tuple(part.detach() for part in state)


def train_epoch(model, batches, optimizer, max_norm, state=None):
    model.train()
    nll, tokens = torch.zeros((), dtype=torch.float64), 0
    for inputs, targets in iter(batches):
        n, t = inputs.shape
        state = model.begin_state(n) if state is None else detached(state)
        scores, state = model(inputs, state)
        scores = scores.reshape(t, n, -1).permute(1, 2, 0)
        losses = cross_entropy(scores, targets, reduction="none")
        optimizer.zero_grad()
        (losses.sum() / (n * t)).backward()
        grads = [p.grad for group in optimizer.param_groups for p in group["params"]]
        total = sum(float((g * g).sum()) for g in grads) ** 0.5
        if total > max_norm:
            torch._foreach_mul_(grads, max_norm / (total + 1e-6))
        optimizer.step()
        nll += losses.detach().sum()
        tokens += n * t
    return exp(nll.item() / tokens)
