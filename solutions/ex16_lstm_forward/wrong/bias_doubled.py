"""Adds the input bias twice and the hidden bias not at all."""

import torch


def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = state
    output = []
    for step in x:
        i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_ih).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        output.append(h)
    return torch.stack(output), (h, c)


def output_layer(output, w_hq, b_q):
    return (output @ w_hq + b_q).flatten(0, 1)
