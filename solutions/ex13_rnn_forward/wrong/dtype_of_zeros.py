"""Collects the states in a tensor of float32."""

import torch


def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    outputs = torch.zeros(*x.shape[:2], h.shape[1])
    for t, x_t in enumerate(x):
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs[t] = h
    return outputs, h
