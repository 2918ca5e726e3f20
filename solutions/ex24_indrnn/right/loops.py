"""One sample and one unit at a time, with dot products and `max`."""

import torch


def indrnn_step(x, h, w_ih, u, b):
    rows = []
    for inputs, state in zip(x, h, strict=True):
        for unit, weights in enumerate(w_ih):
            total = (weights * inputs).sum() + u[unit] * state[unit] + b[unit]
            rows.append(torch.maximum(total, torch.zeros_like(total)))
    return torch.stack(rows).reshape(h.shape)


def indrnn_forward(x, h0, w_ih, u, b):
    states = [h0]
    for t in range(x.size(0)):
        states.append(indrnn_step(x[t], states[t], w_ih, u, b))
    return torch.stack(states[1:]), states[-1]
