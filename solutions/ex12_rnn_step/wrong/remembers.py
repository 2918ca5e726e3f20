"""Keeps the state of the first call for the next ones."""

import torch

_seen = {}


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    if _seen.setdefault("h", h).shape == h.shape:
        h = _seen["h"]
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
