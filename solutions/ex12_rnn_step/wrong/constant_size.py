"""Reads no more than three inputs."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.tanh(x[:, :3] @ w_ih[:, :3].T + b_ih + h @ w_hh.T + b_hh)
