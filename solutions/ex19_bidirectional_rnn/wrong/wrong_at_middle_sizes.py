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
def bidirectional_rnn(
    x: Tensor,
    h0: Tensor,
    forward: tuple[Tensor, Tensor, Tensor, Tensor],
    backward: tuple[Tensor, Tensor, Tensor, Tensor],
) -> tuple[Tensor, Tensor]:
    """The states of both directions side by side, and the two in which they end."""
    ahead, h_ahead = _rnn(x, h0[0], *forward)
    # The backward direction is a plain RNN on the reversed sequence. Its states come out in the
    # order in which it read, so they are turned round again to stand beside their own steps.
    back, h_back = _rnn(x.flip(0), h0[1], *backward)
    # The backward direction ends at the first step: its last state is not in the last output.
    return torch.cat((ahead, back.flip(0)), dim=-1), torch.stack((h_ahead, h_back))


def _rnn(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """One direction: its states (T, N, H) in the order of reading, and the last of them."""
    states = []
    # What the inputs contribute does not wait for the state: one product serves all steps.
    for from_x in x @ w_ih.T + b_ih:
        h = torch.tanh(from_x + h @ w_hh.T + b_hh)
        states.append(h)
    return torch.stack(states), h
