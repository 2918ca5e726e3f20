"""Exercise 52, Adam: what is timed."""

import torch
from torch.optim.adam import adam

FUNCTION = "Adam"
THROUGH = (
    "steps"  # of the exercise's given.py, which makes one, and takes a step with each gradient
)
STEPS = 3


def inputs(generator, device):
    """The weights of a small network, and gradients for some steps, float32."""
    width = 4096 if device == "cuda" else 256
    shapes = [(width, width), (width,), (width // 2, width), (width // 2,)]

    def draw():
        return [torch.randn(shape, generator=generator) for shape in shapes]

    return draw(), [draw() for _ in range(STEPS)]


def builtin(values, gradients):
    values = [value.clone() for value in values]
    m, v = ([torch.zeros_like(value) for value in values] for _ in range(2))
    counts = [torch.zeros(()) for _ in values]
    betas = {"beta1": 0.9, "beta2": 0.999}
    options = {"lr": 0.01, "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False, "maximize": False}
    for each in gradients:
        adam(values, each, m, v, [], counts, foreach=False, **betas, **options)
    return values
