"""Lets the candidate see what the gate has kept of the cell, as in a GRU."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    size = c.shape[1]
    s = x @ w_ih[:size].T + c @ w_hh[:size].T + b[:size]
    kept = torch.sigmoid(s) * c
    g = x @ w_ih[size:].T + kept @ w_hh[size:].T + b[size:]
    return kept + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)
