"""A dictionary by parameter, filled when it is met first; written through `.data`."""

import math


class Adam:
    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False
    ):
        self.params = list(params)
        self.options = lr, betas, eps, weight_decay, decoupled
        self.state = {}

    def step(self):
        lr, (b1, b2), eps, wd, decoupled = self.options
        for p in self.params:
            if p.grad is None:
                continue
            g = p.grad.detach()
            t, m, v = self.state.get(id(p), (0, 0.0, 0.0))
            if not decoupled:
                g = g + wd * p.data
            t, m, v = t + 1, b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g**2
            self.state[id(p)] = t, m, v
            update = (m / (1 - math.pow(b1, t))) / ((v / (1 - math.pow(b2, t))) ** 0.5 + eps)
            kept = 1 - lr * wd if decoupled else 1
            p.data = kept * p.data - lr * update

    def zero_grad(self):
        for p in self.params:
            p.grad = None
