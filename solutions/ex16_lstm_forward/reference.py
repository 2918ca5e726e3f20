"""Exercise 16, an LSTM through time, and its output layer: the reference."""

import torch
from torch import Tensor


def lstm_forward(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """The hidden states after every step, and the state after the last."""
    h, c = state
    # What the inputs add to the gates needs no state: one product serves all steps, and only
    # h @ w_hh.T has to wait for the step before.
    from_inputs = x @ w_ih.T + b_ih + b_hh
    output = []
    for from_input in from_inputs:
        i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        output.append(h)
    # The output shows the hidden states only; the last cell is nowhere in it.
    return torch.stack(output), (h, c)


def output_layer(output: Tensor, w_hq: Tensor, b_q: Tensor) -> Tensor:
    """The logits of every step, (T, N, H) to (T*N, V)."""
    # Time is the slowest axis already: flattening keeps the rows of one step together.
    return (output @ w_hq + b_q).flatten(0, 1)
