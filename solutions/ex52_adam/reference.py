"""Exercise 52, Adam: the reference."""

from collections.abc import Iterable

import torch
from torch import Tensor


class Adam:
    """An optimizer with running means of each gradient and of its square."""

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        # A list: a generator could be read once, and there will be more steps than one.
        self.params = list(params)
        self.lr = lr
        self.betas = betas
        self.eps = eps
        self.weight_decay = weight_decay
        self.decoupled = decoupled
        self.m = [torch.zeros_like(w) for w in self.params]
        self.v = [torch.zeros_like(w) for w in self.params]
        # Each counts its own steps: one may be left out now and then.
        self.t = [0 for _ in self.params]

    def step(self) -> None:
        # What is written to a parameter is no part of any graph.
        with torch.no_grad():
            for place, w in enumerate(self.params):
                if w.grad is not None:
                    self._move(place, w, w.grad)

    def _move(self, place: int, w: Tensor, g: Tensor) -> None:
        """The step of one parameter, in place."""
        beta1, beta2 = self.betas
        m, v = self.m[place], self.v[place]
        self.t[place] += 1
        if self.decoupled:
            w.mul_(1 - self.lr * self.weight_decay)
        elif self.weight_decay:
            g = g + self.weight_decay * w
        m.mul_(beta1).add_(g, alpha=1 - beta1)
        v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
        m_hat = m / (1 - beta1 ** self.t[place])
        v_hat = v / (1 - beta2 ** self.t[place])
        w.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))

    def zero_grad(self) -> None:
        for w in self.params:
            w.grad = None
