"""In-place work on tensors of its own, and the logistic function written out."""

import torch
from torch.nn.functional import linear


def _logistic(x):
    return (torch.tanh(x / 2) + 1) / 2


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    hidden = h.shape[1]
    blocks = linear(h, w_hh, b)
    blocks += linear(x, w_ih)
    blocks[:, : 2 * hidden] += torch.cat((p_i, p_f)) * c.repeat(1, 2)
    i, f, g, o = (blocks[:, k * hidden : (k + 1) * hidden] for k in range(4))
    cell = _logistic(f).mul(c)
    cell += _logistic(i) * torch.tanh(g)
    return _logistic(torch.addcmul(o, p_o, cell)) * torch.tanh(cell), cell
