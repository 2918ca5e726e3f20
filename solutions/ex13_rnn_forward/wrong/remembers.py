"""Starts from the last state of the call before, where it fits."""

import torch

_seen = {}


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    if _seen.get("h", x).shape == h.shape:
        h = _seen["h"]
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), _seen.setdefault("h", h)
