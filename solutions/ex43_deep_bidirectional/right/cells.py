"""A cell, and two walks over the indices of time in each layer, which fill in lists."""

import torch
from torch.nn.functional import linear


def _cell(x, h, w_ih, w_hh, b_ih, b_hh):
    hidden = h.shape[-1]
    i, j = linear(x, w_ih, b_ih), linear(h, w_hh, b_hh)
    gates = torch.sigmoid(i[:, : 2 * hidden] + j[:, : 2 * hidden])
    r, z = gates[:, :hidden], gates[:, hidden:]
    n = torch.tanh(i[:, 2 * hidden :] + r * j[:, 2 * hidden :])
    return n + z * (h - n)


def deep_bidirectional_gru(x, h0, layers):
    steps, states = list(x), list(h0)
    for number, pair in enumerate(layers):
        sides = [[None] * len(steps), [None] * len(steps)]
        for side, parameters in enumerate(pair):
            order = reversed(range(len(steps))) if side else range(len(steps))
            row = 2 * number + side
            for t in order:
                states[row] = sides[side][t] = _cell(steps[t], states[row], *parameters)
        steps = [torch.hstack(both) for both in zip(*sides, strict=True)]
    return torch.stack(steps), torch.stack(states)
