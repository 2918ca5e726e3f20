"""Exercise 57, a training step of a translator: the reference."""

from typing import Any

import torch
from torch import Tensor, nn

BOS = 1


def seq2seq_train_step(
    encoder: nn.Module,
    decoder: nn.Module,
    batch: tuple[Tensor, Tensor, Tensor, Tensor],
    optimizer: Any,
    max_norm: float,
) -> tuple[float, int]:
    """One step with teacher forcing; the loss, and how many tokens it is of."""
    X, X_len, Y, Y_len = batch
    encoder.train()
    decoder.train()
    # What it should have written, one place later.
    first = torch.full_like(Y[:, :1], BOS)
    inputs = torch.cat([first, Y[:, :-1]], dim=1)
    state = decoder.init_state(encoder(X), X_len)
    scores, _ = decoder(inputs, state)
    losses = nn.functional.cross_entropy(scores.transpose(1, 2), Y, reduction="none")
    # Only the lengths say what is padding.
    steps = Y.shape[1]
    padding = torch.arange(steps, device=Y.device) >= Y_len.unsqueeze(1)
    loss = losses.masked_fill(padding, 0.0).sum() / steps
    optimizer.zero_grad()
    loss.backward()
    # Both together: they learn at one pace.
    parameters = [*encoder.parameters(), *decoder.parameters()]
    nn.utils.clip_grad_norm_(parameters, max_norm)
    optimizer.step()
    return loss.item(), int(Y_len.sum())
