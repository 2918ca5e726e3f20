"""One sample and one unit at a time, with dot products."""

import torch


def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
    projected, hidden = w_hr.shape

    def block(n, unit, gate):
        row = gate * hidden + unit
        return (w_ih[row] * x[n]).sum() + (w_hh[row] * h[n]).sum() + b_ih[row] + b_hh[row]

    cells, states = [], []
    for n in range(len(x)):
        shown = []
        for unit in range(hidden):
            i, f, g, o = (block(n, unit, gate) for gate in range(4))
            cells.append(f.sigmoid() * c[n, unit] + i.sigmoid() * g.tanh())
            shown.append(o.sigmoid() * cells[-1].tanh())
        states.extend(torch.dot(row, torch.stack(shown)) for row in w_hr)
    return torch.stack(states).reshape(-1, projected), torch.stack(cells).reshape(c.shape)
