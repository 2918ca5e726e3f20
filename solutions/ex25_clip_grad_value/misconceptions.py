"""Exercise 25, clipping gradients by value: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch
from torch import Tensor


def _with_gradients(parameters):
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    return [p for p in parameters if p.grad is not None]


class ByNorm:
    """You seem to scale the gradients by their norm, as exercise 5 does; clamp each element."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        gradients = [p.grad for p in _with_gradients(parameters)]
        if gradients:
            total = torch.cat([g.flatten() for g in gradients]).norm()
            for gradient in gradients:
                gradient.mul_((clip_value / (total + 1e-6)).clamp(max=1.0))


class ByGreatest:
    """You scale a whole gradient by its greatest element; each is to be clamped by itself."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad.mul_((clip_value / p.grad.abs().max()).clamp(max=1.0))


class OnlyAbove:
    """You clip only from above; what lies below -clip_value must be raised to it."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad.clamp_(max=clip_value)


class FromZero:
    """Your lower bound looks like 0, so that negative elements are lost; it is -clip_value."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad.clamp_(0, clip_value)


class Absolute:
    """Your gradients have lost their signs: bound the absolute value, but keep the direction."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad.abs_().clamp_(max=clip_value)


class SignLost:
    """Where |g| is too large you write clip_value, whatever the sign; below it is -clip_value."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad[p.grad.abs() > clip_value] = clip_value


class Zeroed:
    """You set what exceeds the bound to 0; it is to become the bound."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad[p.grad.abs() > clip_value] = 0.0


class Signs:
    """Every element becomes a bound, with its own sign; those within the bounds must stay."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad.sign_().mul_(clip_value)


class Weights:
    """You seem to clip the parameters themselves; it is their `.grad` that is to be clipped."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.data.clamp_(-clip_value, clip_value)


class Copies:
    """The gradients stay as they were: `clamp` makes a clipped copy, `clamp_` changes in place."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad.clamp(-clip_value, clip_value)


class Replaced:
    """You put a clipped copy into `.grad`; whoever holds the old one sees nothing: use `clamp_`."""

    caught_by = "test_clipped"

    def clip_grad_value(parameters, clip_value):
        for p in _with_gradients(parameters):
            p.grad = p.grad.clamp(-clip_value, clip_value)


class MissingRaises:
    """A parameter that took no part in the loss has None for its `.grad`; pass over it."""

    caught_by = "test_missing"

    def clip_grad_value(parameters, clip_value):
        for p in [parameters] if isinstance(parameters, Tensor) else parameters:
            p.grad.clamp_(-clip_value, clip_value)


class RowsOfATensor:
    """A loop over one tensor goes through its rows; put a single tensor into a list first."""

    caught_by = "test_iterables"

    def clip_grad_value(parameters, clip_value):
        if isinstance(parameters, Tensor):
            # No row has a gradient; torch warns of those that are asked for one.
            parameters = [row.detach() for row in parameters]
        for p in _with_gradients(parameters):
            p.grad.clamp_(-clip_value, clip_value)


class NeedsALength:
    """You take `len(parameters)` or an index of it, and a generator has neither; use a `for`."""

    caught_by = "test_iterables"

    def clip_grad_value(parameters, clip_value):
        parameters = [parameters] if isinstance(parameters, Tensor) else parameters
        for i in range(len(parameters)):
            if parameters[i].grad is not None:
                parameters[i].grad.clamp_(-clip_value, clip_value)


class ReturnsGradients:
    """You return the clipped gradients; return nothing, since the gradients changed in place."""

    caught_by = "test_returns"

    def clip_grad_value(parameters, clip_value):
        clipped = _with_gradients(parameters)
        return [p.grad.clamp_(-clip_value, clip_value) for p in clipped]
