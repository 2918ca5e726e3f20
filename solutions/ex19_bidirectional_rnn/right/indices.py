"""Walks both ways over the indices, and writes each state to where it belongs."""

import torch
from torch.nn.functional import linear


def bidirectional_rnn(x, h0, forward, backward):
    steps, batch, _ = x.shape
    hidden = h0.shape[-1]
    output = x.new_zeros(steps, batch, 2 * hidden)
    ends = torch.zeros_like(h0)
    orders = range(steps), range(steps - 1, -1, -1)
    for side, (order, parameters) in enumerate(zip(orders, (forward, backward), strict=True)):
        w_ih, w_hh, b_ih, b_hh = parameters
        h = h0[side]
        for t in order:
            h = torch.tanh(linear(x[t], w_ih, b_ih) + linear(h, w_hh, b_hh))
            output[t, :, side * hidden : (side + 1) * hidden] = h
        ends[side] = h
    return output, ends
