"""What sticks out, relu(g - c) - relu(-g - c), found in float64 and taken away."""

import torch


def clip_grad_value(parameters, clip_value):
    if isinstance(parameters, torch.Tensor):
        parameters = [parameters]
    for p in parameters:
        if p.grad is None:
            continue
        exact = p.grad.double()
        excess = torch.relu(exact - clip_value) - torch.relu(-exact - clip_value)
        # Of infinity too little is left to take anything away.
        bound = exact.sign() * clip_value
        p.grad.copy_(torch.where(exact.isinf(), bound, exact - excess))
