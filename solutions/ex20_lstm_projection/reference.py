"""Exercise 20, an LSTM with a projection: the reference."""

import torch
from torch import Tensor


def lstm_projection_step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
    w_hr: Tensor,
) -> tuple[Tensor, Tensor]:
    """The projected hidden state and the cell after one input."""
    # w_hh maps P numbers to 4H: it is the larger half of what a projection saves.
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    # The memory is as in any LSTM, and has all of its H numbers.
    c_next = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    shown = torch.sigmoid(o) * torch.tanh(c_next)
    # The projection comes last and is linear: what is shown may now exceed 1.
    return shown @ w_hr.T, c_next
