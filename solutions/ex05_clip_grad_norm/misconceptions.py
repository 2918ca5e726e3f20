"""Exercise 5, clipping gradients by norm: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch
from torch import Tensor
from torch.linalg import vector_norm


def _gradients(parameters):
    if isinstance(parameters, Tensor):
        parameters = [parameters]
    return [p.grad for p in parameters if p.grad is not None]


def _norm(gradients, norm_type):
    if not gradients:
        return torch.tensor(0.0)
    return vector_norm(torch.cat([g.flatten() for g in gradients]), norm_type)


def _scale(gradients, max_norm, total):
    for gradient in gradients:
        gradient.mul_((max_norm / (total + 1e-6)).clamp(max=1.0))


class PerParameter:
    """You clip every gradient by its own norm; one norm over all of them keeps the direction."""

    caught_by = "test_clipped"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        for gradient in gradients:
            _scale([gradient], max_norm, _norm([gradient], norm_type))
        return total


class SumOfNorms:
    """You seem to add up the gradients' norms; the total is the norm of all elements together."""

    caught_by = "test_total"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = sum((_norm([g], norm_type) for g in gradients), torch.tensor(0.0))
        _scale(gradients, max_norm, total)
        return total


class NoRoot:
    """Your total looks like a sum of squares; take its root."""

    caught_by = "test_total"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        if norm_type != math.inf:
            total = total**norm_type
        _scale(gradients, max_norm, total)
        return total


class Mean:
    """Your total looks averaged over the elements; it is a sum, however many there are."""

    caught_by = "test_total"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        count = sum(g.numel() for g in gradients)
        total = _norm(gradients, norm_type) / max(count, 1) ** (1 / norm_type)
        _scale(gradients, max_norm, total)
        return total


class ScalesUp:
    """You blow small gradients up to max_norm; the coefficient is at most 1."""

    caught_by = "test_small"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        for gradient in gradients:
            gradient.mul_(max_norm / (total + 1e-6))
        return total


class ZeroIsNoBound:
    """Your max_norm of 0 seems to be taken for none: 0 is false, and makes every gradient 0."""

    caught_by = "test_epsilon"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        _scale(gradients, max_norm or math.inf, total)
        return total


class NoEpsilon:
    """Your coefficient looks like max_norm / total; the formula has max_norm / (total + 1e-6)."""

    caught_by = "test_epsilon"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        if total > max_norm:
            for gradient in gradients:
                gradient.mul_(max_norm / total)
        return total


class OnlyAbove:
    """You clip only where total > max_norm; the coefficient falls below 1 a hair earlier."""

    caught_by = "test_epsilon"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        if total > max_norm:
            _scale(gradients, max_norm, total)
        return total


class NormAfter:
    """You return the norm after clipping; return the one from before, which shows explosions."""

    caught_by = "test_total"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        _scale(gradients, max_norm, _norm(gradients, norm_type))
        return _norm(gradients, norm_type)


class ByValue:
    """You clamp each element by itself, which turns the gradient; scale all of them alike."""

    caught_by = "test_clipped"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        for gradient in gradients:
            gradient.clamp_(-max_norm, max_norm)
        return total


class Weights:
    """You seem to scale the parameters themselves; it is their `.grad` that is to be clipped."""

    caught_by = "test_clipped"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
        gradients = _gradients(parameters)
        total = _norm(gradients, norm_type)
        _scale([p.data for p in parameters if p.grad is not None], max_norm, total)
        return total


class Copies:
    """The gradients stay as they were: you scale copies. Change them in place, as mul_ does."""

    caught_by = "test_clipped"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        return _norm(_gradients(parameters), norm_type)


class AlwaysEuclidean:
    """Your total is the Euclidean norm whatever `norm_type` says."""

    caught_by = "test_norm_types"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        total = _norm(gradients, 2.0)
        _scale(gradients, max_norm, total)
        return total


class InfinityAsPower:
    """No power works for norm_type = inf; there the norm is the greatest absolute value."""

    caught_by = "test_infinite_norm"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        gradients = _gradients(parameters)
        if not gradients:
            return torch.tensor(0.0)
        elements = torch.cat([g.flatten() for g in gradients])
        total = (elements.abs() ** norm_type).sum() ** (1 / norm_type)
        _scale(gradients, max_norm, total)
        return total


class ReadTwice:
    """You go through `parameters` twice, and a generator is empty then: make a list of it first."""

    caught_by = "test_iterables"

    def clip_grad_norm(parameters, max_norm, norm_type=2.0):
        if isinstance(parameters, Tensor):
            parameters = [parameters]
        total = _norm(_gradients(parameters), norm_type)
        _scale(_gradients(parameters), max_norm, total)
        return total
