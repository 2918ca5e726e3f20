"""Takes a straight line, cut at -1 and 1, for the tanh."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.nn.functional.hardtanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
