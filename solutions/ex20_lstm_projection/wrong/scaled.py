"""Scales the projection by the root of H, as attention does."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T / c.shape[1] ** 0.5, c
