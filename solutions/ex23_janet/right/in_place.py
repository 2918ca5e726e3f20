"""In-place work on tensors of its own, slices for blocks, the logistic function written out."""

import torch
from torch.nn.functional import linear


def _logistic(a):
    return (torch.tanh(a / 2) + 1) / 2


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    hidden = c.shape[-1]
    blocks = linear(c, w_hh)
    blocks += linear(x, w_ih, b)
    cell = torch.tanh(blocks[:, hidden:])
    cell = cell - _logistic(blocks[:, :hidden] - beta) * cell
    cell += _logistic(blocks[:, :hidden]) * c
    return cell
