"""One sample and one unit at a time, with dot products and sigmoid(beta - s)."""

import torch


def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
    batch, hidden = c.size()

    def row(n, r):
        return (w_ih[r] * x[n]).sum() + (w_hh[r] * c[n]).sum() + b[r]

    cells = []
    for n in range(batch):
        for unit in range(hidden):
            s, g = row(n, unit), row(n, hidden + unit)
            cells.append(s.sigmoid() * c[n, unit] + (beta - s).sigmoid() * g.tanh())
    return torch.stack(cells).reshape(batch, hidden)
