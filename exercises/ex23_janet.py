"""Exercise 23. JANET: the forget gate alone

An LSTM has three gates. JANET ("just another network") keeps one, the forget gate, and no hidden
state besides the cell. What the gate forgets makes room for the candidate; beta lets in a little
more than that, so that a memory held for long can still take up what is new.

    [s, g] = w_ih x + w_hh c + b                     two blocks, stacked in this order
    c'     = sigmoid(s) * c + (1 - sigmoid(s - beta)) * tanh(g)

With beta = 0 the two weights sum to 1: the gates are coupled.

Time counts: at most 3 times what the reference solution takes.

Source: van der Westhuizen and Lasenby, "The unreasonable effectiveness of the forget gate" (2018).
"""

from torch import Tensor


def janet_step(
    x: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor, beta: float = 1.0
) -> Tensor:
    """Read one input and update the cell.

    x: (N, D), a batch of inputs; c: (N, H), the cell before the step, also the hidden state;
    w_ih: (2H, D), w_hh: (2H, H), b: (2H,), the blocks of s and g on top of each other;
    beta: any number, however large.
    Returns c' (N, H).
    """
    # TODO: s is used twice. Which of the two uses does beta belong to?
    raise NotImplementedError
