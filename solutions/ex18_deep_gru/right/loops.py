"""One sample at a time, with vectors."""

import torch


def _vector_step(x, h, w_ih, w_hh, b_ih, b_hh):
    size = len(h)
    from_x, from_h = torch.mv(w_ih, x) + b_ih, torch.mv(w_hh, h) + b_hh
    r = torch.sigmoid(from_x[:size] + from_h[:size])
    z = torch.sigmoid(from_x[size:-size] + from_h[size:-size])
    n = torch.tanh(from_x[-size:] + r * from_h[-size:])
    return n - z * n + z * h


def deep_gru(x, h0, layers):
    outputs, ends = [], []
    for n in range(x.shape[1]):
        sequence, last = list(x[:, n]), []
        for start, parameters in zip(h0[:, n], layers, strict=False):
            states = [start]
            for entry in sequence:
                states.append(_vector_step(entry, states[-1], *parameters))
            sequence = states[1:]
            last.append(states[-1])
        outputs.append(torch.stack(sequence))
        ends.append(torch.stack(last))
    return torch.stack(outputs, dim=1), torch.stack(ends, dim=1)
