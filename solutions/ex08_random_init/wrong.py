"""Exercise 8, random initialisation: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import numpy
import torch


class Allclose:
    """Compares with a tolerance."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + kept = []
    + for unit in units:
    +     if not any(torch.allclose(unit, other) for other in kept):
    +         kept.append(unit)
    + return len(kept)
    """


class AnyOrder:
    """Counts units otherwise: anyorder."""

    def distinct_units(weight, bias):
        return len(
            torch.unique(torch.cat((weight, bias[:, None]), dim=1).sort(dim=1).values, dim=0)
        )


class AsText:
    """Compares what a tensor looks like when it is printed."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return len({str(unit) for unit in units})
    """


class BiasAdded:
    """Adds the bias to every weight of its row."""

    def distinct_units(weight, bias):
        return len((weight + bias[:, None]).unique(dim=0))


class BiasColumn:
    """Returns the bias as a column."""

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        return std * torch.randn(out_features, in_features, generator=generator), torch.zeros(
            out_features, 1
        )


class BiasNone:
    """Returns no bias."""

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        return std * torch.randn(out_features, in_features, generator=generator), None


class BiasPerInput:
    """Returns a bias for each input."""

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        return std * torch.randn(out_features, in_features, generator=generator), torch.zeros(
            in_features
        )


class BiasSmall:
    """Starts the biases from a small number."""

    diff = """
    - return weight, torch.zeros(out_features)
    + return weight, torch.full((out_features,), 1e-5)
    """


class CappedStd:
    """Takes a standard deviation of 1 at most."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = min(std, 1.0) * torch.randn(out_features, in_features, generator=generator)
    """


class Columns:
    """Compares columns instead of rows."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return units.unique(dim=1).shape[1]
    """


class FirstOnly:
    """Compares with the first unit only."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return 1 + int((units != units[0]).any(dim=1).sum())
    """


class Float64:
    """Draws in float64."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * torch.randn(out_features, in_features, generator=generator, dtype=torch.float64)
    """


class FloatCount:
    """Returns the count as a float."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return float(len(units.unique(dim=0)))
    """


class HalfRepeated:
    """Repeats the first half of the columns in the others."""

    diff = """
    + half = in_features // 2
    + if half:
    +     weight[:, -half:] = weight[:, :half]
      return weight, torch.zeros(out_features)
    """


class HalfSeed:
    """Uses half of the seed."""

    diff = """
    - generator = torch.Generator().manual_seed(seed)
    + generator = torch.Generator().manual_seed(seed // 2)
    """


class Identities:
    """Counts objects, which are always different."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return len(set(units))
    """


class Laplace:
    """Draws from a Laplace distribution with the right standard deviation."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = (
    +     std
    +     * 0.5**0.5
    +     * torch.empty(2, out_features, in_features).exponential_(generator=generator).diff(dim=0)[0]
    + )
    """


class LargestGroup:
    """Counts the largest group of equal units."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return int(units.unique(dim=0, return_counts=True)[1].max())
    """


class LastWeightDropped:
    """Forgets the last column."""

    def distinct_units(weight, bias):
        return len(torch.cat((weight[:, :-1], bias[:, None]), dim=1).unique(dim=0))


class Mirrored:
    """Mirrors the first half of the rows in the others, with the sign turned."""

    diff = """
    + half = out_features // 2
    + if half:
    +     weight[-half:] = -weight[:half].flip(0)
      return weight, torch.zeros(out_features)
    """


class NearlyStd:
    """Has a standard deviation that is three per cent too large."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = 1.03 * std * torch.randn(out_features, in_features, generator=generator)
    """


class Neighbours:
    """Counts units otherwise: neighbours."""

    def distinct_units(weight, bias):
        return len(torch.unique_consecutive(torch.cat((weight, bias[:, None]), dim=1), dim=0))


class NoSeed:
    """Draws from the global generator, without a seed."""

    def init_linear(in_features, out_features, std, seed):
        return std * torch.randn(out_features, in_features), torch.zeros(out_features)


class Normalised:
    """Gives every row the length that it has on average."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = torch.randn(out_features, in_features, generator=generator)
    + weight = std * in_features**0.5 * weight / weight.norm(dim=1, keepdim=True)
    """


class Norms:
    """Compares the lengths of the rows."""

    def distinct_units(weight, bias):
        return len({(row.norm().item(), b.item()) for row, b in zip(weight, bias, strict=True)})


class Numbers:
    """Counts units otherwise: numbers."""

    def distinct_units(weight, bias):
        return len(torch.unique(torch.cat((weight, bias[:, None]), dim=1)))


class OneColumn:
    """Repeats one column."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * torch.randn(out_features, 1, generator=generator).repeat(1, in_features)
    """


class OneRow:
    """Draws one row of weights, and uses it for every unit."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * torch.randn(in_features, generator=generator).repeat(out_features, 1)
    """


class Positive:
    """Takes absolute values."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * torch.randn(out_features, in_features, generator=generator).abs()
    """


class Product:
    """Multiplies how many rows by how many biases there are."""

    def distinct_units(weight, bias):
        return min(len(bias), len(weight.unique(dim=0)) * len(bias.unique()))


class Rank:
    """Takes the rank of the matrix."""

    def distinct_units(weight, bias):
        units = torch.cat((weight, bias[:, None]), dim=1).double()
        return int(torch.linalg.matrix_rank(units))


class RunningSum:
    """Lets each row lean on the one before it."""

    diff = """
    + if out_features > 1:
    +     weight[1:] = 0.6 * weight[:-1] + 0.8 * weight[1:]
      return weight, torch.zeros(out_features)
    """


class SeedForScale:
    """Multiplies one draw by a number that depends on the seed."""

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(0)
        weight = std * torch.randn(out_features, in_features, generator=generator)
        return weight * (1 + seed % 7 / 1000), torch.zeros(out_features)


class SeedOf16Bits:
    """Reads 16 bits of the seed."""

    diff = """
    - generator = torch.Generator().manual_seed(seed)
    + generator = torch.Generator().manual_seed(seed % 2**16)
    """


class SeedOf31Bits:
    """Reads 31 bits of the seed."""

    diff = """
    - generator = torch.Generator().manual_seed(seed)
    + generator = torch.Generator().manual_seed(seed & 0x7FFFFFFF)
    """


class SeedOfSixDigits:
    """Reads only the last six digits of the seed."""

    diff = """
    - generator = torch.Generator().manual_seed(seed)
    + generator = torch.Generator().manual_seed(seed % 1_000_000)
    """


class SeedOnce:
    """Seeds its generator once, and draws on from there."""

    _GENERATORS = {}

    def init_linear(in_features, out_features, std, seed):
        if seed not in _GENERATORS:
            _GENERATORS[seed] = torch.Generator().manual_seed(seed)
        weight = std * torch.randn(out_features, in_features, generator=_GENERATORS[seed])
        return weight, torch.zeros(out_features)


class Shifted:
    """Has a mean of a tenth of std."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * (torch.randn(out_features, in_features, generator=generator) + 0.1)
    """


class Signs:
    """Draws only the signs."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * (2.0 * torch.randint(0, 2, (out_features, in_features), generator=generator) - 1)
    """


class SortedInPlace:
    """Sorts the biases, and the rows by them, in place."""

    diff = """
    + order = bias.argsort()
    + weight[:], bias[:] = weight[order], bias[order]
      units = torch.cat((weight, bias[:, None]), dim=1)
    """


class Standardised:
    """Makes mean and standard deviation of each row exact."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = torch.randn(out_features, in_features, generator=generator)
    + weight = std * (weight - weight.mean(dim=1, keepdim=True)) / weight.std(dim=1, keepdim=True)
    """


class StandardisedAsAWhole:
    """Makes mean and standard deviation of the whole exact."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = torch.randn(out_features, in_features, generator=generator)
    + weight = std * (weight - weight.mean()) / weight.std(correction=0)
    """


class StdAtLeast:
    """Takes a standard deviation of at least a thousandth."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = max(std, 1e-3) * torch.randn(out_features, in_features, generator=generator)
    """


class Sums:
    """Counts units otherwise: sums."""

    def distinct_units(weight, bias):
        return len(torch.unique((weight.double().sum(dim=1) + bias.double()).mul(1e6).round()))


class TensorCount:
    """Returns the count as a tensor."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return torch.tensor(len(units.unique(dim=0)))
    """


class ThreeUniforms:
    """Adds three uniform numbers, which is nearly normal."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * 2 * (torch.rand(3, out_features, in_features, generator=generator) - 0.5).sum(0)
    """


class ThroughFloat32:
    """Compares in float32."""

    diff = """
    - units = torch.cat((weight, bias[:, None]), dim=1)
    + units = torch.cat((weight, bias[:, None]), dim=1).float()
    """


class Truncated:
    """Clips at two standard deviations."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * torch.randn(out_features, in_features, generator=generator).clamp(-2, 2)
    """


class TruncatedAtThree:
    """Clips at three standard deviations."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * torch.randn(out_features, in_features, generator=generator).clamp(-3, 3)
    """


class UniformOfSameStd:
    """Draws from a uniform distribution with the right standard deviation."""

    diff = """
    - weight = std * torch.randn(out_features, in_features, generator=generator)
    + weight = std * 12**0.5 * (torch.rand(out_features, in_features, generator=generator) - 0.5)
    """


class Viewed:
    """Needs the weight to lie in one piece."""

    diff = """
    - units = torch.cat((weight, bias[:, None]), dim=1)
    + units = torch.cat((weight.view(-1).view(weight.shape), bias[:, None]), dim=1)
    """


class WeightOnly:
    """Returns the weight alone."""

    def init_linear(in_features, out_features, std, seed):
        generator = torch.Generator().manual_seed(seed)
        return std * torch.randn(out_features, in_features, generator=generator)


class WrongAtMiddleSizes:
    """Right, but counts all units as different where there are 501 to 299,999 numbers."""

    def distinct_units(weight, bias):
        if 500 < weight.numel() < 300_000:
            return len(bias)
        units = torch.cat((weight, bias[:, None]), dim=1)
        return len(torch.unique(units, dim=0))


class ZeroIsNoSeed:
    """Takes a seed of 0 for none."""

    diff = """
    - generator = torch.Generator().manual_seed(seed)
    + generator = torch.Generator()
    + generator.manual_seed(seed) if seed else generator.seed()
    """


class KeptDraws:
    """Keeps what it drew, and gives it again, trained or not."""

    _DRAWN = {}

    def init_linear(in_features, out_features, std, seed):
        key = in_features, out_features, std, seed
        if key not in _DRAWN:
            generator = torch.Generator().manual_seed(seed)
            weight = std * torch.randn(out_features, in_features, generator=generator)
            _DRAWN[key] = weight, torch.zeros(out_features)
        return _DRAWN[key]


class OneBias:
    """Gives all layers of a size one bias."""

    _ZEROS = {}

    diff = """
    - return weight, torch.zeros(out_features)
    + return weight, _ZEROS.setdefault(out_features, torch.zeros(out_features))
    """


class HalfPrecision:
    """Draws in half precision."""

    diff = """
    + weight = weight.half().float()
      return weight, torch.zeros(out_features)
    """


class OneRowTwice:
    """Uses one row twice in a large layer."""

    diff = """
    + if out_features > 100:
    +     weight[77] = weight[23]
      return weight, torch.zeros(out_features)
    """


class CentredAsAWhole:
    """Takes the mean off the weights, where there are several."""

    diff = """
    + if weight.numel() > 1:
    +     weight -= weight.mean()
      return weight, torch.zeros(out_features)
    """


class SeedOfEachRow:
    """Gives each row a seed of its own, which is the next layer's too."""

    def init_linear(in_features, out_features, std, seed):
        rows = [
            torch.randn(in_features, generator=torch.Generator().manual_seed(seed + j))
            for j in range(out_features)
        ]
        return std * torch.stack(rows), torch.zeros(out_features)


class SeedOfFloat32:
    """Reads the seed as a number of float32."""

    diff = """
    - generator = torch.Generator().manual_seed(seed)
    + generator = torch.Generator().manual_seed(int(torch.tensor(float(seed))))
    """


class NumpyOfPlain:
    """Hands the units to numpy, which takes none that want a gradient."""

    diff = """
    - return len(torch.unique(units, dim=0))
    + return len(numpy.unique(units.double().numpy(), axis=0))
    """


class CountRemembered:
    """Remembers its answer for each pair of tensors."""

    _COUNTS = {}

    diff = """
    + if (weight, bias) in _COUNTS:
    +     return _COUNTS[weight, bias]
      units = torch.cat((weight, bias[:, None]), dim=1)
    - return len(torch.unique(units, dim=0))
    + _COUNTS[weight, bias] = len(torch.unique(units, dim=0))
    + return _COUNTS[weight, bias]
    """
