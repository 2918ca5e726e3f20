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
def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """The hidden state and the cell after one input."""
    # Samples are rows, so the weights are applied from the right, transposed. The blocks share
    # their inputs: two products serve all of them.
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    # The way from c to c' is a product with f and a sum, no squashing: where the forget gate is
    # open, the gradient comes back through many steps without fading.
    c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    # The output gate decides what of the new cell is shown, and the cell may exceed 1: hence tanh.
    return torch.sigmoid(o) * torch.tanh(c_next), c_next
