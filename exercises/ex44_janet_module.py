"""Exercise 44. JANET as a module

Where `nn.LSTM` stood, a JANET should fit: the same constructor, the same layouts, and parameters
with the names that `nn.LSTM` gives its own. Only the state is one tensor less, since the cell is
its own hidden state. One step is that of exercise 23, with beta = 1 and, as torch has it, two
biases:

    [s, g] = weight_ih x + bias_ih + weight_hh c + bias_hh     two blocks, stacked in this order
    c'     = sigmoid(s) * c + (1 - sigmoid(s - 1)) * tanh(g)

Layer k reads the output of layer k - 1; where there are two directions, both, the forward one
first. The reverse direction begins at the last time step, and its output is put back in the order
of time. Its parameters end in `_reverse`. Dropout acts between layers, in training mode only.
Time counts: at most 3 times what the reference solution takes.

Source: van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate" (2018).
"""

from torch import Tensor, nn


class JANET(nn.Module):
    """A stack of JANET layers, which drops in where `nn.LSTM` stood.

    Parameters of layer k, in this order: weight_ih_l{k} (2H, D), weight_hh_l{k} (2H, H), and where
    there is a bias, bias_ih_l{k} (2H,), bias_hh_l{k} (2H,); with two directions the same again,
    ending in `_reverse`, before those of layer k + 1. D is the width of what the layer reads:
    input_size in layer 0, then H, or 2H with two directions. All start in [-1/sqrt(H), 1/sqrt(H)].
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        """Register the parameters, in the order that `nn.LSTM` has."""
        super().__init__()
        # TODO: how does a module come to know of a tensor whose name you put together?
        raise NotImplementedError

    def forward(self, x: Tensor, c_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read a batch of sequences.

        x: (T, N, D), or (N, T, D) with batch_first; c_0: (L * directions, N, H), ordered by layer
        and then by direction, zeros where it is not given.
        Returns (output, c_n): output (T, N, H * directions), or (N, T, H * directions) with
        batch_first, the last layer's; c_n (L * directions, N, H), what each direction ended with.
        """
        # TODO: write one direction of one layer first. What is the reverse one in terms of it?
        raise NotImplementedError
