"""Exercise 7. A deep linear network

What becomes of a signal on its way through many layers? Leave out the activation and only the
products with the weights remain: each shrinks the signal a little, or lets it grow a little, and
depth turns a little into nothing, or into far too much.

    H_0    = x
    H_l    = H_{l-1} W_l                                             for l = 1 .. L
    norm_l = sqrt(sum of the squares of all elements of H_l)         the Frobenius norm

Source: Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural
networks" (2014); on vanishing and exploding signals, Glorot and Bengio, "Understanding the
difficulty of training deep feedforward neural networks" (2010).
"""

from torch import Tensor


def deep_linear(x: Tensor, weights: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Send x through all layers, and measure the signal after each of them.

    x: (N, D_0), a batch of inputs; weights: L matrices, one or more, the l-th (D_{l-1}, D_l).
    Returns (output, norms): H_L, which is (N, D_L), and the norms of H_1 .. H_L, which are (L,).
    Gradients flow back through both; where a norm is 0, none is asked of it.
    """
    # TODO: each layer needs only what the one before it gave. What do you note down on the way?
    raise NotImplementedError
