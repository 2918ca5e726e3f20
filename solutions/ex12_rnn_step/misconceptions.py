"""Exercise 12, one step of a recurrent network: what people really write, and the sentence that
helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _sum(x, h, w_ih, w_hh, b_ih, b_hh):
    return x @ w_ih.T + b_ih + h @ w_hh.T + b_hh


class SigmoidForTanh:
    """Your state looks squashed by a sigmoid; it takes a tanh, which can be negative too."""

    caught_by = "test_zeros"

    def rnn_step(*case):
        return torch.sigmoid(_sum(*case))


class ReluForTanh:
    """Your state looks like a relu, never negative and without a bound; take the tanh instead."""

    caught_by = "test_step"

    def rnn_step(*case):
        return torch.relu(_sum(*case))


class Unsquashed:
    """Your state looks like the bare sum; take its tanh at the end."""

    caught_by = "test_step"

    def rnn_step(*case):
        return _sum(*case)


class SquashedApart:
    """You seem to squash the input's part and the state's part apart; add them up first, then take
    one tanh."""

    caught_by = "test_step"

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih) + torch.tanh(h @ w_hh.T + b_hh)


class StateNotTransposed:
    """Your product with the state looks like h @ w_hh, which fits since w_hh is square; row i of
    w_hh belongs to the new unit i: h @ w_hh.T."""

    caught_by = "test_step"

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh + b_hh)


class ReshapedWeights:
    """Your w_ih looks reshaped to (D, H), which moves its entries to other places; transpose it:
    w_ih.T."""

    caught_by = "test_step"

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.reshape(x.shape[1], -1) + b_ih + h @ w_hh.T + b_hh)


class StateNotRead:
    """Your step does not seem to read the state h: its product with w_hh belongs to the sum."""

    caught_by = "test_step"

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + b_hh)


class StateAdded:
    """You seem to add the old state to the new one; here the tanh alone is the next state."""

    caught_by = "test_zeros"

    def rnn_step(x, h, *parameters):
        return h + torch.tanh(_sum(x, h, *parameters))


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added."""

    caught_by = "test_step"

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T)


class InputBiasForgotten:
    """Your b_ih seems to be missing: both biases are added."""

    caught_by = "test_step"

    def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
        return torch.tanh(x @ w_ih.T + h @ w_hh.T + b_hh)


class OverflowingTanh:
    """Your tanh overflows: with exp(a) and exp(-a), a large a gives inf / inf; torch.tanh knows how
    to avoid it."""

    caught_by = "test_saturated"

    def rnn_step(*case):
        up, down = torch.exp(_sum(*case)), torch.exp(-_sum(*case))
        return (up - down) / (up + down)
