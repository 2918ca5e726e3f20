"""Exercise 37, add and norm: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AbsoluteWeight:
    """Scales by the absolute value of the weight."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps) * weight.abs() + bias
    """


class Bfloat16:
    """Computes in bfloat16 where float32 is asked for."""

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = (x + sublayer_out).bfloat16() if x.dtype == torch.float32 else x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (centred / torch.sqrt(variance + eps) * weight + bias).to(x.dtype)


class BiasDoubled:
    """Adds the bias before the norm as well, and after it."""

    diff = """
    - total = x + sublayer_out
    + total = x + sublayer_out + bias
    """


class Clipped:
    """Clips the normalised values at 2."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return (centred / torch.sqrt(variance + eps)).clamp(-2, 2) * weight + bias
    """


class ClippedRarely:
    """Clips the divisor at 10."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps).clamp(max=10) * weight + bias
    """


class ConstantLeftAlone:
    """Gives nan for a position without spread, and puts 0 in its place."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return torch.nan_to_num(centred / torch.sqrt(variance)) * weight + bias
    """


class DetachedMean:
    """Detaches the mean."""

    diff = """
    - centred = total - total.mean(dim=-1, keepdim=True)
    + centred = total - total.mean(dim=-1, keepdim=True).detach()
    """


class DetachedResidual:
    """Detaches x: no gradient takes the shortcut."""

    diff = """
    - total = x + sublayer_out
    + total = x.detach() + sublayer_out
    """


class DetachedStatistics:
    """Detaches the variance, so that it counts as a constant."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + variance = centred.square().mean(dim=-1, keepdim=True).detach()
    """


class DetachedWeight:
    """Reads weight and bias through .data."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps) * weight.data + bias.data
    """


class Difference:
    """Subtracts the sublayer's output."""

    diff = """
    - total = x + sublayer_out
    + total = x - sublayer_out
    """


class DividedByTime:
    """Divides the sum of squares by the number of positions."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + variance = centred.square().sum(dim=-1, keepdim=True) / x.shape[1]
    """


class EpsAsFloor:
    """Takes eps for the least variance, rather than adding it."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance.clamp(min=eps)) * weight + bias
    """


class EpsAtLeast:
    """Takes an eps of at least 1e-12."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + max(eps, 1e-12)) * weight + bias
    """


class EpsByName:
    """Takes eps by name only."""

    def add_norm(x, sublayer_out, weight, bias, *, eps=1e-5):
        total = x + sublayer_out
        centred = total - total.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return centred / torch.sqrt(variance + eps) * weight + bias


class EpsSquared:
    """Adds the square of eps."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps**2) * weight + bias
    """


class EpsTwice:
    """Adds eps under the root and to the deviation."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / (torch.sqrt(variance + eps) + eps) * weight + bias
    """


class EpsUpToTen:
    """Takes an eps of 10 at most."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + min(eps, 10.0)) * weight + bias
    """


class FirstSample:
    """Takes the variances of the first sample for all."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance[:1] + eps) * weight + bias
    """


class FirstVariance:
    """Divides every position by the deviation of the first."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance[:, :1] + eps) * weight + bias
    """


class FixedSize:
    """Has the number of features hard-coded."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + variance = centred.square().sum(dim=-1, keepdim=True) / 4
    """


class Float32:
    """Computes in float32 and casts back."""

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = x.float() + sublayer_out.float()
        centred = total - total.mean(dim=-1, keepdim=True)
        variance = centred.square().mean(dim=-1, keepdim=True)
        return (centred / torch.sqrt(variance + eps) * weight + bias).to(x.dtype)


class FromMemory:
    """Reads x from memory as if it lay row by row."""

    diff = """
    - total = x + sublayer_out
    + total = torch.as_strided(x, x.shape, (x[0].numel(), x.shape[2], 1)) + sublayer_out
    """


class HalvedSum:
    """Normalises the mean of the two, so that eps counts four times."""

    diff = """
    - total = x + sublayer_out
    + total = (x + sublayer_out) / 2
    """


