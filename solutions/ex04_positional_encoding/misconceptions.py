"""Exercise 4, positional encoding: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import math

import torch


def _interleaved(sines, cosines, d_model):
    table = torch.empty((sines.shape[0], d_model), dtype=torch.float32)
    table[:, 0::2] = sines
    table[:, 1::2] = cosines[:, : d_model // 2]
    return table


def _angles(length, exponents, base):
    return torch.outer(torch.arange(length, dtype=torch.float64), base**-exponents)


def _even(d_model):
    return torch.arange(0, d_model, 2, dtype=torch.float64)


class Halves:
    """You put all sines first and all cosines after them; they take turns, column by column."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / d_model, base)
        return torch.cat([angles.sin(), angles[:, : d_model // 2].cos()], dim=1).float()


class Swapped:
    """Your cosines stand where the sines belong: even columns are sines, odd ones cosines."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / d_model, base)
        return _interleaved(angles.cos(), angles.sin(), d_model)


class OwnAngles:
    """Your cosines have angles of their own; columns 2i and 2i + 1 share the one of 2i."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, torch.arange(d_model, dtype=torch.float64) / d_model, base)
        return torch.where(torch.arange(d_model) % 2 == 0, angles.sin(), angles.cos()).float()


class TwiceTheColumn:
    """Your exponent looks doubled: 2i is the number of the even column itself, not twice that."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, 2 * _even(d_model) / d_model, base)
        return _interleaved(angles.sin(), angles.cos(), d_model)


class TwiceTheOwnColumn:
    """Your exponents look like 2 * column / d_model; columns 2i and 2i + 1 share 2i / d_model."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, 2 * torch.arange(d_model, dtype=torch.float64) / d_model, base)
        return torch.where(torch.arange(d_model) % 2 == 0, angles.sin(), angles.cos()).float()


class HalfTheColumn:
    """Your exponent looks like i / d_model; it is 2i / d_model, so it runs from 0 nearly to 1."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / 2 / d_model, base)
        return _interleaved(angles.sin(), angles.cos(), d_model)


class Multiplied:
    """Your angles grow along the row: divide the position by base^(2i / d_model)."""

    caught_by = "test_formula"

    # In float32, as it is usually written: angles as large as these show the difference.
    def positional_encoding(length, d_model, base=10000.0):
        powers = torch.pow(base, torch.arange(0, d_model, 2, dtype=torch.float32) / d_model)
        angles = torch.arange(length, dtype=torch.float32)[:, None] * powers
        return _interleaved(angles.sin(), angles.cos(), d_model)


class MinusForgotten:
    """Your angles grow along the row: the exponential of -2i / d_model * log(base) has a minus."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        powers = torch.exp(torch.arange(0, d_model, 2).float() * (math.log(base) / d_model))
        angles = torch.arange(length, dtype=torch.float32)[:, None] * powers
        return _interleaved(angles.sin(), angles.cos(), d_model)


class NoPower:
    """You seem to divide by base * 2i / d_model; 2i / d_model is an exponent of the base."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        positions = torch.arange(length, dtype=torch.float64)
        scales = (base * _even(d_model) / d_model).clamp(min=1.0)
        angles = torch.outer(positions, 1 / scales)
        return _interleaved(angles.sin(), angles.cos(), d_model)


class NaturalExponential:
    """Your base seems to be e; exp(-2i / d_model * log(base)) is base^(-2i / d_model)."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / d_model, math.e)
        return _interleaved(angles.sin(), angles.cos(), d_model)


class FromOne:
    """Your positions seem to start at 1; the first row is position 0."""

    caught_by = "test_start"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length + 1, _even(d_model) / d_model, base)[1:]
        return _interleaved(angles.sin(), angles.cos(), d_model)


class ShareOfLength:
    """You divide positions by the length; a row must not depend on how long the table is."""

    caught_by = "test_formula"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / d_model, base) / length
        return _interleaved(angles.sin(), angles.cos(), d_model)


class FixedBase:
    """Your table always uses 10000; use the argument `base`."""

    caught_by = "test_base"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / d_model, 10000.0)
        return _interleaved(angles.sin(), angles.cos(), d_model)


class EvenOnly:
    """With an odd d_model there is one cosine fewer than sines; leave the last angle's out."""

    caught_by = "test_odd_width"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / d_model, base)
        table = torch.empty((length, d_model), dtype=torch.float32)
        table[:, 0::2] = angles.sin()
        table[:, 1::2] = angles.cos()
        return table


class RoundedUp:
    """With an odd d_model you seem to divide by d_model + 1; drop a column only at the end."""

    caught_by = "test_odd_width"

    def positional_encoding(length, d_model, base=10000.0):
        angles = _angles(length, _even(d_model) / (d_model + d_model % 2), base)
        return _interleaved(angles.sin(), angles.cos(), d_model)
