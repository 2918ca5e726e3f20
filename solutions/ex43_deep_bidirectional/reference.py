"""Exercise 43, a deep GRU in both directions: the reference."""

import torch
from torch import Tensor

Direction = tuple[Tensor, Tensor, Tensor, Tensor]


def deep_bidirectional_gru(
    x: Tensor, h0: Tensor, layers: list[tuple[Direction, Direction]]
) -> tuple[Tensor, Tensor]:
    """What the topmost layer says of every step, and where each direction ends."""
    last = []
    for k, (forward, backward) in enumerate(layers):
        ahead, h_ahead = _gru(x, h0[2 * k], *forward)
        # Who reads from the end is a plain GRU on the reversed sequence. Its states are turned
        # round again, so that they stand beside the forward ones of their own steps.
        back, h_back = _gru(x.flip(0), h0[2 * k + 1], *backward)
        # Both directions of the next layer read both directions of this one.
        x = torch.cat((ahead, back.flip(0)), dim=-1)
        last += [h_ahead, h_back]
    return x, torch.stack(last)


def _gru(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """One direction: its states (T, N, H) in the order of reading, and the last of them."""
    states = []
    # What the inputs contribute does not wait for the state: one product serves all steps.
    for from_x in x @ w_ih.T + b_ih:
        r_x, z_x, n_x = from_x.chunk(3, dim=-1)
        r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
        r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
        # The reset gate acts on the product, its bias included, as in torch.
        n = torch.tanh(n_x + r * n_h)
        h = (1 - z) * n + z * h
        states.append(h)
    return torch.stack(states), h
