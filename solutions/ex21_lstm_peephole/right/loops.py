"""One sample and one hidden unit at a time, with dot products."""

import torch


def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
    hidden = h.size(1)

    def block(n, unit, gate):
        row = gate * hidden + unit
        return (w_ih[row] * x[n]).sum() + (w_hh[row] * h[n]).sum() + b[row]

    cells, shown = [], []
    for n in range(len(x)):
        for k in range(hidden):
            i, f, g, o = (block(n, k, gate) for gate in range(4))
            i = (i + p_i[k] * c[n, k]).sigmoid()
            f = (f + p_f[k] * c[n, k]).sigmoid()
            cells.append(f * c[n, k] + i * g.tanh())
            shown.append((o + p_o[k] * cells[-1]).sigmoid() * cells[-1].tanh())
    return torch.stack(shown).reshape(h.shape), torch.stack(cells).reshape(h.shape)
