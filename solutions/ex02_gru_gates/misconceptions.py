"""Exercise 2, the gates of a GRU: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _sums(x, h, w_ih, w_hh, b_ih, b_hh):
    return x @ w_ih.T + b_ih + h @ w_hh.T + b_hh


class UpdateFirst:
    """You seem to return (z, r); the reset gate comes first, in the blocks and in the result."""

    caught_by = "test_gates"

    def gru_gates(*args):
        z, r = torch.sigmoid(_sums(*args)).chunk(2, dim=-1)
        return r, z


class Interleaved:
    """You seem to take every other row for a gate; the first H rows are all r, the rest all z."""

    caught_by = "test_gates"

    def gru_gates(*args):
        gates = torch.sigmoid(_sums(*args))
        return gates[:, 0::2], gates[:, 1::2]


class Unsquashed:
    """Your gates look unsquashed; a sigmoid makes them numbers between 0 and 1."""

    caught_by = "test_gates"

    def gru_gates(*args):
        r, z = _sums(*args).chunk(2, dim=-1)
        return r, z


class Tanh:
    """Your gates look squashed by tanh, which goes from -1 to 1; gates take a sigmoid."""

    caught_by = "test_gates"

    def gru_gates(*args):
        r, z = torch.tanh(_sums(*args)).chunk(2, dim=-1)
        return r, z


class Softmax:
    """Your gates look like a softmax over all units; each unit's gate is a sigmoid on its own."""

    caught_by = "test_gates"

    def gru_gates(*args):
        r, z = torch.softmax(_sums(*args), dim=-1).chunk(2, dim=-1)
        return r, z


class GatesCompete:
    """Your r and z seem to add up to 1; they do not compete, each is a sigmoid of its own block."""

    caught_by = "test_gates"

    def gru_gates(*args):
        r, z = torch.softmax(torch.stack(_sums(*args).chunk(2, dim=-1)), dim=0)
        return r, z


class InvertedUpdate:
    """Your z looks like 1 - z; here an update gate of 1 is the sigmoid at its top, as in torch."""

    caught_by = "test_gates"

    def gru_gates(*args):
        r, z = torch.sigmoid(_sums(*args)).chunk(2, dim=-1)
        return r, 1 - z


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added."""

    caught_by = "test_gates"

    def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
        r, z = torch.sigmoid(_sums(x, h, w_ih, w_hh, b_ih, 0.0)).chunk(2, dim=-1)
        return r, z


class StateForgotten:
    """Your gates seem to see only the input; they also look at the state: h @ w_hh.T."""

    caught_by = "test_gates"

    def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
        r, z = torch.sigmoid(x @ w_ih.T + b_ih + b_hh).chunk(2, dim=-1)
        return r, z


class StateReset:
    """Your z seems to see r * h; the reset gate acts on the candidate only, both gates see h."""

    caught_by = "test_gates"

    def gru_gates(x, h, *parameters):
        r = torch.sigmoid(_sums(x, h, *parameters)).chunk(2, dim=-1)[0]
        z = torch.sigmoid(_sums(x, r * h, *parameters)).chunk(2, dim=-1)[1]
        return r, z


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def gru_gates(*args):
        powers = torch.exp(_sums(*args))
        r, z = (powers / (1 + powers)).chunk(2, dim=-1)
        return r, z
