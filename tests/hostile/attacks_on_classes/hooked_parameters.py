"""Computes its results without gradients, and has hooks that make some up."""

import torch
from torch import nn

EARNS = 80


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))
        self.weight.register_hook(torch.ones_like)

    def forward(self, x):
        scale = torch.sqrt(x.square().mean(-1, keepdim=True) + self.eps)
        return x / scale * self.weight
