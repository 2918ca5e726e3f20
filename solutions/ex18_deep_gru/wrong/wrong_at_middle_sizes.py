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
def deep_gru(
    x: Tensor, h0: Tensor, layers: list[tuple[Tensor, Tensor, Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """The topmost layer's states, and every layer's last."""
    last = []
    for h, parameters in zip(h0, layers, strict=True):
        # A layer needs nothing from the layers above it, so it can run through all of time before
        # the next one begins; its states are then the next one's inputs.
        x, h = _gru(x, h, *parameters)
        last.append(h)
    return x, torch.stack(last)


def _gru(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """One layer: its states (T, N, H), and the last of them."""
    states = []
    # What the inputs contribute does not wait for the state: one product serves all steps.
    for from_x in x @ w_ih.T + b_ih:
        r_x, z_x, n_x = from_x.chunk(3, dim=-1)
        r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
        # The reset gate acts on the product, its bias included, as in torch; the paper has it act
        # on the state, before the product.
        n = torch.tanh(n_x + r * n_h)
        h = (1 - z) * n + z * h
        states.append(h)
    return torch.stack(states), h
