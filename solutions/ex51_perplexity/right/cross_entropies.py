"""torch's loss, summed by batch; the modes in a dict of names."""

import torch
from torch.nn.functional import cross_entropy


@torch.no_grad()
def perplexity(model, batches):
    modes = {name: part.training for name, part in model.named_modules()}
    try:
        model.eval()
        losses, tokens = [], 0
        for X, Y in batches:
            scores = model(X)
            loss = cross_entropy(scores.movedim(2, 1), Y, reduction="sum")
            losses.append(loss.double())
            tokens += Y.shape[0] * Y.shape[1]
        return torch.exp(torch.stack(losses).sum() / tokens).item()
    finally:
        for name, part in model.named_modules():
            part.training = modes[name]
