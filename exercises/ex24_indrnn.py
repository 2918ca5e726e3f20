"""Exercise 24. Independent recurrent units

In a plain recurrent network every unit hears every other at every step, through one matrix; its
powers make gradients vanish or explode. An IndRNN lets each unit hear only itself, through one
number: where every |u| is at most 1, nothing explodes; where it is near 1, little is forgotten.

    h' = relu(w_ih x + u * h + b)

Time counts: at most 3 times what the reference solution takes.

Source: Li et al., "Independently Recurrent Neural Network (IndRNN)", CVPR 2018.
"""

from torch import Tensor


def indrnn_step(x: Tensor, h: Tensor, w_ih: Tensor, u: Tensor, b: Tensor) -> Tensor:
    """Read one input and update the state.

    x: (N, D), a batch of inputs; h: (N, H), the state before the step;
    w_ih: (H, D); u: (H,), one recurrent weight for each unit; b: (H,).
    Returns h' (N, H).
    """
    # TODO: w_ih mixes the inputs. What does u mix?
    raise NotImplementedError


def indrnn_forward(
    x: Tensor, h0: Tensor, w_ih: Tensor, u: Tensor, b: Tensor
) -> tuple[Tensor, Tensor]:
    """Read a sequence, step after step.

    x: (T, N, D), time first, T at least 1; h0: (N, H), the state before the first step; the rest
    is as above.
    Returns (output (T, N, H), h_n (N, H)): the state after every step, and the one after the last.
    One matrix product can serve all steps: it is asked for only as far as the time counts.
    """
    # TODO: which part of a step can be computed before any state is known?
    raise NotImplementedError
