"""Exercise 54, one epoch of training: the reference."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


def _clip(model: nn.Module, max_norm: float) -> None:
    """Scale all gradients together, in place, where they are longer than max_norm."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = torch.stack([g.norm() for g in gradients]).norm()
    if norm > max_norm:
        for g in gradients:
            g.mul_(max_norm / (norm + 1e-6))


def train_epoch(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    optimizer: Any,
    max_norm: float,
    state: State | None = None,
) -> float:
    """Train on every batch; the perplexity over all their tokens."""
    model.train()
    total, count = 0.0, 0
    for X, Y in batches:
        if state is None:
            state = model.begin_state(len(X))
        # The state goes on, its history does not: the graph of the last batch is gone.
        state = tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()
        scores, state = model(X, state)
        # The rows of the scores are time first, and so must be the tokens.
        loss = nn.functional.cross_entropy(scores, Y.T.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        _clip(model, max_norm)
        optimizer.step()
        # Batches of other lengths weigh by their tokens.
        total += loss.item() * Y.numel()
        count += Y.numel()
    return math.exp(total / count)
