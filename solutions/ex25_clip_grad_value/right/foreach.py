"""torch's foreach kernels, all gradients in two calls."""

import torch


@torch.no_grad()
def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    grads = [p.grad for p in parameters if p.grad is not None]
    if grads:
        torch._foreach_clamp_max_(grads, clip_value)
        torch._foreach_clamp_min_(grads, -clip_value)
