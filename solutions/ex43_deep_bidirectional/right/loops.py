"""One sample at a time, with vectors."""

import torch


def _vector_step(x, h, w_ih, w_hh, b_ih, b_hh):
    size = len(h)
    from_x, from_h = torch.mv(w_ih, x) + b_ih, torch.mv(w_hh, h) + b_hh
    r = torch.sigmoid(from_x[:size] + from_h[:size])
    z = torch.sigmoid(from_x[size:-size] + from_h[size:-size])
    n = torch.tanh(from_x[-size:] + r * from_h[-size:])
    return n - z * n + z * h


def _read(sequence, h, parameters):
    states = []
    for x in sequence:
        h = _vector_step(x, h, *parameters)
        states.append(h)
    return states


def deep_bidirectional_gru(x, h0, layers):
    outputs, ends = [], []
    for n in range(x.shape[1]):
        sequence, last = list(x[:, n]), []
        for k, (forward, backward) in enumerate(layers):
            ahead = _read(sequence, h0[2 * k, n], forward)
            back = _read(sequence[::-1], h0[2 * k + 1, n], backward)
            last += [ahead[-1], back[-1]]
            sequence = [torch.cat(pair) for pair in zip(ahead, back[::-1], strict=True)]
        outputs.append(torch.stack(sequence))
        ends.append(torch.stack(last))
    return torch.stack(outputs, dim=1), torch.stack(ends, dim=1)
