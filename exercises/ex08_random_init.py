"""Exercise 8. Random initialisation

Why do weights start from random numbers? Two units that start alike get the same gradient, take
the same step, and stay alike for ever: a layer of them has the power of a single one. Only a
start in which they differ breaks the symmetry.

    weight[j, i] ~ N(0, std^2), every one drawn by itself;  bias[j] = 0

Experiments should be repeatable, so the numbers come from a generator with a seed. It is one of
its own: what the rest of a program draws from torch's global generator does not change.

Source: Goodfellow et al., "Deep Learning" (2016), section 8.4; parameters are laid out as in the
documentation of torch.nn.Linear; for generators, that of torch.Generator.
"""

from torch import Tensor


def init_linear(
    in_features: int, out_features: int, std: float, seed: int
) -> tuple[Tensor, Tensor]:
    """Draw the parameters of a linear layer.

    std: the standard deviation of the weights, above 0. seed: from 0 to 2**32 - 1; the same seed
    gives the same draw, another seed another. torch's global generator is left as it was.
    Returns (weight (out_features, in_features), bias (out_features,)), float32 as is usual.
    """
    # TODO: how does a function draw from a generator that nobody else uses?
    raise NotImplementedError


def distinct_units(weight: Tensor, bias: Tensor) -> int:
    """Count how many different units a linear layer has.

    weight: (out, in), bias: (out,), in any floating dtype. Unit j is row j of the weight together
    with bias[j]; two units are the same where all these numbers are equal. Equal units count once:
    a layer of n units that are all equal has 1, a layer without any two equal ones has n.
    """
    # TODO: what do you have to hold against each other, so that no part of a unit is forgotten?
    raise NotImplementedError
