"""Exercise 18. A deep GRU

Recurrent layers stack: the states that one layer passes through are the sequence that the next
one reads. Every layer keeps a state of its own, and only the topmost shows its states outside.

    layer 1 reads x;  layer l reads the states of layer l - 1, one for each time step

    r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)          the reset gate
    z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)          the update gate
    n = tanh(W_in x + b_in + r * (W_hn h + b_hn))       the candidate
    h = (1 - z) * n + z * h                             a layer's step: x is what the layer reads

Time counts: at most 3 times what the reference solution takes.

Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014); equations
and parameters as in the documentation of torch.nn.GRU, whose num_layers is our L.
"""

from torch import Tensor


def deep_gru(
    x: Tensor, h0: Tensor, layers: list[tuple[Tensor, Tensor, Tensor, Tensor]]
) -> tuple[Tensor, Tensor]:
    """Run a sequence through a stack of GRU layers.

    x: (T, N, D), a batch of sequences, time first, T at least 1; h0: (L, N, H), each layer's state
    before; layers: for each of the L layers, one or more, lowest first, its parameters (w_ih, w_hh,
    b_ih, b_hh): w_ih (3H, D) in the lowest layer and (3H, H) above it, w_hh (3H, H), b_ih and b_hh
    (3H,), with the blocks r, z, n on top of each other.
    Returns (output (T, N, H), h_n (L, N, H)): the states of the topmost layer at every step, and
    the state of each layer after the last.
    """
    # TODO: one layer turns a sequence into a sequence. What, then, is left to say about two?
    raise NotImplementedError
