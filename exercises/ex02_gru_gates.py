"""Exercise 2. The gates of a GRU

A GRU decides with two gates, numbers between 0 and 1, what becomes of its state: the reset gate
says how much of the past goes into a new proposal, the update gate how much of it simply stays.

    [r, z] = sigmoid(w_ih x + b_ih + w_hh h + b_hh)        two blocks, stacked in this order

Time counts: at most 3 times what the reference solution takes.

Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014), section
2.3; parameters are laid out as in the documentation of torch.nn.GRUCell, without its third block.
"""

from torch import Tensor


def gru_gates(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """The reset gate and the update gate of one step.

    x: (N, D), a batch of inputs; h: (N, H), the state before the step;
    w_ih: (2H, D), w_hh: (2H, H), b_ih and b_hh: (2H,), the blocks r and z on top of each other.
    Returns (r, z), each (N, H), with entries from 0 to 1 however large the sums are.
    """
    # TODO: the samples are rows here. Which way round must the weights be to meet them?
    raise NotImplementedError
