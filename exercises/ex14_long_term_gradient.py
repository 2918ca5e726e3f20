"""Exercise 14. What a recurrent network forgets

How much does the last state of a recurrent network still depend on an early one? If a small
change there leaves no trace here, nothing can be learned over such a distance. The answer is a
Jacobian, a product with one factor for each step between the two:

    h_t           = tanh(w_ih x_t + b_ih + w_hh h_{t-1} + b_hh)       t = 1 .. T, from h_0 = h0
    dh_t/dh_{t-1} = diag(1 - h_t^2) w_hh
    dh_T/dh_t     = (dh_T/dh_{T-1}) (dh_{T-1}/dh_{T-2}) ... (dh_{t+1}/dh_t)

Source: Bengio et al., "Learning long-term dependencies with gradient descent is difficult"
(1994); Pascanu et al., "On the difficulty of training recurrent neural networks" (2013).
"""

from torch import Tensor


def long_term_gradient(
    x: Tensor, h0: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Measure how strongly the last state depends on each state before it.

    x: (T, 1, D), one sequence of length T, at least 1, with x[0] the x_1 above; h0: (1, H), the
    state before it; w_ih: (H, D), w_hh: (H, H), b_ih and b_hh: (H,), as in torch.nn.RNN.
    Returns (T,): entry t is the Frobenius norm of the Jacobian dh_T/dh_t, for t = 0 .. T-1. Only
    the numbers are asked for: no gradient needs to flow back through them.
    """
    # TODO: the chain for t = 0 contains all the others. From which end do you multiply it up?
    raise NotImplementedError
