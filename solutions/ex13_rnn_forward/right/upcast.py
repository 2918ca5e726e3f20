"""Computes in float64, with [x, h] in one product and a tanh made of a sigmoid."""

import torch


def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    weights = torch.cat([w_ih, w_hh], dim=1).double().t()
    bias = b_ih.double() + b_hh.double()
    states = [h0.double()]
    for inputs in x.double().unbind():
        sums = torch.cat([inputs, states[-1]], dim=1) @ weights + bias
        states.append(2 * torch.sigmoid(2 * sums) - 1)
    return torch.stack(states[1:]).to(x.dtype), states[-1].to(x.dtype)
