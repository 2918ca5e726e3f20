"""Takes the hidden units of the first sample for all."""

import torch


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = torch.relu(x @ w1.T + b1)
    hidden = hidden[:1].expand_as(hidden)
    return hidden @ w2.T + b2
