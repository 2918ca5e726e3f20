"""Exercise 23, JANET: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _blocks(x, c, w_ih, w_hh, b):
    return (x @ w_ih.T + c @ w_hh.T + b).chunk(2, dim=-1)


def _cell(s, g, c, beta):
    return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.tanh(g)


class BetaAdded:
    """You seem to add beta to s; subtract it, so that more is added than was forgotten."""

    caught_by = "test_step"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        return _cell(*_blocks(x, c, w_ih, w_hh, b), c, -beta)


class BetaInBoth:
    """You seem to subtract beta in both gates; the one that multiplies c is sigmoid(s) alone."""

    caught_by = "test_step"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return _cell(s - beta, g, c, 0)


class BetaInForget:
    """You seem to subtract beta where c is kept; it belongs to what is added: sigmoid(s - beta)."""

    caught_by = "test_step"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return torch.sigmoid(s - beta) * c + (1 - torch.sigmoid(s)) * torch.tanh(g)


class BetaIgnored:
    """Your beta seems to have no effect: what is added is (1 - sigmoid(s - beta)) * tanh(g)."""

    caught_by = "test_step"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        return _cell(*_blocks(x, c, w_ih, w_hh, b), c, 0)


class BetaFixed:
    """Your step looks right for beta = 1 only; use the argument in place of the number."""

    caught_by = "test_beta"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        return _cell(*_blocks(x, c, w_ih, w_hh, b), c, 1)


class BetaOrOne:
    """Your beta of 0 seems to be taken for none: `beta or 1.0` is 1.0 there; 0 is a number too."""

    caught_by = "test_beta"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        return _cell(*_blocks(x, c, w_ih, w_hh, b), c, beta or 1.0)


class BetaOutside:
    """You seem to subtract beta from the gate, after the sigmoid; subtract it from s, before."""

    caught_by = "test_step"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return torch.sigmoid(s) * c + (1 - (torch.sigmoid(s) - beta)) * torch.tanh(g)


class NotTheRest:
    """You seem to add sigmoid(s - beta) of the candidate; add the rest, 1 - sigmoid(s - beta)."""

    caught_by = "test_carried"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return torch.sigmoid(s) * c + torch.sigmoid(s - beta) * torch.tanh(g)


class GateInverted:
    """You seem to keep 1 - sigmoid(s) of the cell; a gate of 1 keeps all of it."""

    caught_by = "test_carried"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return (1 - torch.sigmoid(s)) * c + torch.sigmoid(s - beta) * torch.tanh(g)


class RawCandidate:
    """Your candidate looks unsquashed; take tanh(g) before it is added."""

    caught_by = "test_replaced"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * g


class SigmoidCandidate:
    """Your candidate looks squashed by a sigmoid; it takes a tanh, so that it may lower c."""

    caught_by = "test_replaced"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        return torch.sigmoid(s) * c + (1 - torch.sigmoid(s - beta)) * torch.sigmoid(g)


class CandidateFirst:
    """Your blocks look stacked as g, s; the gate's block comes first here, then the candidate's."""

    caught_by = "test_carried"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        g, s = _blocks(x, c, w_ih, w_hh, b)
        return _cell(s, g, c, beta)


class Interleaved:
    """You seem to take every other row for the gate; the first H rows are the gate's."""

    caught_by = "test_step"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        rows = torch.cat(_blocks(x, c, w_ih, w_hh, b), dim=-1)
        return _cell(rows[:, ::2], rows[:, 1::2], c, beta)


class CellSquashed:
    """Your c' looks squashed at the end; JANET has no output gate: return the sum as it is."""

    caught_by = "test_carried"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        return torch.tanh(_cell(*_blocks(x, c, w_ih, w_hh, b), c, beta))


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def janet_step(x, c, w_ih, w_hh, b, beta=1.0):
        s, g = _blocks(x, c, w_ih, w_hh, b)
        kept, rest = (torch.exp(a) / (1 + torch.exp(a)) for a in (s, s - beta))
        return kept * c + (1 - rest) * torch.tanh(g)
