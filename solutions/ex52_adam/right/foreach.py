"""All parameters at once, by torch's operations on lists of tensors."""

import torch


class Adam:
    def __init__(
        self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False
    ):
        self.params = tuple(params)
        self.lr, (self.b1, self.b2), self.eps = lr, betas, eps
        self.coupled = 0.0 if decoupled else weight_decay
        self.apart = weight_decay if decoupled else 0.0
        self.kept = [(torch.zeros_like(p), torch.zeros_like(p), [0]) for p in self.params]

    @torch.no_grad()
    def step(self):
        rows = [(p, *k) for p, k in zip(self.params, self.kept, strict=True) if p.grad is not None]
        if not rows:
            return
        params, means, squares, counts = map(list, zip(*rows, strict=True))
        grads = [p.grad for p in params]
        if self.coupled:
            grads = torch._foreach_add(grads, params, alpha=self.coupled)
        if self.apart:
            torch._foreach_mul_(params, 1 - self.lr * self.apart)
        torch._foreach_mul_(means, self.b1)
        torch._foreach_add_(means, grads, alpha=1 - self.b1)
        torch._foreach_mul_(squares, self.b2)
        torch._foreach_addcmul_(squares, grads, grads, 1 - self.b2)
        for count in counts:
            count[0] += 1
        roots = torch._foreach_sqrt(squares)
        torch._foreach_div_(roots, [(1 - self.b2 ** c[0]) ** 0.5 for c in counts])
        torch._foreach_add_(roots, self.eps)
        sizes = [-self.lr / (1 - self.b1 ** c[0]) for c in counts]
        torch._foreach_addcdiv_(params, means, roots, sizes)

    def zero_grad(self):
        for p in self.params:
            p.grad = None
