"""Exercise 13. A recurrent network through time

The same step, with the same parameters, once for each element of a sequence: the state that comes
out of one step goes into the next.

    h_t = tanh(w_ih x_t + b_ih + w_hh h_{t-1} + b_hh)        for t = 1 .. T, from h_0

Sequences are laid out as torch.nn.RNN has them by default, time first: x[0] is the first input of
every sequence in the batch.

Time counts: at most 3 times what the reference solution takes.

Source: Elman, "Finding Structure in Time" (1990); the documentation of torch.nn.RNN.
"""

from torch import Tensor


def rnn_forward(
    x: Tensor, h0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """Read whole sequences and give every hidden state.

    x: (T, N, D), a batch of N sequences of length T, at least 1; h0: (N, H), the state before the
    first step; w_ih: (H, D), w_hh: (H, H), b_ih and b_hh: (H,).
    Returns (output, h_n): output (T, N, H), the state after each step, and h_n (N, H), the state
    after the last one.
    """
    # TODO: a step needs the state before it. Which part of the work could be done without it?
    raise NotImplementedError
