"""Takes a unit's two gates from neighbouring rows."""

import torch


def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
    gates = torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    r, z = gates.unflatten(-1, (-1, 2)).unbind(-1)
    return r, z
