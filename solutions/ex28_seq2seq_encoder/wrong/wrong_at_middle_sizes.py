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
def seq2seq_encode(
    tokens: Tensor, embedding: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """The state after every word, and after the last."""
    # Indexing picks a row for each token: (T, N) becomes (T, N, D). In the backward pass a row
    # gathers the gradients of all the places where its word stands, and the others get none.
    x = embedding[tokens]
    h = embedding.new_zeros(tokens.shape[1], w_hh.shape[1])
    states = []
    # What the words contribute does not wait for the state: one product serves all steps.
    for from_x in x @ w_ih.T + b_ih:
        h = _step(from_x, h @ w_hh.T + b_hh, h)
        states.append(h)
    return torch.stack(states), h


def _step(from_x: Tensor, from_h: Tensor, h: Tensor) -> Tensor:
    """The next state, from what the word and the state contribute to the three blocks."""
    r_x, z_x, n_x = from_x.chunk(3, dim=-1)
    r_h, z_h, n_h = from_h.chunk(3, dim=-1)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    # The reset gate acts on the product, its bias included, as in torch; the paper has it act on
    # the state, before the product.
    n = torch.tanh(n_x + r * n_h)
    return (1 - z) * n + z * h
