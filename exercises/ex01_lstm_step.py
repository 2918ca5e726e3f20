"""Exercise 1. One step of an LSTM

A recurrent network reads a sequence and keeps a memory. An LSTM guards its memory, the cell c,
with gates: numbers between 0 and 1 that decide what is forgotten, what is added, what is shown.

    [i, f, g, o] = w_ih x + b_ih + w_hh h + b_hh        four blocks, stacked in this order
    i, f, o = sigmoid(i), sigmoid(f), sigmoid(o)        the input, forget and output gates
    g       = tanh(g)                                   the candidate: what might be remembered
    c'      = f * c + i * g
    h'      = o * tanh(c')

Time counts: at most 3 times what the reference solution takes.

Source: Hochreiter and Schmidhuber, "Long Short-Term Memory" (1997), with the forget gate of Gers
et al. (2000); parameters are laid out as in the documentation of torch.nn.LSTMCell.
"""

from torch import Tensor


def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """Read one input and update the state.

    x: (N, D), a batch of inputs; h, c: (N, H), the hidden state and the cell before the step;
    w_ih: (4H, D), w_hh: (4H, H), b_ih and b_hh: (4H,), the blocks i, f, g, o on top of each other.
    Returns (h', c'), each (N, H).
    """
    # TODO: the samples are rows here. How does one product give all four blocks for all of them?
    raise NotImplementedError
