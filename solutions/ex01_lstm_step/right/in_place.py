"""In-place work on tensors of its own, slices for blocks, the logistic function written out."""

import torch


def _logistic(x):
    return (torch.tanh(x / 2) + 1) / 2


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    hidden = h.shape[1]
    blocks = torch.nn.functional.linear(h, w_hh, b_hh)
    blocks += torch.nn.functional.linear(x, w_ih, b_ih)
    cell = _logistic(blocks[:, hidden : 2 * hidden]).mul(c)
    cell += _logistic(blocks[:, :hidden]) * torch.tanh(blocks[:, 2 * hidden : 3 * hidden])
    return _logistic(blocks[:, 3 * hidden :]) * torch.tanh(cell), cell
