"""Takes the output gate from the first block and the input gate from the last."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    o, f, g, i = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, c
