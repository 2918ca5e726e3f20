"""Exercise 21, an LSTM with peepholes: the reference."""

import torch
from torch import Tensor


def peephole_lstm_step(
    x: Tensor,
    h: Tensor,
    c: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b: Tensor,
    p_i: Tensor,
    p_f: Tensor,
    p_o: Tensor,
) -> tuple[Tensor, Tensor]:
    """The hidden state and the cell after one input, with gates that see the cell."""
    i, f, g, o = (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)
    # A peephole is one more term of what goes into its gate. Each is a diagonal matrix, of which
    # only the diagonal is kept: the rows of c are multiplied by it entry by entry.
    i = torch.sigmoid(i + p_i * c)
    f = torch.sigmoid(f + p_f * c)
    c_next = f * c + i * torch.tanh(g)
    # The output gate decides last, when the new cell is there to be looked at.
    o = torch.sigmoid(o + p_o * c_next)
    return o * torch.tanh(c_next), c_next
