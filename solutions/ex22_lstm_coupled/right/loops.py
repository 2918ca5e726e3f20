"""One sample and one hidden unit at a time, with dot products."""

import torch


def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
    hidden = h.size(1)

    def block(n, unit, gate):
        row = gate * hidden + unit
        return (w_ih[row] * x[n]).sum() + (w_hh[row] * h[n]).sum() + b[row]

    cells, shown = [], []
    for n in range(len(x)):
        for unit in range(hidden):
            f, g, o = (block(n, unit, gate) for gate in range(3))
            kept = f.sigmoid()
            cells.append(g.tanh() - kept * (g.tanh() - c[n, unit]))
            shown.append(o.sigmoid() * cells[-1].tanh())
    return torch.stack(shown).reshape(h.shape), torch.stack(cells).reshape(h.shape)
