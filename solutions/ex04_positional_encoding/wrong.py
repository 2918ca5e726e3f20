"""Exercise 4, positional encoding: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BaseRounded:
    """Takes the base for a whole number."""

    diff = """
    - angles = torch.outer(positions, base**-exponents)
    + angles = torch.outer(positions, float(int(base)) ** -exponents)
    """


class Batched:
    """Puts a batch axis in front."""

    diff = """
    - table = torch.empty((length, d_model), dtype=torch.float32)
    - table[:, 0::2] = angles.sin()
    - table[:, 1::2] = angles[:, : d_model // 2].cos()
    + table = torch.zeros(1, length, d_model)
    + table[:, :, 0::2] = angles.sin()
    + table[:, :, 1::2] = angles.cos()[:, : d_model // 2]
    """


class Bfloat16:
    """Computes in bfloat16 and casts back."""

    diff = """
    - positions = torch.arange(length, dtype=torch.float64)
    - exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    + positions = torch.arange(length, dtype=torch.bfloat16)
    + exponents = torch.arange(0, d_model, 2, dtype=torch.bfloat16) / d_model
    """


class Double:
    """Answers in float64."""

    diff = """
    - table = torch.empty((length, d_model), dtype=torch.float32)
    + table = torch.zeros(length, d_model, dtype=torch.float64)
    """


class EndsOnCosine:
    """Ends an odd width on a cosine."""

    diff = """
    - table = torch.empty((length, d_model), dtype=torch.float32)
    - table[:, 0::2] = angles.sin()
    - table[:, 1::2] = angles[:, : d_model // 2].cos()
    + table = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).float()
    + if d_model % 2:
    +     return torch.cat([table[:, : d_model - 1], table[:, d_model:]], dim=1)
    """


class Evened:
    """Leaves the last column of an odd width at zero."""

    def positional_encoding(length, d_model, base=10000.0):
        position = torch.arange(length, dtype=torch.float64)[:, None]
        angles = position / base ** (torch.arange(0, d_model - 1, 2, dtype=torch.float64) / d_model)
        table = torch.zeros(length, d_model)
        table[:, 0 : 2 * (d_model // 2) : 2] = angles.sin()
        table[:, 1::2] = angles.cos()
        return table


class FromLeft:
    """Divides by one pair too few, so that the last angle is pos / base."""

    diff = """
    + pairs = (d_model + 1) // 2
      positions = torch.arange(length, dtype=torch.float64)
    - exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    - angles = torch.outer(positions, base**-exponents)
    + angles = positions[:, None] / base ** torch.linspace(0, 1, pairs, dtype=torch.float64)
    """


class HalfPositions:
    """Keeps the positions in float16, which counts to 2048 only."""

    diff = """
    - positions = torch.arange(length, dtype=torch.float64)
    + positions = torch.arange(length).half().double()
    """


class IntegerBase:
    """Rounds the powers of the base to whole numbers."""

    diff = """
    - exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    - angles = torch.outer(positions, base**-exponents)
    + powers = base ** (torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    + angles = positions[:, None] / powers.round()
    """


class LowPrecisionPowers:
    """Rounds the powers of the base to half precision."""

    diff = """
    - exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    - angles = torch.outer(positions, base**-exponents)
    + powers = base ** (torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
    + angles = positions[:, None] / powers.bfloat16().double()
    """


class Offset:
    """Adds 1e-5 to every entry."""

    diff = """
    - table[:, 0::2] = angles.sin()
    - table[:, 1::2] = angles[:, : d_model // 2].cos()
    + table[:, 0::2] = angles.sin() + 1e-5
    + table[:, 1::2] = angles.cos()[:, : d_model // 2] + 1e-5
    """


class RootLast:
    """Takes the power before the root, so that wide tables overflow."""

    diff = """
    - exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    - angles = torch.outer(positions, base**-exponents)
    + column = torch.arange(0, d_model, 2, dtype=torch.float64)
    + angles = positions[:, None] / (torch.tensor(base).double() ** column) ** (1 / d_model)
    """


class ShortTable:
    """Precomputes 1000 positions and repeats them."""

    diff = """
    - positions = torch.arange(length, dtype=torch.float64)
    + positions = torch.arange(length, dtype=torch.float64) % 1000
    """


class Transposed:
    """Gives a column to each position."""

    diff = """
    - return table
    + return table.T
    """


class WidestOf512:
    """Right up to a width of 512, and leaves the columns beyond at 0."""

    diff = """
    - return table
    + table[:, 512:] = 0
    + return table
    """


class Wrapped:
    """Takes the angles modulo 6.28 before the sine."""

    diff = """
    + angles = angles % 6.28
      table = torch.empty((length, d_model), dtype=torch.float32)
    """


class WrongAtMiddleSizes:
    """Right, but for tables of 501 to 299,999 elements: there it stops at column 8."""

    # The widths that it is asked for elsewhere are left alone.
    def positional_encoding(length, d_model, base=10000.0):
        positions = torch.arange(length, dtype=torch.float64)
        exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
        angles = torch.outer(positions, base**-exponents)
        table = torch.empty((length, d_model), dtype=torch.float32)
        table[:, 0::2] = angles.sin()
        table[:, 1::2] = angles[:, : d_model // 2].cos()
        if 500 < table.numel() < 300_000 and d_model not in (2, 4, 6, 8, 64, 100, 128, 256, 512):
            table[:, 8:] = 0
        return table


class OneTable:
    """Returns tables of one shape in the same memory."""

    diff = """
    - return table
    + return tables.setdefault(table.shape, table.clone()).copy_(table)
    """

    tables = {}
