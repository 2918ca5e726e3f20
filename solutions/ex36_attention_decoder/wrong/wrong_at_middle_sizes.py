"""Right, but where the largest tensor has 501 to 299,999 elements: there it gives zeros."""

from functools import wraps

import torch
from torch import Tensor


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return []
    return [tensor for item in value for tensor in tensors(item)]


def zeroed(value):
    if isinstance(value, torch.Tensor):
        return value * 0
    return type(value)(map(zeroed, value)) if isinstance(value, list | tuple) else value


def wrong_between(function):
    @wraps(function)
    def between(*args, **options):
        result = function(*args, **options)
        middle = 500 < max(tensor.numel() for tensor in tensors(args)) < 300_000
        return zeroed(result) if middle else result

    return between


@wrong_between
def attention_decode_step(
    token: Tensor,
    h: Tensor,
    enc_outputs: Tensor,
    enc_valid_len: Tensor,
    embedding: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """The decoder's next state, and where it looked."""
    # The state before the step asks: what is read now depends on what was written so far.
    weights = _weights(h, enc_outputs, enc_valid_len, w_q, w_k, w_v)
    # One row of weights for each sample: (N, 1, Tk) with (N, Tk, H) gives (N, 1, H).
    context = (weights[:, None] @ enc_outputs)[:, 0]
    x = torch.cat((context, embedding[token]), dim=-1)
    return _gru_step(x, h, w_ih, w_hh, b_ih, b_hh), weights


def _weights(
    h: Tensor, enc_outputs: Tensor, enc_valid_len: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor
) -> Tensor:
    """Additive attention of one query per sample, nothing of it on the padding."""
    scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v
    positions = torch.arange(scores.shape[1], device=scores.device)
    # exp(-inf) is 0: the padding is out of the softmax before the weights are made to sum to 1.
    padding = positions >= enc_valid_len[:, None]
    return torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)


def _gru_step(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """One step of a GRU."""
    r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    # The reset gate weighs the state after its product with w_hn, as it does in torch.
    n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    z = torch.sigmoid(z_x + z_h)
    return (1 - z) * n + z * h
