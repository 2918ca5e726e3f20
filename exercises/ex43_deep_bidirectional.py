"""Exercise 43. A deep GRU in both directions

Two directions and several layers: every layer is a pair of GRUs, one that reads from the first
step on and one that reads from the last. What the two say of a step stands side by side, and that
is what both directions of the next layer read. So from layer 2 on, everybody knows of everything.

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)          the reset gate
    z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)          the update gate
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn))       the candidate
    h = (1 - z) * n + z * h                             a step: x is what the layer reads

    output_t = [f_t; g_t]          forward, then backward, both of the same step t
    layer 1 reads x;  layer l reads the output of layer l - 1, 2H numbers a step

Time counts: at most 3 times what the reference solution takes.

Source: Schuster and Paliwal, "Bidirectional Recurrent Neural Networks" (1997); equations, order and
parameters as in the documentation of torch.nn.GRU, with num_layers=L and bidirectional=True.
"""

from torch import Tensor

Direction = tuple[Tensor, Tensor, Tensor, Tensor]


def deep_bidirectional_gru(
    x: Tensor, h0: Tensor, layers: list[tuple[Direction, Direction]]
) -> tuple[Tensor, Tensor]:
    """Run a sequence through a stack of layers, each of which reads in both directions.

    x: (T, N, D), a batch of sequences, time first, T at least 1; h0: (2L, N, H), the states before,
    layer by layer, the forward one first: h0[0] and h0[1] are the lowest layer's; layers: for each
    of the L layers, one or more, lowest first, a pair (forward, backward). Each has parameters of
    its own (w_ih, w_hh, b_ih, b_hh): w_ih (3H, D) in the lowest layer and (3H, 2H) above it, w_hh
    (3H, H), b_ih and b_hh (3H,), with the blocks r, z, n on top of each other.
    Returns (output (T, N, 2H), h_n (2L, N, H)): what the topmost layer says of every step, and
    the state in which each direction of each layer ends, in the order of h0.
    """
    # TODO: exercise 18 turned a stack into one layer, exercise 19 a layer into one direction. Now?
    raise NotImplementedError
