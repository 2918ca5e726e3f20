"""Exercise 38. The feed-forward network at every position

Attention moves information between positions; what happens at one position is the work of a small
network of two layers. It is the same at every position, and most of a Transformer's parameters
are in it.

    out[n, t] = w2 relu(w1 x[n, t] + b1) + b2

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.3; parameters are laid out
as in the documentation of torch.nn.Linear.
"""

from torch import Tensor


def positionwise_ffn(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
    """Send the features of every position through the same two layers.

    x: (N, T, D); w1: (F, D) and b1: (F,), from the features to the hidden units;
    w2: (O, F) and b2: (O,), from the hidden units to the output; in a Transformer O = D.
    Returns (N, T, O).
    """
    # TODO: the formula treats one position, a vector. What stands to the left of a product, and
    # what to the right, where the positions are the rows of a tensor?
    raise NotImplementedError
