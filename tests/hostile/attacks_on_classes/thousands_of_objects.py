"""Says that it has a hundred thousand parameters, each of them an object to be kept."""

import torch
from torch import nn

EARNS = 0


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def named_parameters(self, *args, **kwargs):
        return ((f"{number}", object()) for number in range(100_000))

    def state_dict(self, *args, **kwargs):
        return {f"{number}": object() for number in range(100_000)}

    def forward(self, x):
        return [object() for _ in range(100_000)]
