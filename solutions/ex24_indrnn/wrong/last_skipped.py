"""Repeats the state before the last input."""

import torch


def indrnn_step(x, h, w_ih, u, b):
    return torch.relu(x @ w_ih.T + b + u * h)


def indrnn_forward(x, h0, w_ih, u, b):
    inputs = x @ w_ih.T + b
    states, h = [], h0
    for step in inputs[:-1]:
        h = torch.relu(step + u * h)
        states.append(h)
    states.append(h)
    return torch.stack(states), h
