"""Asks itself for ever: the recursion ends in the worker, and the loop behind it at the limit."""

from torch import nn

EARNS = 0
SECONDS = 2


class RMSNorm(nn.Module):
    def __init__(self, size, eps=1e-6):
        super().__init__()

    def __getattr__(self, name):
        while True:
            try:
                return getattr(self, name + "_")
            except RecursionError:
                pass
