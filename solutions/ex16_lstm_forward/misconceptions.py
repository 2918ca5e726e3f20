"""Exercise 16, an LSTM through time, and its output layer: what people really write.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _gated(i, f, g, o, c):
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def _in_order(x, state, parameters, order):
    """The forward with the blocks taken in another order, `order[k]` for gate k of i, f, g, o."""
    w_ih, w_hh, b_ih, b_hh = (
        torch.cat([parameter.chunk(4)[block] for block in order]) for parameter in parameters
    )
    h, c = state
    output = []
    for step in x:
        h, c = _gated(*(step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1), c)
        output.append(h)
    return torch.stack(output), (h, c)


def _states(x, state, w_ih, w_hh, b_ih, b_hh, carries="hc"):
    """The hidden states and the cells after every step, lists; `carries` says what is handed on."""
    h, c = state
    hiddens, cells = [], []
    for step in x:
        blocks = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
        h_next, c_next = _gated(*blocks, c)
        hiddens.append(h_next)
        cells.append(c_next)
        h = h_next if "h" in carries else h
        c = c_next if "c" in carries else c
    return hiddens, cells


class OutputBeforeCandidate:
    """Your blocks look stacked as i, f, o, g; here the candidate comes third: i, f, g, o."""

    caught_by = "test_forward"

    def lstm_forward(x, state, *parameters):
        return _in_order(x, state, parameters, (0, 1, 3, 2))


class ForgetFirst:
    """You seem to take the forget gate from the first block; the order here is i, f, g, o."""

    caught_by = "test_forward"

    def lstm_forward(x, state, *parameters):
        return _in_order(x, state, parameters, (1, 0, 2, 3))


class CandidateSecond:
    """You seem to take the candidate from the second block; the order here is i, f, g, o."""

    caught_by = "test_forward"

    def lstm_forward(x, state, *parameters):
        return _in_order(x, state, parameters, (0, 2, 1, 3))


class StateNotCarried:
    """Every step of yours seems to begin with the first cell; hand on both h and c to the next."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters, carries="")
        return torch.stack(hiddens), (hiddens[-1], cells[-1])


class HiddenNotCarried:
    """Your gates seem to see the first hidden state at every step; hand on h as well as c."""

    caught_by = "test_forward"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters, carries="c")
        return torch.stack(hiddens), (hiddens[-1], cells[-1])


class StateIgnored:
    """You seem to begin with a state of zeros; begin with the one that you are given."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, tuple(map(torch.zeros_like, state)), *parameters)
        return torch.stack(hiddens), (hiddens[-1], cells[-1])


class CellFirst:
    """You seem to unpack the state as (c, h); the hidden state comes first: (h, c)."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state[::-1], *parameters)
        return torch.stack(hiddens), (hiddens[-1], cells[-1])


class CellFirstReturned:
    """Your last state looks like (c_n, h_n); the hidden state comes first: (h_n, c_n)."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters)
        return torch.stack(hiddens), (cells[-1], hiddens[-1])


class CellsAsOutput:
    """Your output seems to hold the cells; what a step shows is its hidden state h."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters)
        return torch.stack(cells), (hiddens[-1], cells[-1])


class OutputForCell:
    """Your c_n looks like the last output; only h_n is, and c_n is the cell after the last step."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, _ = _states(x, state, *parameters)
        return torch.stack(hiddens), (hiddens[-1], hiddens[-1])


class StatesBefore:
    """Your output seems to begin with the state before the first step; append h after each step."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters)
        return torch.stack([state[0], *hiddens[:-1]]), (hiddens[-1], cells[-1])


class AllCells:
    """You seem to return the cells of all steps as c_n; it is the last one only, (N, H)."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters)
        return torch.stack(hiddens), (hiddens[-1], torch.stack(cells))


class LayerAxis:
    """Your h_n and c_n have an axis for layers, as those of nn.LSTM; here each is (N, H)."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters)
        return torch.stack(hiddens), (hiddens[-1][None], cells[-1][None])


class BatchFirstOutput:
    """Your output looks stacked as (N, T, H); time is its first axis: torch.stack(..., dim=0)."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x, state, *parameters)
        return torch.stack(hiddens, dim=1), (hiddens[-1], cells[-1])


class BatchFirstInput:
    """You seem to walk through x along the batch; its axes are (T, N, D), time first."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x.transpose(0, 1), state, *parameters)
        return torch.stack(hiddens, dim=1), (hiddens[-1], cells[-1])


class BackInTime:
    """You seem to read the sequence from its end; begin with x[0]."""

    caught_by = "test_forward"

    def lstm_forward(x, state, *parameters):
        hiddens, cells = _states(x.flip(0), state, *parameters)
        return torch.stack(hiddens), (hiddens[-1], cells[-1])


class SigmoidCandidate:
    """Your candidate g looks squashed by a sigmoid; it takes a tanh, so that it may lower c."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
        h, c = state
        output = []
        for step in x:
            blocks = step @ w_ih.T + b_ih + h @ w_hh.T + b_hh
            i, f, g, o = torch.sigmoid(blocks).chunk(4, dim=-1)
            c = f * c + i * g
            h = o * torch.tanh(c)
            output.append(h)
        return torch.stack(output), (h, c)


class RawCell:
    """Your h looks like o * c; the cell is squashed on its way out: o * tanh(c)."""

    caught_by = "test_half_open"

    def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
        h, c = state
        output = []
        for step in x:
            i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
            _, c = _gated(i, f, g, o, c)
            h = torch.sigmoid(o) * c
            output.append(h)
        return torch.stack(output), (h, c)


class BatchMajor:
    """Your rows look sorted by sample; those of one step belong together: row t * N + n."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return (output.transpose(0, 1) @ w_hq + b_q).flatten(0, 1)


class WeightTransposed:
    """You seem to transpose w_hq; it is (H, V) already, not (V, H) as the weight of nn.Linear."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq.T + b_q).flatten(0, 1)


class BiasForgotten:
    """Your b_q seems to be missing: it is added to every row."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq).flatten(0, 1)


class NotFlattened:
    """Your logits still have an axis for time; flatten the first two axes to (T*N, V)."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return output @ w_hq + b_q


class LastStepOnly:
    """You seem to give the logits of the last step alone; every step has its own."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return output[-1] @ w_hq + b_q


class Probabilities:
    """Your output layer seems to end in a softmax; leave the logits as they are."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return torch.softmax(output @ w_hq + b_q, dim=-1).flatten(0, 1)


class LogProbabilities:
    """Your output layer seems to end in a log_softmax; leave the logits as they are."""

    caught_by = "test_logits"

    def output_layer(output, w_hq, b_q):
        return torch.log_softmax(output @ w_hq + b_q, dim=-1).flatten(0, 1)
