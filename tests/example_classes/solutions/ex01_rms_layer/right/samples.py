"""Sample by sample."""

import torch
from torch import nn


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.gain = None
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def one(self, sample):
        return sample / ((sample**2).mean() + self.eps) ** 0.5

    def forward(self, x):
        return torch.stack([self.one(sample) for sample in x]) * self.weight
