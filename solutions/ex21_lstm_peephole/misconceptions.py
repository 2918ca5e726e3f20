"""Exercise 21, an LSTM with peepholes: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _blocks(x, h, w_ih, w_hh, b):
    return (x @ w_ih.T + h @ w_hh.T + b).chunk(4, dim=-1)


def _step(i, f, g, o, c, p_i, p_f, p_o):
    c_next = torch.sigmoid(f + p_f * c) * c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
    return torch.sigmoid(o + p_o * c_next) * torch.tanh(c_next), c_next


class NoPeepholes:
    """Your gates seem not to see the cell: add p_i * c, p_f * c and p_o * c' before the sigmoid."""

    caught_by = "test_new_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        return _step(*_blocks(x, h, w_ih, w_hh, b), c, 0 * p_i, 0 * p_f, 0 * p_o)


class OutputSeesOldCell:
    """Your output gate seems to see the old cell; it comes last and sees the new one: p_o * c'."""

    caught_by = "test_new_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        return _step(i, f, g, o + p_o * c, c, p_i, p_f, 0 * p_o)


class OutputSeesSquashedCell:
    """Your output gate seems to see tanh(c'); its peephole looks at the cell as it is: p_o * c'."""

    caught_by = "test_new_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        _, c = _step(i, f, g, o, c, p_i, p_f, p_o)
        return torch.sigmoid(o + p_o * torch.tanh(c)) * torch.tanh(c), c


class OutputPeepholeForgotten:
    """Your output gate seems to see no cell: add p_o * c' to it, once c' is there."""

    caught_by = "test_new_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        return _step(*_blocks(x, h, w_ih, w_hh, b), c, p_i, p_f, 0 * p_o)


class InputSeesKeptCell:
    """Your input gate seems to see the cell after forgetting, f * c; both i and f see the old c."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        c = torch.sigmoid(f + p_f * c) * c
        c = c + torch.sigmoid(i + p_i * c) * torch.tanh(g)
        return torch.sigmoid(o + p_o * c) * torch.tanh(c), c


class InputSeesNewCell:
    """Your input gate seems to see a new cell, computed without its peephole; it sees the old c."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        _, c_next = _step(i, f, g, o, c, 0 * p_i, p_f, p_o)
        return _step(i + p_i * (c_next - c), f, g, o, c, p_i, p_f, p_o)


class AllSeeNewCell:
    """Your gates i and f seem to see a new cell, computed without peepholes; they see the old c."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        _, c_next = _step(i, f, g, o, c, 0 * p_i, 0 * p_f, p_o)
        i, f = i + p_i * c_next, f + p_f * c_next
        return _step(i, f, g, o, c, 0 * p_i, 0 * p_f, p_o)


class PeepholeAfterSigmoid:
    """Your peepholes look added after the sigmoid; add them before it: sigmoid(i + p_i * c)."""

    caught_by = "test_new_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        c_next = (torch.sigmoid(f) + p_f * c) * c + (torch.sigmoid(i) + p_i * c) * torch.tanh(g)
        return (torch.sigmoid(o) + p_o * c_next) * torch.tanh(c_next), c_next


class PeepholeMultiplied:
    """You seem to multiply the gates by the peepholes; a peephole is one more term of the sum."""

    caught_by = "test_new_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        c_next = torch.sigmoid(f * p_f * c) * c + torch.sigmoid(i * p_i * c) * torch.tanh(g)
        return torch.sigmoid(o * p_o * c_next) * torch.tanh(c_next), c_next


class SquashedCellSeen:
    """Your peepholes seem to see tanh of the cell; they look at the cell itself: p * c."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        seen = torch.tanh(c)
        _, c = _step(i + p_i * seen, f + p_f * seen, g, o, c, 0 * p_i, 0 * p_f, p_o)
        return torch.sigmoid(o + p_o * torch.tanh(c)) * torch.tanh(c), c


class HiddenSeen:
    """Your peepholes of i and f seem to see the hidden state h; they look behind it, at c."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        return _step(i + p_i * h, f + p_f * h, g, o, c, 0 * p_i, 0 * p_f, p_o)


class PeepholesSwapped:
    """The peepholes of i and f look swapped: p_i goes to the input gate, p_f to the forget gate."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        return _step(*_blocks(x, h, w_ih, w_hh, b), c, p_f, p_i, p_o)


class SummedOverUnits:
    """Your peepholes seem to sum over the units, like a dot product; unit k sees cell k alone."""

    caught_by = "test_old_cell"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        i, f = i + (c @ p_i)[:, None], f + (c @ p_f)[:, None]
        _, c = _step(i, f, g, o, c, 0 * p_i, 0 * p_f, p_o)
        return torch.sigmoid(o + (c @ p_o)[:, None]) * torch.tanh(c), c


class OutputBeforeCandidate:
    """Your blocks look stacked as i, f, o, g; here the candidate comes third: i, f, g, o."""

    caught_by = "test_plain"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, *peepholes):
        i, f, o, g = _blocks(x, h, w_ih, w_hh, b)
        return _step(i, f, g, o, c, *peepholes)


class ForgetFirst:
    """You seem to take the forget gate from the first block; the order here is i, f, g, o."""

    caught_by = "test_plain"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, *peepholes):
        f, i, g, o = _blocks(x, h, w_ih, w_hh, b)
        return _step(i, f, g, o, c, *peepholes)


class BiasForgotten:
    """Your bias b seems to be missing: it is added to all four blocks."""

    caught_by = "test_plain"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, *peepholes):
        return _step(*_blocks(x, h, w_ih, w_hh, 0 * b), c, *peepholes)


class BiasTwice:
    """Your bias b looks added twice; there is one bias here, for both products together."""

    caught_by = "test_plain"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, *peepholes):
        return _step(*_blocks(x, h, w_ih, w_hh, 2 * b), c, *peepholes)


class CellFirst:
    """You seem to return (c', h'); the hidden state comes first: (h', c')."""

    caught_by = "test_half_open"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, *peepholes):
        h, c = _step(*_blocks(x, h, w_ih, w_hh, b), c, *peepholes)
        return c, h


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def peephole_lstm_step(x, h, c, w_ih, w_hh, b, p_i, p_f, p_o):
        i, f, g, o = _blocks(x, h, w_ih, w_hh, b)
        i, f = torch.exp(i + p_i * c), torch.exp(f + p_f * c)
        c = f / (1 + f) * c + i / (1 + i) * torch.tanh(g)
        o = torch.exp(o + p_o * c)
        return o / (1 + o) * torch.tanh(c), c
