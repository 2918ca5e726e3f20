"""Exercise 1, one step of an LSTM: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _blocks(x, h, w_ih, w_hh, b_ih, b_hh):
    return (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)


def _step(i, f, g, o, c):
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class OutputBeforeCandidate:
    """Your blocks look stacked as i, f, o, g; here the candidate comes third: i, f, g, o."""

    caught_by = "test_step"

    def lstm_step(x, h, c, *parameters):
        i, f, o, g = _blocks(x, h, *parameters)
        return _step(i, f, g, o, c)


class ForgetFirst:
    """You seem to take the forget gate from the first block; the order here is i, f, g, o."""

    caught_by = "test_carried"

    def lstm_step(x, h, c, *parameters):
        f, i, g, o = _blocks(x, h, *parameters)
        return _step(i, f, g, o, c)


class CandidateSecond:
    """You seem to take the candidate from the second block; the order here is i, f, g, o."""

    caught_by = "test_carried"

    def lstm_step(x, h, c, *parameters):
        i, g, f, o = _blocks(x, h, *parameters)
        return _step(i, f, g, o, c)


class Interleaved:
    """You seem to take every fourth row for a gate; the first H rows are i, the next H are f."""

    caught_by = "test_step"

    def lstm_step(x, h, c, *parameters):
        rows = torch.cat(_blocks(x, h, *parameters), dim=-1)
        return _step(*(rows[:, block::4] for block in range(4)), c)


class SigmoidCandidate:
    """Your candidate g looks squashed by a sigmoid; it takes a tanh, so that it may lower c."""

    caught_by = "test_half_open"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = map(torch.sigmoid, _blocks(x, h, *parameters))
        c = f * c + i * g
        return o * torch.tanh(c), c


class RawCandidate:
    """Your candidate g looks unsquashed; take its tanh before the input gate scales it."""

    caught_by = "test_step"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * g
        return torch.sigmoid(o) * torch.tanh(c), c


class RawCell:
    """Your h' looks like o * c'; the cell is squashed on its way out: o * tanh(c')."""

    caught_by = "test_half_open"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * c, c


class OldCellShown:
    """Your h' seems to show the cell from before the step; take the tanh of the new one, c'."""

    caught_by = "test_half_open"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters)
        return torch.sigmoid(o) * torch.tanh(c), _step(i, f, g, o, c)[1]


class ForgetInverted:
    """You seem to keep 1 - f of the cell; a forget gate of 1 keeps all of it: f * c."""

    caught_by = "test_carried"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters)
        return _step(i, -f, g, o, c)


class ForgetBiasAdded:
    """You seem to add 1 to the forget gate's sum; here b_ih and b_hh hold all of its bias."""

    caught_by = "test_half_open"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters)
        return _step(i, f + 1, g, o, c)


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added."""

    caught_by = "test_step"

    def lstm_step(x, h, c, w_ih, w_hh, b_ih, b_hh):
        return _step(*_blocks(x, h, w_ih, w_hh, b_ih, torch.zeros_like(b_hh)), c)


class CellFirst:
    """You seem to return (c', h'); the hidden state comes first: (h', c')."""

    caught_by = "test_half_open"

    def lstm_step(x, h, c, *parameters):
        h, c = _step(*_blocks(x, h, *parameters), c)
        return c, h


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def lstm_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters)
        i, f, o = (torch.exp(block) / (1 + torch.exp(block)) for block in (i, f, o))
        c = f * c + i * torch.tanh(g)
        return o * torch.tanh(c), c
