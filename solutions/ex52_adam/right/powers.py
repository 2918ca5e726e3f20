"""The powers of the betas are carried along, and everything is set anew with copy_."""

import torch


class Adam:
    def __init__(
        self, params, lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0, decoupled=False
    ):
        self.lr, self.betas, self.eps = lr, betas, eps
        self.weight_decay, self.decoupled = weight_decay, decoupled
        self.slots = []
        for parameter in params:
            zero = torch.zeros_like(parameter, requires_grad=False)
            slot = {"w": parameter, "m": zero, "v": zero.clone(), "powers": (1.0, 1.0)}
            self.slots.append(slot)

    def step(self):
        for slot in self.slots:
            if slot["w"].grad is not None:
                with torch.no_grad():
                    slot["w"].copy_(self.moved(slot))

    def moved(self, slot):
        b1, b2 = self.betas
        w, g = slot["w"].detach(), slot["w"].grad
        if self.weight_decay and not self.decoupled:
            g = torch.add(g, w * self.weight_decay)
        slot["m"] = torch.lerp(g, slot["m"], b1)
        slot["v"] = torch.lerp(g * g, slot["v"], b2)
        p1, p2 = slot["powers"] = slot["powers"][0] * b1, slot["powers"][1] * b2
        step = slot["m"] / (1 - p1) / (torch.sqrt(slot["v"] / (1 - p2)) + self.eps)
        if self.decoupled:
            w = w - self.lr * self.weight_decay * w
        return w - self.lr * step

    def zero_grad(self):
        for slot in self.slots:
            slot["w"].grad = None
