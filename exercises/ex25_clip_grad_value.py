"""Exercise 25. Clipping gradients by value

Where clipping by norm shortens the whole gradient, clipping by value looks at one number at a
time: whatever lies beyond a bound is moved onto it. It is simple and needs no sum over all
parameters, but it can turn the gradient: the large elements shrink, the small ones stay.

    g = -clip_value   where g < -clip_value
    g =  clip_value   where g >  clip_value
    g                 everywhere else

Time counts: at most 30 times what the reference solution takes.

Source: Goodfellow et al., "Deep Learning" (2016), section 10.11.1; the contract is that of
torch.nn.utils.clip_grad_value_.
"""

from collections.abc import Iterable

from torch import Tensor


def clip_grad_value(parameters: Iterable[Tensor] | Tensor, clip_value: float) -> None:
    """Clip every element of every gradient to [-clip_value, clip_value], in place.

    parameters: a list, a tuple, a generator, ... or one tensor, as in exercise 5, each of any
    shape, empty ones too, and any floating dtype, none of them twice; those whose `.grad` is None
    are left out.
    clip_value: a positive number. An infinite element becomes the bound on its side, like any
    other that is too large; a nan stays nan.
    Returns nothing: the gradients themselves change, whoever holds them.
    """
    # TODO: what is the difference between a method of a tensor and its twin with a `_` at the end?
    raise NotImplementedError
