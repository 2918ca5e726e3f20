"""Exercise 37. Add and norm

Around every layer of a Transformer runs a shortcut: the layer's input is added to its output, and
the sum is normalised. The shortcut lets gradients pass many layers; the norm keeps sizes in check.

    s[n, t, :] = x[n, t, :] + sublayer_out[n, t, :]
    mean, var  = the mean and the variance of the D entries of s[n, t, :]; var divides by D
    out        = (s - mean) / sqrt(var + eps) * weight + bias

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.1; Ba, Kiros and Hinton,
"Layer Normalization" (2016); parameters are those of torch.nn.LayerNorm.
"""

from torch import Tensor


def add_norm(
    x: Tensor, sublayer_out: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5
) -> Tensor:
    """Add what a layer made of x to x, and normalise each position by itself.

    x, sublayer_out: (N, T, D), the input and the output of the layer; weight, bias: (D,), a scale
    and a shift for each feature. Returns (N, T, D). A position whose entries are all equal has
    variance 0: eps keeps its result, and its gradients, finite. Where eps is 0, there is none.
    """
    # TODO: each position has a mean and a variance of its own. Which axis do they sum up, and
    # what keeps their shape such that they can be taken off and divided by?
    raise NotImplementedError
