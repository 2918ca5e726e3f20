"""Exercise 5, clipping gradients by norm: what is timed."""

import torch

FUNCTION = "clip_grad_norm"
IN_PLACE = True  # the result is what becomes of the gradients


def inputs(generator, device):
    """Parameters with gradients that need clipping, float32."""
    count, size = (16, 2048) if device == "cuda" else (4, 512)
    parameters = []
    for _ in range(count):
        parameter = torch.zeros(size, size).requires_grad_()
        parameter.grad = torch.randn(size, size, generator=generator)
        parameters.append(parameter)
    return parameters, 1.0


def builtin(parameters, max_norm):
    return torch.nn.utils.clip_grad_norm_(parameters, max_norm)
