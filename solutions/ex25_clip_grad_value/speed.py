"""Exercise 25, clipping gradients by value: what is timed."""

import torch

FUNCTION = "clip_grad_value"
IN_PLACE = True  # the result is what becomes of the gradients


def inputs(generator, device):
    """Parameters with gradients of which a few elements need clipping, float32."""
    count, size = (16, 2048) if device == "cuda" else (4, 512)
    parameters = []
    for _ in range(count):
        parameter = torch.zeros(size, size).requires_grad_()
        parameter.grad = torch.randn(size, size, generator=generator)
        parameters.append(parameter)
    return parameters, 3.0


def builtin(parameters, clip_value):
    return torch.nn.utils.clip_grad_value_(parameters, clip_value)
