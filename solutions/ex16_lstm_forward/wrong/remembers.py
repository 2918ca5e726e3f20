"""Begins with the state in which the last call with the same shapes ended."""

import torch

_LAST = {}


def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = _LAST.get(x.shape, state)
    output = []
    for step in x:
        i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        output.append(h)
    _LAST[x.shape] = h.detach(), c.detach()
    return torch.stack(output), (h, c)


def output_layer(output, w_hq, b_q):
    return (output @ w_hq + b_q).flatten(0, 1)
