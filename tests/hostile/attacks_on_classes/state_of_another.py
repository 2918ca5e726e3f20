"""Every object has the state of the one that was made last."""

import torch
from torch import nn

EARNS = 80
LAST = []


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(size))
        LAST.append(self)

    def state_dict(self, *args, **kwargs):
        last = LAST[-1] if args == () else self
        return nn.Module.state_dict(last, *args, **kwargs)

    def forward(self, x):
        weight = LAST[-1].weight if LAST[-1].weight.shape == self.weight.shape else self.weight
        return x / torch.sqrt(x.square().mean(-1, keepdim=True) + self.eps) * weight
