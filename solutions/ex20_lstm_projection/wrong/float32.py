"""Projects in float32 and casts back."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    shown = (torch.sigmoid(o) * torch.tanh(c)).float()
    return (shown @ w_hr.float().T).to(c.dtype), c
