"""Exercise 41, an LSTM from scratch: the reference."""

import torch
from torch import Tensor


def get_lstm_params(vocab_size: int, num_hiddens: int, generator: torch.Generator) -> list[Tensor]:
    """The 14 parameters, in order."""

    def normal(*shape: int) -> Tensor:
        return 0.01 * torch.randn(shape, generator=generator, device=generator.device)

    def zeros(size: int) -> Tensor:
        return torch.zeros(size, device=generator.device)

    params = []
    for _ in "ifoc":
        params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens)]
        params.append(zeros(num_hiddens))
    params += [normal(num_hiddens, vocab_size), zeros(vocab_size)]
    # Only now, when they have their values: what is computed from a leaf is none.
    return [each.requires_grad_() for each in params]


def init_lstm_state(batch_size: int, num_hiddens: int) -> tuple[Tensor, Tensor]:
    """Two states of zeros."""
    return torch.zeros(batch_size, num_hiddens), torch.zeros(batch_size, num_hiddens)


def lstm(
    inputs: Tensor, state: tuple[Tensor, Tensor], params: list[Tensor]
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """The scores of every step, the first one's rows first, and the last state."""
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    H, C = state
    hiddens = []
    for X in inputs:
        i = torch.sigmoid(X @ W_xi + H @ W_hi + b_i)
        f = torch.sigmoid(X @ W_xf + H @ W_hf + b_f)
        o = torch.sigmoid(X @ W_xo + H @ W_ho + b_o)
        C_tilda = torch.tanh(X @ W_xc + H @ W_hc + b_c)
        C = f * C + i * C_tilda
        H = o * torch.tanh(C)
        hiddens.append(H)
    # The output layer hands nothing on: one product serves all steps, in the order of time.
    return torch.cat(hiddens) @ W_hq + b_q, (H, C)
