"""Exercise 50, a loss that leaves out the padding: the reference."""

import torch
from torch import Tensor


def masked_cross_entropy(logits: Tensor, targets: Tensor, valid_len: Tensor) -> Tensor:
    """The mean over the padded length of what each valid token costs."""
    steps = targets.shape[1]
    padding = torch.arange(steps, device=logits.device) >= valid_len.unsqueeze(1)
    # Filled before anything is computed, and not multiplied by 0: nan * 0 is nan, and so is the
    # gradient of what was nan. What is filled gets a gradient of exactly 0.
    logits = logits.masked_fill(padding.unsqueeze(2), 0.0)
    # -100 and V are no places among the scores; 0 always is.
    targets = targets.masked_fill(padding, 0)
    # One function, not the logarithm of a softmax, which is -inf where a probability underflows.
    log_probs = torch.log_softmax(logits, dim=2)
    losses = -log_probs.gather(2, targets.unsqueeze(2)).squeeze(2)
    # Scores that are all 0 still cost log V.
    return losses.masked_fill(padding, 0.0).sum(dim=1) / steps
