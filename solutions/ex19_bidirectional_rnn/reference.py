"""Exercise 19, both directions of time: the reference."""

import torch
from torch import Tensor


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
