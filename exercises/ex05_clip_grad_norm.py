"""Exercise 5. Clipping gradients by norm

Now and then a recurrent network meets a cliff, and one huge gradient throws away what it has
learned. Clipping keeps the gradient's direction and bounds its length: all gradients together, of
any shape (0-dim ones too, and for a finite p empty ones), count as one long vector.

    total       = (sum of |g|^p over every element g of every gradient)^(1/p);  p = inf: max |g|
    coefficient = max_norm / (total + 1e-6), but at most 1
    gradient    = coefficient * gradient, for every parameter

Time counts: at most 3 times what the reference solution takes.

Source: Pascanu et al., "On the difficulty of training recurrent neural networks" (2013),
section 3.2; the 1e-6 is that of torch.nn.utils.clip_grad_norm_.
"""

from collections.abc import Iterable

from torch import Tensor


def clip_grad_norm(
    parameters: Iterable[Tensor] | Tensor, max_norm: float, norm_type: float = 2.0
) -> Tensor:
    """Scale the gradients of `parameters` in place, so that their total norm is at most max_norm.

    parameters: a list, a tuple, a generator, ... or one tensor, none of them twice; those whose
    `.grad` is None are left out, the other gradients have one dtype. max_norm: 0 or more.
    norm_type: the p of the norm, 1 or more, or float("inf").
    Returns the total norm as it was before clipping: a 0-dim tensor in the gradients' dtype, nan or
    inf where an element is, and torch.tensor(0.0) where there is no gradient at all.
    """
    # TODO: how often must you go through the parameters, and how often does a generator let you?
    raise NotImplementedError
