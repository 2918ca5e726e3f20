"""Reads the first input again and again."""

import torch


def indrnn_step(x, h, w_ih, u, b):
    return torch.relu(x @ w_ih.T + b + u * h)


def indrnn_forward(x, h0, w_ih, u, b):
    inputs = x @ w_ih.T + b
    states, h = [], h0
    for _ in inputs:
        h = torch.relu(inputs[0] + u * h)
        states.append(h)
    return torch.stack(states), h
