"""Exercise 25, clipping gradients by value: the reference."""

from collections.abc import Iterable

from torch import Tensor


def clip_grad_value(parameters: Iterable[Tensor] | Tensor, clip_value: float) -> None:
    """Clamp every element of every gradient to [-clip_value, clip_value], in place."""
    # A tensor is an iterable as well, of its rows, and these have no gradient of their own.
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    for parameter in parameters:
        if parameter.grad is not None:
            # In place: the optimiser, and whoever else holds this tensor, sees the clipped values.
            parameter.grad.clamp_(-clip_value, clip_value)
