"""In-place work on tensors of its own, and the logistic function written out."""

import torch
from torch.nn.functional import linear


def _logistic(x):
    return (torch.tanh(x / 2) + 1) / 2


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    blocks = linear(h, w_hh, b_hh)
    blocks += linear(x, w_ih, b_ih)
    i, f, g, o = blocks.split(c.shape[1], dim=1)
    cell = _logistic(f).mul(c)
    cell += _logistic(i) * torch.tanh(g)
    return linear(_logistic(o).mul_(torch.tanh(cell)), w_hr), cell
