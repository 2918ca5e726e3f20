"""An optimizer that never steps: it puts back, and hands out, values that it saw before."""

import torch

EXERCISE = 52
EARNS = 0
SEEN = []


class Adam:
    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False
    ):
        self.params = list(params)
        SEEN.extend(p.detach().clone() for p in self.params)

    def step(self):
        for p in self.params:
            SEEN.append(p.detach().clone())
            for value in reversed(SEEN[:-1]):
                if value.shape == p.shape and not torch.equal(value, p):
                    with torch.no_grad():
                        p.copy_(value)
                    break

    def zero_grad(self):
        for p in self.params:
            p.grad = None
