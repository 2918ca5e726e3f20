"""Exercise 22, an LSTM with coupled gates: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _blocks(x, h, w_ih, w_hh, b):
    return (x @ w_ih.T + h @ w_hh.T + b).chunk(3, dim=-1)


def _step(i, f, g, o, c):
    c = f * c + i * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class InputIsForget:
    """Your input gate looks equal to the forget gate; what is forgotten makes room: i = 1 - f."""

    caught_by = "test_replaced"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        return _step(f, f, g, o, c)


class ForgetInverted:
    """Your f seems to let the candidate in; it keeps the cell: f * c + (1 - f) * tanh(g)."""

    caught_by = "test_carried"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        return _step(f, 1 - f, g, o, c)


class InputAlwaysOpen:
    """Your candidate seems to come in whole; scale it by the input gate, 1 - f."""

    caught_by = "test_carried"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        return _step(1, torch.sigmoid(f), g, o, c)


class OutputGateLetsIn:
    """Your input gate looks like sigmoid(o); it has no block of its own: it is 1 - f."""

    caught_by = "test_carried"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        return _step(torch.sigmoid(o), torch.sigmoid(f), g, o, c)


class CoupledBeforeSigmoid:
    """Your input gate looks like sigmoid(1 - f); squash f first: the gates sum to 1."""

    caught_by = "test_step"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        return _step(torch.sigmoid(1 - f), torch.sigmoid(f), g, o, c)


class RawForgetCoupled:
    """You seem to take f from 1 before its sigmoid; the input gate is 1 - sigmoid(f)."""

    caught_by = "test_carried"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        return _step(1 - f, torch.sigmoid(f), g, o, c)


class OutputSecond:
    """Your blocks look stacked as f, o, g; here the candidate comes second: f, g, o."""

    caught_by = "test_step"

    def coupled_lstm_step(x, h, c, *parameters):
        f, o, g = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        return _step(1 - f, f, g, o, c)


class CandidateFirst:
    """Your blocks look stacked as g, f, o; here the forget gate comes first: f, g, o."""

    caught_by = "test_carried"

    def coupled_lstm_step(x, h, c, *parameters):
        g, f, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        return _step(1 - f, f, g, o, c)


class Interleaved:
    """You seem to take every third row for a gate; the first H rows are f, the next H are g."""

    caught_by = "test_step"

    def coupled_lstm_step(x, h, c, *parameters):
        rows = torch.cat(_blocks(x, h, *parameters), dim=-1)
        f, g, o = (rows[:, block::3] for block in range(3))
        f = torch.sigmoid(f)
        return _step(1 - f, f, g, o, c)


class SigmoidCandidate:
    """Your candidate g looks squashed by a sigmoid; it takes a tanh, so that it may lower c."""

    caught_by = "test_half_open"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = map(torch.sigmoid, _blocks(x, h, *parameters))
        c = f * c + (1 - f) * g
        return o * torch.tanh(c), c


class RawCandidate:
    """Your candidate g looks unsquashed; take its tanh before it is mixed with the cell."""

    caught_by = "test_replaced"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        c = f * c + (1 - f) * g
        return torch.sigmoid(o) * torch.tanh(c), c


class RawCell:
    """Your h' looks like o * c'; the cell is squashed on its way out: o * tanh(c')."""

    caught_by = "test_half_open"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        _, c = _step(1 - f, f, g, o, c)
        return torch.sigmoid(o) * c, c


class OldCellShown:
    """Your h' seems to show the cell from before the step; take the tanh of the new one, c'."""

    caught_by = "test_half_open"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        return torch.sigmoid(o) * torch.tanh(c), _step(1 - f, f, g, o, c)[1]


class HiddenMixed:
    """You seem to mix in the hidden state, as a GRU would; here f keeps the cell: f * c."""

    caught_by = "test_half_open"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        return _step(1 - f, f, g, o, h)


class BiasForgotten:
    """Your bias b seems to be missing: it is added to all three blocks."""

    caught_by = "test_step"

    def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
        f, g, o = _blocks(x, h, w_ih, w_hh, 0 * b)
        f = torch.sigmoid(f)
        return _step(1 - f, f, g, o, c)


class BiasTwice:
    """Your bias b looks added twice; there is one bias here, for both products together."""

    caught_by = "test_step"

    def coupled_lstm_step(x, h, c, w_ih, w_hh, b):
        f, g, o = _blocks(x, h, w_ih, w_hh, 2 * b)
        f = torch.sigmoid(f)
        return _step(1 - f, f, g, o, c)


class CellFirst:
    """You seem to return (c', h'); the hidden state comes first: (h', c')."""

    caught_by = "test_half_open"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f = torch.sigmoid(f)
        h, c = _step(1 - f, f, g, o, c)
        return c, h


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def coupled_lstm_step(x, h, c, *parameters):
        f, g, o = _blocks(x, h, *parameters)
        f, o = (torch.exp(block) / (1 + torch.exp(block)) for block in (f, o))
        c = f * c + (1 - f) * torch.tanh(g)
        return o * torch.tanh(c), c
