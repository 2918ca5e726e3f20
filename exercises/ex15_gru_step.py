"""Exercise 15. One step of a GRU

Exercise 2 made the gates of a GRU; here they go to work. The reset gate r says how much of the
past enters the candidate n, and the update gate z how much of the state stays as it is.

    r  = sigmoid(w_ir x + b_ir + w_hr h + b_hr)
    z  = sigmoid(w_iz x + b_iz + w_hz h + b_hz)
    n  = tanh(w_in x + b_in + r * (w_hn h + b_hn))
    h' = (1 - z) * n + z * h

Time counts: at most 3 times what the reference solution takes.

Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014), with the
reset gate after the product, as in the documentation of torch.nn.GRUCell.
"""

from torch import Tensor


def gru_step(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Read one input and update the state.

    x: (N, D), a batch of inputs; h: (N, H), the state before the step;
    w_ih: (3H, D), w_hh: (3H, H), b_ih and b_hh: (3H,), the blocks r, z, n on top of each other.
    Returns h', (N, H).
    """
    # TODO: the gates add up what comes from x and from h. What keeps the two apart for n?
    raise NotImplementedError
