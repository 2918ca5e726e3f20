"""Writes the tanh with absolute values and signs, so that at zero no gradient passes."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    sums = torch.addmm(b_ih[:, None], w_ih, x.T) + torch.addmm(b_hh[:, None], w_hh, h.T)
    small = torch.expm1(-2 * sums.abs())
    return (-small / (2 + small) * torch.sign(sums)).T
