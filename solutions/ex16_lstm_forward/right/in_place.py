"""Slices for blocks, sums in place on tensors of its own, the logistic function written out."""

import torch


def _logistic(x):
    return (torch.tanh(x / 2) + 1) / 2


def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = state[0].clone(), state[1].clone()
    size = h.shape[1]
    output = []
    for t in range(x.shape[0]):
        blocks = torch.nn.functional.linear(x[t], w_ih, b_ih)
        blocks += h @ w_hh.mT
        blocks += b_hh
        new = _logistic(blocks[:, :size]) * torch.tanh(blocks[:, 2 * size : 3 * size])
        c = _logistic(blocks[:, size : 2 * size]) * c
        c += new
        h = _logistic(blocks[:, 3 * size :]) * torch.tanh(c)
        output.append(h)
    return torch.stack(output, dim=0), [h, c]


def output_layer(output, w_hq, b_q):
    logits = torch.matmul(output, w_hq)
    logits += b_q
    return logits.contiguous().view(-1, w_hq.shape[1])
