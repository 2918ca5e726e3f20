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
def long_term_gradient(
    x: Tensor, h0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """The Frobenius norms of dh_T/dh_0 .. dh_T/dh_{T-1}."""
    states, h = [], h0
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        states.append(h)
    # From the last step back to the first, as backpropagation goes: each step lengthens the chain
    # on its right by one factor, so that every product is made once.
    jacobian = torch.eye(h0.shape[1], dtype=h0.dtype, device=h0.device)
    norms = []
    for h in reversed(states):
        # tanh' = 1 - tanh^2 belongs to the unit whose sum it is: it scales the rows of w_hh. It is
        # at most 1, so that norms fade even where w_hh alone would keep them.
        jacobian = jacobian @ ((1 - h.T**2) * w_hh)
        norms.append(torch.linalg.matrix_norm(jacobian))
    return torch.stack(norms[::-1])
