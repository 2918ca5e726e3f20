"""Exercise 19, both directions of time: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _both(x, h0, forward, backward):
    """The states of the forward and of the backward direction, both in the order of time."""
    return _rnn(x, h0[0], *forward)[0], _rnn(x.flip(0), h0[1], *backward)[0].flip(0)


def _result(ahead, back):
    """The right result, of the directions' states in the order of time."""
    return torch.cat((ahead, back), dim=-1), torch.stack((ahead[-1], back[0]))


class NotTurnedBack:
    """Your backward states look left in the order of reading; turn them round again, so that
    output[t] has both states of step t."""

    caught_by = "test_both"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, back = _both(x, h0, forward, backward)
        return torch.cat((ahead, back.flip(0)), dim=-1), _result(ahead, back)[1]


class LastOutputs:
    """Your h_n looks like the last output; the backward direction ends at the first step, t = 0."""

    caught_by = "test_ends"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, back = _both(x, h0, forward, backward)
        return torch.cat((ahead, back), dim=-1), torch.stack((ahead[-1], back[-1]))


class ForwardTwice:
    """Your second direction seems to read from the beginning too; it starts with the last step."""

    caught_by = "test_both"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, _ = _both(x, h0, forward, backward)
        again, _ = _both(x, h0.flip(0), backward, forward)
        return torch.cat((ahead, again), dim=-1), torch.stack((ahead[-1], again[-1]))


class Summed:
    """You seem to add the directions up; they stand side by side: forward, then backward."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, back = _both(x, h0, forward, backward)
        return ahead + back, _result(ahead, back)[1]


class Averaged:
    """You seem to average the directions; they stand side by side: forward, then backward."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, back = _both(x, h0, forward, backward)
        return (ahead + back) / 2, _result(ahead, back)[1]


class BackwardFirst:
    """Your output seems to begin with the backward features; the forward ones come first."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, back = _both(x, h0, forward, backward)
        return torch.cat((back, ahead), dim=-1), _result(ahead, back)[1]


class SameFirstState:
    """Both of your directions seem to start from h0[0]; the backward one starts from h0[1]."""

    caught_by = "test_one_step"

    def bidirectional_rnn(x, h0, forward, backward):
        return _result(*_both(x, h0[[0, 0]], forward, backward))


class StateHandedOver:
    """Your backward direction seems to start where the forward one ended; it starts from h0[1]."""

    caught_by = "test_one_step"

    def bidirectional_rnn(x, h0, forward, backward):
        _, end = _rnn(x, h0[0], *forward)
        return _result(*_both(x, torch.stack((h0[0], end)), forward, backward))


class SameParameters:
    """Both of your directions seem to use the forward parameters; the backward one has its own."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        return _result(*_both(x, h0, forward, forward))


class ForwardStatesRead:
    """Your backward direction seems to read the forward one's states; it reads x, turned round."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, _ = _rnn(x, h0[0], *forward)
        back, _ = _rnn(ahead.flip(0), h0[1], *backward)
        return _result(ahead, back.flip(0))


class BatchReversed:
    """You seem to turn the batch round; time is axis 0: x.flip(0)."""

    caught_by = "test_one_step"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, h_ahead = _rnn(x, h0[0], *forward)
        back, h_back = _rnn(x.flip(1), h0[1], *backward)
        return torch.cat((ahead, back.flip(1)), dim=-1), torch.stack((h_ahead, h_back))


class FeaturesReversed:
    """You seem to turn the features round; time is axis 0: x.flip(0)."""

    caught_by = "test_one_step"

    def bidirectional_rnn(x, h0, forward, backward):
        ahead, h_ahead = _rnn(x, h0[0], *forward)
        back, h_back = _rnn(x.flip(-1), h0[1], *backward)
        return torch.cat((ahead, back.flip(-1)), dim=-1), torch.stack((h_ahead, h_back))


class OneEnd:
    """Your h_n seems to hold one state; it holds two, (2, N, H): the end of each direction."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        output, h_n = _result(*_both(x, h0, forward, backward))
        return output, torch.cat(tuple(h_n), dim=-1)


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added, in both directions."""

    caught_by = "test_forward_alone"

    def bidirectional_rnn(x, h0, forward, backward):
        forward, backward = ((*p[:3], torch.zeros_like(p[3])) for p in (forward, backward))
        return _result(*_both(x, h0, forward, backward))


class OverflowingTanh:
    """Your tanh overflows: with exp(a) in it, it is inf / inf for a large a; torch.tanh knows how
    to avoid it."""

    caught_by = "test_large"

    def bidirectional_rnn(x, h0, forward, backward):
        def direction(x, h, w_ih, w_hh, b_ih, b_hh):
            states = []
            for inputs in x:
                a = inputs @ w_ih.T + b_ih + h @ w_hh.T + b_hh
                h = (torch.exp(a) - torch.exp(-a)) / (torch.exp(a) + torch.exp(-a))
                states.append(h)
            return torch.stack(states)

        ahead = direction(x, h0[0], *forward)
        return _result(ahead, direction(x.flip(0), h0[1], *backward).flip(0))
