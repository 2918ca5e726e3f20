"""Computes without gradients and asks for them afterwards."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    with torch.no_grad():
        i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T
    return h.requires_grad_(), c.requires_grad_()
