"""A mask for each side, and the bound written through it."""

import torch


def clip_grad_value(parameters, clip_value):
    parameters = [parameters] if torch.is_tensor(parameters) else list(parameters)
    for grad in [p.grad for p in parameters if p.grad is not None]:
        grad[grad > clip_value] = clip_value
        grad[grad < -clip_value] = -clip_value
