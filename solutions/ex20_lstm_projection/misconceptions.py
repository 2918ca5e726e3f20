"""Exercise 20, an LSTM with a projection: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _blocks(x, h, w_ih, w_hh, b_ih, b_hh):
    return (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)


def _cell(i, f, g, c):
    return torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)


def _step(i, f, g, o, c, w_hr):
    c = _cell(i, f, g, c)
    return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, c


class NotProjected:
    """Your h' looks like o * tanh(c'), with H columns; project it with w_hr, to P columns."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        i, f, g, o = _blocks(x, h, *parameters[:-1])
        c = _cell(i, f, g, c)
        return torch.sigmoid(o) * torch.tanh(c), c


class CellProjected:
    """You seem to project the cell as well; only h' is projected, and c' keeps its H columns."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        h, c = _step(*_blocks(x, h, *parameters), c, w_hr)
        return h, c @ w_hr.T


class ProjectedBeforeGate:
    """You seem to project the cell before the output gate; gate first: w_hr (o * tanh(c'))."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        c = _cell(i, f, g, c)
        return torch.sigmoid(o) * (torch.tanh(c) @ w_hr.T), c


class ProjectedBeforeTanh:
    """You seem to project the raw cell; take its tanh first: w_hr (o * tanh(c'))."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        c = _cell(i, f, g, c)
        return torch.tanh((torch.sigmoid(o) * c) @ w_hr.T), c


class TanhAfterProjection:
    """You seem to take a tanh after the projection too; the projection is linear and comes last."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        h, c = _step(*_blocks(x, h, *parameters), c, w_hr)
        return torch.tanh(h), c


class RawCell:
    """You seem to project o * c'; the cell is squashed on its way out: o * tanh(c')."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        c = _cell(i, f, g, c)
        return (torch.sigmoid(o) * c) @ w_hr.T, c


class OldCellShown:
    """You seem to show the cell from before the step; take the tanh of the new one, c'."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr.T, _cell(i, f, g, c)


class ProjectionTransposed:
    """You seem to multiply by w_hr as it is; it is (P, H), so rows are multiplied by w_hr.T."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        c = _cell(i, f, g, c)
        return (torch.sigmoid(o) * torch.tanh(c)) @ w_hr, c


class ProjectionReshaped:
    """Your w_hr looks reshaped to (H, P), which scrambles its entries; transpose it: w_hr.T."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        return _step(*_blocks(x, h, *parameters), c, w_hr.reshape(w_hr.shape[::-1]).T)


class CellFirst:
    """You seem to return (c', h'); the hidden state comes first: (h', c')."""

    caught_by = "test_half_open"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        h, c = _step(*_blocks(x, h, *parameters), c, w_hr)
        return c, h


class OutputBeforeCandidate:
    """Your blocks look stacked as i, f, o, g; here the candidate comes third: i, f, g, o."""

    caught_by = "test_step"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, o, g = _blocks(x, h, *parameters)
        return _step(i, f, g, o, c, w_hr)


class ForgetFirst:
    """You seem to take the forget gate from the first block; the order here is i, f, g, o."""

    caught_by = "test_carried"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        f, i, g, o = _blocks(x, h, *parameters)
        return _step(i, f, g, o, c, w_hr)


class ForgetInverted:
    """You seem to keep 1 - f of the cell; a forget gate of 1 keeps all of it: f * c."""

    caught_by = "test_carried"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        return _step(i, -f, g, o, c, w_hr)


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added."""

    caught_by = "test_step"

    def lstm_projection_step(x, h, c, w_ih, w_hh, b_ih, b_hh, w_hr):
        return _step(*_blocks(x, h, w_ih, w_hh, b_ih, torch.zeros_like(b_hh)), c, w_hr)


class OverflowingSigmoid:
    """Your sigmoid overflows: exp(a) / (1 + exp(a)) is inf / inf for a large a; torch.sigmoid knows
    how to avoid it."""

    caught_by = "test_saturated"

    def lstm_projection_step(x, h, c, *parameters):
        *parameters, w_hr = parameters
        i, f, g, o = _blocks(x, h, *parameters)
        i, f, o = (torch.exp(block) / (1 + torch.exp(block)) for block in (i, f, o))
        c = f * c + i * torch.tanh(g)
        return (o * torch.tanh(c)) @ w_hr.T, c
