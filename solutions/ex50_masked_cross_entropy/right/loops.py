"""A loop over the samples and the tokens that count, one logarithm of a sum at a time."""

import torch


def masked_cross_entropy(logits, targets, valid_len):
    n, t, _ = logits.shape
    losses = []
    for sample, tokens, length in zip(logits, targets, valid_len.tolist(), strict=True):
        # The sum is begun with the sample, so that it has its dtype and its gradient.
        total = sample[:0].sum()
        for row, token in zip(sample[:length], tokens[:length].tolist(), strict=True):
            total = total - row.log_softmax(0)[token]
        losses.append(total / t)
    return torch.stack(losses).reshape(n)
