"""Exercise 14, what a recurrent network forgets: the reference."""

import torch
from torch import Tensor


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
