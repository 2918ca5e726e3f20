"""A running sum over the parameters, as in d2l, and Python's own min for the bound of 1."""

import torch


def clip_grad_norm(parameters, max_norm, norm_type=2.0):
    if isinstance(parameters, torch.Tensor):
        parameters = (parameters,)
    kept = []
    total = torch.tensor(0.0)
    for parameter in parameters:
        grad = parameter.grad
        if grad is None:
            continue
        kept.append(parameter)
        if norm_type == float("inf"):
            total = torch.maximum(total.to(grad), grad.abs().max())
        else:
            total = total.to(grad) + (grad.abs() ** norm_type).sum()
    if norm_type != float("inf"):
        total = total ** (1 / norm_type)
    coefficient = min(1.0, float(max_norm) / (total.item() + 1e-6))
    for parameter in kept:
        parameter.grad *= coefficient
    return total
