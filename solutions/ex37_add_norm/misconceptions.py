"""Exercise 37, add and norm: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _norm(total, weight, bias, eps, dim=-1):
    centred = total - total.mean(dim=dim, keepdim=True)
    variance = centred.square().mean(dim=dim, keepdim=True)
    return centred / torch.sqrt(variance + eps) * weight + bias


def _unbiased_variance(centred):
    """As torch.var gives it, nan for one entry, but without its warning."""
    return centred.square().sum(dim=-1, keepdim=True) / (centred.shape[-1] - 1)


class UnbiasedVariance:
    """Your variance looks divided by D - 1, as torch.var does by default; here divide by D."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        return centred / torch.sqrt(_unbiased_variance(centred) + eps) * weight + bias


class UnbiasedDeviation:
    """Your divisor looks like total.std() + eps, unbiased; it is the root of var + eps, and var
    divides by D."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        return centred / (torch.sqrt(_unbiased_variance(centred)) + eps) * weight + bias


class EpsOutsideTheRoot:
    """You seem to add eps to the standard deviation; add it to the variance, under the root."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        deviation = torch.sqrt(centred.square().mean(dim=-1, keepdim=True))
        return centred / (deviation + eps) * weight + bias


class EpsLeftOut:
    """Your eps seems to have no effect; add it to the variance, which may be 0."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, 0.0)


class EpsFixed:
    """Your eps looks fixed at 1e-5; take the one that is passed."""

    caught_by = "test_eps"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, 1e-5)


class EpsOrDefault:
    """Your eps of 0 seems to be taken for none: `eps or 1e-5` is 1e-5 there; 0 adds nothing."""

    caught_by = "test_eps"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, eps or 1e-5)


class NormBeforeAdding:
    """You seem to normalise the sublayer's output and add x afterwards; add first, then normalise
    the sum."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return x + _norm(sublayer_out, weight, bias, eps)


class NormOfInput:
    """You seem to normalise x and add the sublayer's output afterwards; add first, then normalise
    the sum."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return sublayer_out + _norm(x, weight, bias, eps)


class SumOfNorms:
    """You seem to normalise x and sublayer_out apart and add the results; normalise their sum."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        normed = _norm(x, 1, 0, eps) + _norm(sublayer_out, 1, 0, eps)
        return normed * weight + bias


class ResidualForgotten:
    """Your result seems not to depend on x; add x to the sublayer's output before the norm."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(sublayer_out, weight, bias, eps)


class SublayerForgotten:
    """Your result seems not to depend on sublayer_out; add it to x before the norm."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x, weight, bias, eps)


class ResidualTwice:
    """You seem to add x once more after the norm; the norm comes last."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return x + _norm(x + sublayer_out, weight, bias, eps)


class OverTime:
    """You seem to normalise over the positions; take mean and variance over the last axis."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, eps, dim=1)


class OverBatch:
    """You seem to normalise over the batch; take mean and variance over the last axis."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, eps, dim=0)


class BatchNorm:
    """You seem to normalise each feature over batch and positions, as a batch norm does; a layer
    norm takes mean and variance over the last axis."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, eps, dim=(0, 1))


class OverSample:
    """You seem to normalise each sample as a whole; every position has its own mean and variance,
    over the last axis only."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, eps, dim=(1, 2))


class OverAll:
    """You seem to take one mean and one variance of everything; every position has its own, over
    the last axis."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, bias, eps, dim=(0, 1, 2))


class VarianceWithoutRoot:
    """You seem to divide by the variance; divide by its square root."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        return centred / (centred.square().mean(dim=-1, keepdim=True) + eps) * weight + bias


class RootMeanSquare:
    """Your mean seems to stay in: take it off first; without that it is an RMS norm."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        return total / torch.sqrt(total.square().mean(-1, keepdim=True) + eps) * weight + bias


class OnlyDivided:
    """You divide by the standard deviation, but your mean seems to stay in: take it off first."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        variance = total.var(dim=-1, unbiased=False, keepdim=True)
        return total / torch.sqrt(variance + eps) * weight + bias


class OnlyCentred:
    """You take the mean off, but the spread seems to stay as it was: divide by the root of
    var + eps."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        return (total - total.mean(dim=-1, keepdim=True)) * weight + bias


class WeightAndBiasSwapped:
    """You seem to multiply by the bias and add the weight; it is the other way round."""

    caught_by = "test_normalised"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, bias, weight, eps)


class WeightForgotten:
    """Your weight seems to be missing: multiply the normalised sum by it."""

    caught_by = "test_affine"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, 1, bias, eps)


class BiasForgotten:
    """Your bias seems to be missing: add it at the very end."""

    caught_by = "test_affine"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, weight, 0, eps)


class BothForgotten:
    """Weight and bias seem to be missing: scale and shift each feature once it is normalised."""

    caught_by = "test_affine"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm(x + sublayer_out, 1, 0, eps)


class BiasScaled:
    """Your bias looks multiplied by the weight; scale first and add the bias afterwards."""

    caught_by = "test_affine"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return (_norm(x + sublayer_out, 1, 0, eps) + bias) * weight


class AffineFirst:
    """You seem to scale and shift the sum before the norm, which undoes much of it; do so after."""

    caught_by = "test_affine"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        return _norm((x + sublayer_out) * weight + bias, 1, 0, eps)


class RootOfVanishing:
    """Your gradient becomes nan where a position is constant: the root of 0 has an infinite slope.
    Add eps before you take the root, and take it once."""

    caught_by = "test_constant"

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        deviation = torch.sqrt(centred.square().mean(dim=-1, keepdim=True))
        return centred / torch.sqrt(deviation**2 + eps) * weight + bias


class MeanOfSquares:
    """Your variance looks like E[s^2] - E[s]^2, which loses its digits, and may become negative,
    where the mean is large: take the mean off first, then square."""

    caught_by = "test_large_mean"

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + squares = total.square().mean(dim=-1, keepdim=True)
    + variance = squares - total.mean(dim=-1, keepdim=True).square()
    """
