"""One sample and one hidden unit at a time, with dot products."""

import torch


def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
    hidden = h.size(1)

    def block(n, unit, gate):
        row = gate * hidden + unit
        return (w_ih[row] * x[n]).sum() + (w_hh[row] * h[n]).sum() + b_ih[row] + b_hh[row]

    cells, shown = [], []
    for n in range(len(x)):
        for unit in range(hidden):
            i, f, g, o = (block(n, unit, gate) for gate in range(4))
            cells.append(f.sigmoid() * c[n, unit] + i.sigmoid() * g.tanh())
            shown.append(o.sigmoid() * cells[-1].tanh())
    return torch.stack(shown).reshape(h.shape), torch.stack(cells).reshape(h.shape)
