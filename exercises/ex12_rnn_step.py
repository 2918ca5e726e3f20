"""Exercise 12. One step of a recurrent network

A recurrent network reads a sequence one input at a time. All it knows of the past is one vector,
the hidden state, and each step makes the next state out of the last one and a new input.

    h' = tanh(w_ih x + b_ih + w_hh h + b_hh)

Time counts: at most 3 times what the reference solution takes.

Source: Elman, "Finding Structure in Time" (1990); parameters are laid out as in the documentation
of torch.nn.RNNCell, which has two biases although their sum would do.
"""

from torch import Tensor


def rnn_step(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Read one input and give the next hidden state.

    x: (N, D), a batch of inputs; h: (N, H), the hidden state before the step;
    w_ih: (H, D), w_hh: (H, H), b_ih and b_hh: (H,).
    Returns h', (N, H).
    """
    # TODO: w_hh is square, so it fits either way round. Which way meets the rows of h?
    raise NotImplementedError
