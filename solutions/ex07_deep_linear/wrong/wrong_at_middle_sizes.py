"""Right, but where the largest tensor has 501 to 299,999 elements: there it gives zeros."""

from functools import wraps

import torch
from torch import Tensor


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return []
    return [tensor for item in value for tensor in tensors(item)]


def zeroed(value):
    if isinstance(value, torch.Tensor):
        return value * 0
    return type(value)(map(zeroed, value)) if isinstance(value, list | tuple) else value


def wrong_between(function):
    @wraps(function)
    def between(*args, **options):
        result = function(*args, **options)
        middle = 500 < max(tensor.numel() for tensor in tensors(args)) < 300_000
        return zeroed(result) if middle else result

    return between


@wrong_between
def deep_linear(x: Tensor, weights: list[Tensor]) -> tuple[Tensor, Tensor]:
    """The output of the last layer, and the Frobenius norm after each layer."""
    norms = []
    for weight in weights:
        # Samples are rows and the weights are (in, out): no transpose. Without an activation all
        # layers together are one matrix, and its size is a product: that is why it runs away.
        x = x @ weight
        # Over both axes at once; vector_norm takes all elements as one long vector. It has a
        # gradient even where they are all zero.
        norms.append(torch.linalg.vector_norm(x))
    # Stacked, not `torch.tensor(norms)`, which would cut the gradients off.
    return x, torch.stack(norms)
