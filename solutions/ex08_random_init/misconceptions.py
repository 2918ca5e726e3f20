"""Exercise 8, random initialisation: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's. How numbers are drawn is free, but the usual ways give the same ones: a wrong
idea about them is recognised where the student draws in one of these.
"""

import torch


def _drawn(in_features, out_features, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(out_features, in_features, generator=generator), torch.zeros(out_features)


def _units(weight, bias):
    return torch.cat((weight, bias[:, None]), dim=1)


class GlobalGenerator:
    """You seem to seed torch's global generator, which all other code draws from; make a
    torch.Generator of your own and pass it on."""

    caught_by = "test_generator"

    def init_linear(in_features, out_features, std, seed):
        torch.manual_seed(seed)
        return std * torch.randn(out_features, in_features), torch.zeros(out_features)


class ZeroWeights:
    """Your weights look all zero: then all units are equal, and stay equal. Draw them."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        return torch.zeros(out_features, in_features), torch.zeros(out_features)


class ConstantWeights:
    """Your weights look all equal to std; draw each by itself, with std as their spread."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        return torch.full((out_features, in_features), std), torch.zeros(out_features)


class Unscaled:
    """Your weights look like N(0, 1) whatever `std` is; multiply them by std."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        return _drawn(in_features, out_features, seed)


class StdAsVariance:
    """You seem to take `std` for the variance, and its root for the spread; use it as it is."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        weight, bias = _drawn(in_features, out_features, seed)
        return std**0.5 * weight, bias


class VarianceAsStd:
    """Your weights look scaled by std^2, the variance; multiply what randn gives by std."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        weight, bias = _drawn(in_features, out_features, seed)
        return std**2 * weight, bias


class FanIn:
    """Your weights look divided by sqrt(in_features), as Xavier and He have it; here `std` is all
    that scales them."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        weight, bias = _drawn(in_features, out_features, seed)
        return std * weight / in_features**0.5, bias


class Uniform:
    """Your weights look uniform between -std and std; draw from a normal distribution: randn."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        weight = torch.rand(out_features, in_features, generator=generator)
        return std * (2 * weight - 1), torch.zeros(out_features)


class Positive:
    """Your weights look uniform between 0 and 1, times std; draw from a normal distribution with
    mean 0: randn instead of rand."""

    caught_by = "test_normal"

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        weight = torch.rand(out_features, in_features, generator=generator)
        return std * weight, torch.zeros(out_features)


class Transposed:
    """Your weight has the shape (in, out); here every unit has a row: (out, in)."""

    caught_by = "test_shapes"

    def init_linear(in_features, out_features, std, seed):
        weight, _ = _drawn(out_features, in_features, seed)
        return std * weight, torch.zeros(out_features)


class RandomBias:
    """Your biases look drawn like the weights; they start from zero."""

    caught_by = "test_shapes"

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        weight = torch.randn(out_features, in_features, generator=generator)
        return std * weight, std * torch.randn(out_features, generator=generator)


class BiasOfOnes:
    """Your biases look like ones; they start from zero."""

    caught_by = "test_shapes"

    def init_linear(in_features, out_features, std, seed):
        weight, bias = _drawn(in_features, out_features, seed)
        return std * weight, bias + 1


class SeedIgnored:
    """Your draw looks the same for every seed; seed the generator with `seed`."""

    caught_by = "test_other_seed"

    def init_linear(in_features, out_features, std, seed):
        weight, bias = _drawn(in_features, out_features, 0)
        return std * weight, bias


class SeedOrDefault:
    """Your seed 0 seems to be taken for none: `seed or 42` is 42 there; 0 is a seed like others."""

    caught_by = "test_many_seeds"

    def init_linear(in_features, out_features, std, seed):
        weight, bias = _drawn(in_features, out_features, seed or 42)
        return std * weight, bias


class BiasNotSeen:
    """You seem to compare the rows only; units with equal rows and different biases differ."""

    caught_by = "test_distinct"

    def distinct_units(weight, bias):
        return len(torch.unique(weight, dim=0))


class WeightNotSeen:
    """You seem to compare the biases only; units with equal biases and different rows differ."""

    caught_by = "test_distinct"

    def distinct_units(weight, bias):
        return len(torch.unique(bias))


class CountedApart:
    """You seem to count rows and biases apart; count how many different pairs there are."""

    caught_by = "test_distinct"

    def distinct_units(weight, bias):
        return max(len(torch.unique(weight, dim=0)), len(torch.unique(bias)))


class OnlySingles:
    """You count the units that have no equal; of equal ones, one counts: a constant layer has 1."""

    caught_by = "test_constant"

    def distinct_units(weight, bias):
        counts = torch.unique(_units(weight, bias), dim=0, return_counts=True)[1]
        return int((counts == 1).sum())


class Redundant:
    """You seem to count the units that could go; count those that are left when equals are one."""

    caught_by = "test_constant"

    def distinct_units(weight, bias):
        return len(bias) - len(torch.unique(_units(weight, bias), dim=0))


class Rounded:
    """You seem to take nearly equal units for the same; a gradient step parts them none the less:
    compare exactly."""

    caught_by = "test_nearly_equal"

    def distinct_units(weight, bias):
        return len(torch.unique((_units(weight, bias).double() * 1e4).round(), dim=0))
