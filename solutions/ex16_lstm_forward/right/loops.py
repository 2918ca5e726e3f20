"""One step, one sample and one hidden unit at a time, with dot products."""

import torch


def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
    hidden, cell = state
    output = []
    for t in range(x.shape[0]):
        shown, kept = [], []
        for n in range(x.shape[1]):
            for unit in range(w_hh.shape[1]):
                i, f, g, o = (
                    torch.dot(w_ih[row], x[t, n])
                    + torch.dot(w_hh[row], hidden[n])
                    + b_ih[row]
                    + b_hh[row]
                    for row in range(unit, len(w_hh), w_hh.shape[1])
                )
                kept.append(f.sigmoid() * cell[n, unit] + i.sigmoid() * g.tanh())
                shown.append(o.sigmoid() * kept[-1].tanh())
        hidden = torch.stack(shown).reshape(hidden.shape)
        cell = torch.stack(kept).reshape(cell.shape)
        output.append(hidden)
    return torch.stack(output), (hidden, cell)


def output_layer(output, w_hq, b_q):
    rows = []
    for step in output:
        for shown in step:
            rows.append(shown @ w_hq + b_q)
    return torch.stack(rows)
