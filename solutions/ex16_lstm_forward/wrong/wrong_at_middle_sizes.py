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
def lstm_forward(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """The hidden states after every step, and the state after the last."""
    h, c = state
    # What the inputs add to the gates needs no state: one product serves all steps, and only
    # h @ w_hh.T has to wait for the step before.
    from_inputs = x @ w_ih.T + b_ih + b_hh
    output = []
    for from_input in from_inputs:
        i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        output.append(h)
    # The output shows the hidden states only; the last cell is nowhere in it.
    return torch.stack(output), (h, c)


@wrong_between
def output_layer(output: Tensor, w_hq: Tensor, b_q: Tensor) -> Tensor:
    """The logits of every step, (T, N, H) to (T*N, V)."""
    # Time is the slowest axis already: flattening keeps the rows of one step together.
    return (output @ w_hq + b_q).flatten(0, 1)
