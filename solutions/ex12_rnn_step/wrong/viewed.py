"""Needs the weights to lie in one piece."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    w_hh = w_hh.view(-1).view(h.shape[1], -1)
    w_ih = w_ih.view(-1).view(h.shape[1], -1)
    return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
