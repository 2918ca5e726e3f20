"""Exercise 20. An LSTM with a projection

A large cell remembers much, but then w_hh grows with the square of its size. A projection w_hr
mixes the H numbers that the cell would show into a short message: only P numbers travel on, to the
next step and to the layer above, while the memory itself keeps its H.

    [i, f, g, o] = w_ih x + b_ih + w_hh h + b_hh        four blocks of H, though h has P entries
    c'           = sigmoid(f) * c + sigmoid(i) * tanh(g)
    h'           = w_hr (sigmoid(o) * tanh(c'))

Time counts: at most 3 times what the reference solution takes.

Source: Sak, Senior and Beaufays, "Long Short-Term Memory Based Recurrent Neural Network
Architectures for Large Vocabulary Speech Recognition" (2014); parameters are laid out as in the
documentation of torch.nn.LSTM, for its argument proj_size.
"""

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
    """Read one input and update the state.

    x: (N, D), a batch of inputs; h: (N, P), the projected hidden state before the step;
    c: (N, H), the cell before the step; w_ih: (4H, D), w_hh: (4H, P), b_ih and b_hh: (4H,), the
    blocks i, f, g, o on top of each other; w_hr: (P, H). P may be any size, more than H too.
    Returns (h' (N, P), c' (N, H)).
    """
    # TODO: it is the LSTM that you know, up to its last line. What is projected, and what is not?
    raise NotImplementedError
