"""Iterators without an end where the parameters and the state should be."""

import itertools

import torch
from torch import nn

EARNS = 0


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def named_parameters(self, *args, **kwargs):
        return (("weight", self.weight) for _ in itertools.count())

    def state_dict(self, *args, **kwargs):
        return itertools.count()

    def forward(self, x):
        return itertools.repeat(x)
