"""Exercise 13, a recurrent network through time: what people really write, and the sentence that
helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _sum(x, h, w_ih, w_hh, b_ih, b_hh):
    return x @ w_ih.T + b_ih + h @ w_hh.T + b_hh


def _states(x, h, *parameters, squash=torch.tanh):
    states = []
    for x_t in x:
        h = squash(_sum(x_t, h, *parameters))
        states.append(h)
    return torch.stack(states)


class StatesBefore:
    """Your output seems to hold the state before each step, h0 first; output[t] is the state after
    reading x[t]."""

    caught_by = "test_one_step"

    def rnn_forward(x, h0, *parameters):
        states = _states(x, h0, *parameters)
        return torch.cat([h0[None], states[:-1]]), states[-1]


class FirstForLast:
    """Your h_n looks like the first state; it is the one after the last step, output[-1]."""

    caught_by = "test_last"

    def rnn_forward(*case):
        states = _states(*case)
        return states, states[0]


class ExtraAxis:
    """Your h_n has one axis more, as in torch.nn.RNN, which counts layers there; here it is
    (N, H)."""

    caught_by = "test_one_step"

    def rnn_forward(*case):
        states = _states(*case)
        return states, states[-1:]


class InitialStateIgnored:
    """Your first step seems to start from zeros; it starts from h0."""

    caught_by = "test_one_step"

    def rnn_forward(x, h0, *parameters):
        states = _states(x, torch.zeros_like(h0), *parameters)
        return states, states[-1]


class NotCarried:
    """Each of your steps seems to start from h0; it starts from the state that the step before it
    gave."""

    caught_by = "test_forward"

    def rnn_forward(x, h0, *parameters):
        states = torch.tanh(_sum(x, h0, *parameters))
        return states, states[-1]


class CollectedInReverse:
    """Your output looks reversed: the first step's state is at its end. Append each state as it
    comes."""

    caught_by = "test_last"

    def rnn_forward(*case):
        states = _states(*case)
        return states.flip(0), states[-1]


class ReadBackwards:
    """You seem to read the sequence from its end; x[0] comes first."""

    caught_by = "test_forward"

    def rnn_forward(x, *others):
        states = _states(x.flip(0), *others)
        return states, states[-1]


class ReadAndCollectedInReverse:
    """You seem to read from the end and to turn the output round; x[0] comes first, and h_n is the
    state after x[-1]."""

    caught_by = "test_last"

    def rnn_forward(x, *others):
        states = _states(x.flip(0), *others)
        return states.flip(0), states[-1]


class SameTensor:
    """All states of your output are the last one: a state that is changed in place changes in the
    list of outputs too. Make a new tensor at each step."""

    caught_by = "test_forward"

    def rnn_forward(*case):
        states = _states(*case)
        return states[-1:].expand_as(states), states[-1]


class BatchFirst:
    """You seem to take the first axis of x for the batch; time comes first, (T, N, D), and x[t] is
    step t of all sequences."""

    caught_by = "test_one_step"

    def rnn_forward(x, *others):
        states = _states(x.transpose(0, 1), *others)
        return states.transpose(0, 1), states[-1]


class OutputBatchFirst:
    """Your output has the batch first, (N, T, H); here time is first: stack the states on axis
    0."""

    caught_by = "test_one_step"

    def rnn_forward(*case):
        states = _states(*case)
        return states.transpose(0, 1), states[-1]


class SigmoidForTanh:
    """Your states look squashed by a sigmoid; take the tanh, which can be negative too."""

    caught_by = "test_one_step"

    def rnn_forward(*case):
        states = _states(*case, squash=torch.sigmoid)
        return states, states[-1]


class ReluForTanh:
    """Your states look like a relu, never negative and without a bound; take the tanh instead."""

    caught_by = "test_one_step"

    def rnn_forward(*case):
        states = _states(*case, squash=torch.relu)
        return states, states[-1]


class StateNotTransposed:
    """Your product with the state looks like h @ w_hh, which fits since w_hh is square; row i of
    w_hh belongs to the new unit i: h @ w_hh.T."""

    caught_by = "test_one_step"

    def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
        states = _states(x, h0, w_ih, w_hh.T, b_ih, b_hh)
        return states, states[-1]


class HiddenBiasForgotten:
    """Your b_hh seems to be missing: both biases are added, at every step."""

    caught_by = "test_one_step"

    def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
        states = _states(x, h0, w_ih, w_hh, b_ih, torch.zeros_like(b_hh))
        return states, states[-1]


class StateDetached:
    """No gradient comes back through your steps: the state looks detached between them. Leave it
    in the graph, so that what comes late can teach what came early."""

    caught_by = "test_gradients"

    def rnn_forward(x, h, *parameters):
        states = []
        for x_t in x:
            h = torch.tanh(_sum(x_t, h.detach(), *parameters))
            states.append(h)
        return torch.stack(states), h
