"""Flattens time and batch in one order and unfolds them in the other."""

import torch


def indrnn_step(x, h, w_ih, u, b):
    return torch.relu(x @ w_ih.T + b + u * h)


def indrnn_forward(x, h0, w_ih, u, b):
    inputs = x.flatten(0, 1) @ w_ih.T + b
    inputs = inputs.unflatten(0, (x.shape[1], x.shape[0])).transpose(0, 1)
    states, h = [], h0
    for step in inputs:
        h = torch.relu(step + u * h)
        states.append(h)
    return torch.stack(states), h
