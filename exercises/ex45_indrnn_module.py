"""Exercise 45. IndRNN as a module

Exercise 24's units, each of which remembers itself alone, become a module with the constructor of
`nn.RNN`, less what it has no use for. It is known for its depth: cheap layers, many of them.

    h' = relu(weight_ih x + weight_hh * h + bias)       weight_hh (H,), elementwise

Layer k reads the output of layer k - 1; where there are two directions, both, the forward one
first. The reverse direction begins at the last time step, and its output is put back in the order
of time. Its parameters end in `_reverse`.
Time counts: at most 3 times what the reference solution takes.

Source: Li et al., "Independently Recurrent Neural Network (IndRNN)" (2018).
"""

from torch import Tensor, nn


class IndRNN(nn.Module):
    """A stack of IndRNN layers, which drops in where `nn.RNN` stood.

    Parameters of layer k, in this order: weight_ih_l{k} (H, D), weight_hh_l{k} (H,), and where
    there is a bias, bias_l{k} (H,); with two directions the same again, ending in `_reverse`,
    before those of layer k + 1. D is the width of what the layer reads: input_size in layer 0, then
    H, or 2H with two directions. weight_hh is drawn from a uniform distribution on [0, 1]; how the
    others start is yours to choose, weight_ih at random.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
    ) -> None:
        """Register the parameters, in the order above."""
        super().__init__()
        # TODO: which of them have one number a unit, and which start above zero?
        raise NotImplementedError

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Read a batch of sequences.

        x: (T, N, D), or (N, T, D) with batch_first; h_0: (L * directions, N, H), ordered by layer
        and then by direction, zeros where it is not given.
        Returns (output, h_n): output (T, N, H * directions), or (N, T, H * directions) with
        batch_first, the last layer's; h_n (L * directions, N, H), what each direction ended with.
        """
        # TODO: write one direction of one layer first. What is left in its loop over time?
        raise NotImplementedError