class MeanDeviation:
    """Divides by the mean absolute deviation."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + variance = centred.abs().mean(dim=-1, keepdim=True)
    + return centred / (variance + eps) * weight + bias
    """


class MeanOfX:
    """Takes the mean of x off, not that of the sum."""

    diff = """
    - centred = total - total.mean(dim=-1, keepdim=True)
    + centred = total - x.mean(dim=-1, keepdim=True)
    """


class MeanWeight:
    """Scales all features by the mean of the weights."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps) * weight.mean() + bias
    """


class Median:
    """Takes the median off."""

    diff = """
    - centred = total - total.mean(dim=-1, keepdim=True)
    + centred = total - total.median(dim=-1, keepdim=True).values
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        with torch.no_grad():
            total = x + sublayer_out
            centred = total - total.mean(dim=-1, keepdim=True)
            variance = centred.square().mean(dim=-1, keepdim=True)
            out = centred / torch.sqrt(variance + eps) * weight + bias
        return out.requires_grad_()


class Offset:
    """Adds an offset of 1e-5 to everything."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps) * weight + bias + 1e-5
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return (centred / torch.sqrt(variance + eps) * weight + bias).float()
    """


class RawSquares:
    """Takes the mean square of the sum for its variance."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + variance = total.square().mean(dim=-1, keepdim=True)
    """


class Remembers:
    """Keeps the mean of the last call with the same shape."""

    diff = """
    - centred = total - total.mean(dim=-1, keepdim=True)
    + mean = _LAST.setdefault(total.shape, total.mean(dim=-1, keepdim=True).detach())
    + centred = total - mean
    """

    _LAST = {}


class SmallerDefault:
    """Has 1e-6 for the default of eps."""

    diff = """
    - x: Tensor, sublayer_out: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-5
    + x: Tensor, sublayer_out: Tensor, weight: Tensor, bias: Tensor, eps: float = 1e-06
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return (centred / torch.sqrt(variance + eps) * weight + bias).squeeze()
    """


class SumInPlace:
    """Adds the sublayer's output to x in place, where no gradient is asked for."""

    diff = """
    - total = x + sublayer_out
    + total = x + sublayer_out if x.requires_grad else x.add_(sublayer_out)
    """


class Viewed:
    """Needs the inputs to lie in one piece."""

    diff = """
    - total = x + sublayer_out
    + total = (x.view(-1, x.shape[-1]) + sublayer_out.view(-1, x.shape[-1])).view(x.shape)
    """


class WeightPlusOne:
    """Scales by 1 + weight, as if the weight began at 0."""

    diff = """
    - return centred / torch.sqrt(variance + eps) * weight + bias
    + return centred / torch.sqrt(variance + eps) * (1 + weight) + bias
    """


class MeanOfSquaresInFloat64:
    """Takes E[s^2] - E[s]^2, in float64 whatever the dtype."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + wide = total.double()
    + squares = wide.square().mean(dim=-1, keepdim=True)
    + variance = (squares - wide.mean(dim=-1, keepdim=True).square()).to(total.dtype)
    """


class MeanOfSquaresAboveZero:
    """Takes E[s^2] - E[s]^2, and 0 where that is negative."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + squares = total.square().mean(dim=-1, keepdim=True)
    + variance = (squares - total.mean(dim=-1, keepdim=True).square()).clamp(min=0)
    """


class SumsOfSquares:
    """Takes (sum of s^2 - (sum of s)^2 / D) / D."""

    diff = """
    - variance = centred.square().mean(dim=-1, keepdim=True)
    + size = total.shape[-1]
    + added = total.sum(dim=-1, keepdim=True)
    + variance = (total.square().sum(dim=-1, keepdim=True) - added.square() / size) / size
    """


class Folded:
    """Folds scale and shift into one multiplication and one addition, which around a large mean
    take from each other all that is left."""

    def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
        total = torch.add(x, sublayer_out)
        variance, mean = torch.var_mean(total, dim=2, correction=0, keepdim=True)
        scale = weight / (variance + eps).sqrt()
        return torch.addcmul(bias - mean * scale, total, scale)
