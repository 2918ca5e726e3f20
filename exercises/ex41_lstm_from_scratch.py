"""Exercise 41. An LSTM from scratch: parameters, state, network

A language model in three functions and no module: parameters, first state, computation. The layout
is the lecture's: `X @ W`, with `W (in, out)`, and weights of its own for every gate.

    I = sigmoid(X W_xi + H W_hi + b_i)       the input gate
    F = sigmoid(X W_xf + H W_hf + b_f)       the forget gate
    O = sigmoid(X W_xo + H W_ho + b_o)       the output gate
    C = F * C + I * tanh(X W_xc + H W_hc + b_c)
    H = O * tanh(C)
    Y = H W_hq + b_q                         scores for the V tokens, at every step

`params` are the 14 of them in the order W_xi, W_hi, b_i, the same for f, o, c, then W_hq, b_q.
Time counts, of `lstm`: at most 3 times what the reference solution takes.

Source: Zhang et al., "Dive into Deep Learning", the LSTM from scratch.
"""

import torch
from torch import Tensor


def get_lstm_params(vocab_size: int, num_hiddens: int, generator: torch.Generator) -> list[Tensor]:
    """Make the parameters: V = vocab_size, H = num_hiddens.

    Weights are drawn from N(0, 0.01^2), all from `generator` and each by itself; biases are 0.
    Returns a list of 14, float32, in the order above: W_x* (V, H), W_h* (H, H), b_* (H,), then W_hq
    (H, V), b_q (V,). Each is a leaf that requires a gradient, so that an optimizer can change it.
    """
    # TODO: when does a tensor begin to record what is done with it, and what is done to it before?
    raise NotImplementedError


def init_lstm_state(batch_size: int, num_hiddens: int) -> tuple[Tensor, Tensor]:
    """Return (H, C) before the first step: zeros, each (batch_size, num_hiddens), float32."""
    # TODO: what does a network know that has read nothing yet?
    raise NotImplementedError


def lstm(
    inputs: Tensor, state: tuple[Tensor, Tensor], params: list[Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Read a sequence, and score the tokens after every step.

    inputs: (T, N, V), one-hot or any floats, T at least 1; state: (H, C), each (N, H); params: 14.
    Returns (Y, (H, C)): Y (T*N, V), the N rows of the first step, then those of the second and so
    on; and the state after the last step.
    """
    # TODO: the state is the only thing that a step hands to the next. What do all steps share?
    raise NotImplementedError
