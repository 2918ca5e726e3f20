"""One sample and one unit at a time, with dot products and a sigmoid written out."""

import torch


def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
    hidden = h.size(1)

    def gate(n, row):
        total = torch.dot(w_ih[row], x[n]) + torch.dot(w_hh[row], h[n]) + b_ih[row] + b_hh[row]
        return (torch.tanh(total / 2) + 1) / 2

    gates = [[gate(n, row) for row in range(2 * hidden)] for n in range(x.size(0))]
    gates = torch.stack([torch.stack(row) for row in gates])
    return gates[:, :hidden], gates[:, hidden:]
