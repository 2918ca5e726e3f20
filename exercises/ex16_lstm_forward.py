"""Exercise 16. An LSTM through time, and its output layer

One step reads one input; a network reads a whole sequence, and hands its state from step to step.
The cell c is the long memory: with f = 1 and i = 0 it is carried on unchanged, however long.

    for t = 0 .. T-1:
        [i, f, g, o] = w_ih x_t + b_ih + w_hh h + b_hh      four blocks, stacked in this order
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(c)
        output_t = h

A language model then asks every hidden state which of V tokens comes next: logits = h w_hq + b_q.

Time counts: at most 3 times what the reference solution takes.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html; the output layer is the
one of Zhang et al., "Dive into Deep Learning", chapter 9.
"""

from torch import Tensor


def lstm_forward(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Read a sequence from its first input to its last.

    x: (T, N, D), time first, T at least 1; state: (h, c) before the first step, each (N, H);
    w_ih: (4H, D), w_hh: (4H, H), b_ih and b_hh: (4H,).
    Returns (output, (h_n, c_n)): the hidden states after every step, (T, N, H), and the state
    after the last, each (N, H).
    """
    # TODO: what must a step know of the steps before it? And which part of its sum needs no state?
    raise NotImplementedError


def output_layer(output: Tensor, w_hq: Tensor, b_q: Tensor) -> Tensor:
    """Give every token a score, at every step of every sample, with the same weights.

    output: (T, N, H), w_hq: (H, V), b_q: (V,). Returns the logits (T*N, V), not normalised: the
    rows of the first step come first, one for each sample, then those of the second.
    """
    # TODO: in which order does (T, N, H) lie in memory, and which order of rows is asked for?
    raise NotImplementedError
