"""Leaves out the last step where there is more than one."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x[: max(1, len(x) - 1)]:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs + [h] * (len(x) - len(outputs))), h
