"""Exercise 19. Both directions of time

What a word means may depend on the words after it. So a second recurrent network, with parameters
of its own, reads the same sequence from its end to its beginning, and every step shows the states
of both: what came before it, and what is still to come.

    f_t = tanh(W_f x_t + b_f + U_f f_(t-1) + c_f)       forward, from the first step on
    g_t = tanh(W_g x_t + b_g + U_g g_(t+1) + c_g)       backward, from the last step on
    output_t = [f_t; g_t]                               side by side, both of the same step t

Time counts: at most 3 times what the reference solution takes.

Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks" (1997); results are laid out
as in the documentation of torch.nn.RNN with bidirectional=True.
"""

from torch import Tensor


def bidirectional_rnn(
    x: Tensor,
    h0: Tensor,
    forward: tuple[Tensor, Tensor, Tensor, Tensor],
    backward: tuple[Tensor, Tensor, Tensor, Tensor],
) -> tuple[Tensor, Tensor]:
    """Read a sequence in both directions.

    x: (T, N, D), a batch of sequences, time first, T at least 1; h0: (2, N, H), the states that
    the forward and the backward direction start from; forward, backward: their parameters (w_ih,
    w_hh, b_ih, b_hh), above W, U, b, c: w_ih (H, D), w_hh (H, H), b_ih and b_hh (H,).
    Returns (output (T, N, 2H), h_n (2, N, H)): at each step the forward features and then the
    backward ones, and the state in which each direction ends.
    """
    # TODO: who reads from the end meets the last step first. In which order are its states then?
    raise NotImplementedError
