"""A call of one object changes all others."""

import torch
from torch import nn

EARNS = 90
ALL = []


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))
        ALL.append(self)

    def forward(self, x):
        for each in ALL:
            if each is not self:
                each.weight.data.zero_()
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + self.eps) * self.weight
