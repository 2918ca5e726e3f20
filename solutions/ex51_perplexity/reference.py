"""Exercise 51, perplexity: the reference."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn


def perplexity(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """exp of the mean cost of a token, over all batches together."""
    # A part may be frozen in eval mode while the rest is trained: model.train() would wake it.
    modes = [(module, module.training) for module in model.modules()]
    total, count = 0.0, 0
    model.eval()
    try:
        with torch.no_grad():
            for X, Y in batches:
                log_p = torch.log_softmax(model(X), dim=-1)
                total -= log_p.gather(2, Y.unsqueeze(2)).sum().item()
                count += Y.numel()
    finally:
        for module, training in modes:
            module.training = training
    return math.exp(total / count)
