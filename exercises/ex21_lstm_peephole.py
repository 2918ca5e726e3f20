"""Exercise 21. An LSTM with peepholes

The gates of an LSTM guard a cell that they cannot see: they know only what the output gate lets
through. Peepholes let each gate look at the cell of its own unit, through one weight per unit. So
a network can learn to count, and to act at an exact time.

    [i, f, g, o] = w_ih x + w_hh h + b          four blocks, stacked in this order
    i  = sigmoid(i + p_i * c)                   * is elementwise: unit k sees cell k
    f  = sigmoid(f + p_f * c)
    c' = f * c + i * tanh(g)
    o  = sigmoid(o + p_o * c')                  the output gate looks at the new cell
    h' = o * tanh(c')

Time counts: at most 3 times what the reference solution takes.

Source: Gers and Schmidhuber, "Recurrent Nets that Time and Count" (2000); weights are laid out as
in the documentation of torch.nn.LSTMCell, but with one bias instead of two.
"""

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
    """Read one input and update the state.

    x: (N, D), a batch of inputs; h, c: (N, H), the hidden state and the cell before the step;
    w_ih: (4H, D), w_hh: (4H, H), b: (4H,), the blocks i, f, g, o on top of each other;
    p_i, p_f, p_o: (H,), the peepholes. Returns (h', c'), each (N, H).
    """
    # TODO: two of the peepholes look at c, one at c'. In which order can you compute the gates?
    raise NotImplementedError
