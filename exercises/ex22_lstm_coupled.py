"""Exercise 22. An LSTM with coupled gates

An LSTM may forget without writing, and write without forgetting. Couple the two gates, and it
writes just where it forgets: the input gate becomes 1 - f. That saves a quarter of the parameters,
and the new cell is a weighted mean, so it can never grow without bound.

    [f, g, o] = w_ih x + w_hh h + b              three blocks, stacked in this order
    f, o      = sigmoid(f), sigmoid(o)           the forget gate and the output gate
    c'        = f * c + (1 - f) * tanh(g)
    h'        = o * tanh(c')

Time counts: at most 3 times what the reference solution takes.

Source: Greff et al., "LSTM: A Search Space Odyssey" (2015), the variant CIFG; weights are laid out
as in the documentation of torch.nn.LSTMCell, without the input gate's block, and with one bias.
"""

from torch import Tensor


def coupled_lstm_step(
    x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """Read one input and update the state.

    x: (N, D), a batch of inputs; h, c: (N, H), the hidden state and the cell before the step;
    w_ih: (3H, D), w_hh: (3H, H), b: (3H,), the blocks f, g, o on top of each other.
    Returns (h', c'), each (N, H).
    """
    # TODO: what is left of the cell where f is 1, and where it is 0? Which f is taken from 1?
    raise NotImplementedError
