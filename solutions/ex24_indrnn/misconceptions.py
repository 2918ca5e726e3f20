"""Exercise 24, independent recurrent units: what people really write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _unrolled(step):
    """The forward function of one who has the same wrong idea there."""

    def forward(x, h0, w_ih, u, b):
        states, h = [], h0
        for inputs in x:
            h = step(inputs, h, w_ih, u, b)
            states.append(h)
        return torch.stack(states), h

    return forward


class MatrixProduct:
    """Your units seem to share one sum, `h @ u`; multiply element by element: `u * h`."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + (h @ u)[:, None])

    indrnn_forward = _unrolled(indrnn_step)


class AfterRelu:
    """You seem to add u * h to the result of the relu; it belongs inside: relu(... + u * h)."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b) + u * h

    indrnn_forward = _unrolled(indrnn_step)


class Tanh:
    """Your state looks squashed by a tanh; an IndRNN takes a relu."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.tanh(x @ w_ih.T + b + u * h)

    indrnn_forward = _unrolled(indrnn_step)


class NoRelu:
    """Your relu seems to be missing: negative sums become 0."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return x @ w_ih.T + b + u * h

    indrnn_forward = _unrolled(indrnn_step)


class WeighsInputs:
    """You seem to multiply u with what comes from the input; it weighs the state: u * h."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(u * (x @ w_ih.T) + h + b)

    indrnn_forward = _unrolled(indrnn_step)


class WeighsBoth:
    """You seem to take u * (w_ih x + h); u weighs the state alone: w_ih x + u * h."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(u * (x @ w_ih.T + h) + b)

    indrnn_forward = _unrolled(indrnn_step)


class StateUnweighted:
    """You seem to add the state as it is; each unit weighs its own by its number in u."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + h + b)

    indrnn_forward = _unrolled(indrnn_step)


class StateIgnored:
    """Your state before the step seems to have no effect: add u * h inside the relu."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b)

    indrnn_forward = _unrolled(indrnn_step)


class BiasForgotten:
    """Your bias seems to be missing: b is added before the relu."""

    caught_by = "test_step"

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + u * h)

    indrnn_forward = _unrolled(indrnn_step)


class AlwaysFromH0:
    """Every step of yours seems to start from h0; after the first, start from the last state."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        output = torch.relu(x @ w_ih.T + b + u * h0)
        return output, output[-1]


class H0Ignored:
    """You seem to begin with a state of zeros; the first step reads h0."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        return _unrolled(indrnn_step)(x, torch.zeros_like(h0), w_ih, u, b)


class BiasOnce:
    """Your bias seems to be added in the first step only; every step adds it."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        h = indrnn_step(x[0], h0, w_ih, u, b)
        states = [h]
        for inputs in x[1:]:
            h = torch.relu(inputs @ w_ih.T + u * h)
            states.append(h)
        return torch.stack(states), h


class ReluOnce:
    """You seem to take the relu at the end only; every step takes it before the next one reads."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        states, h = [], h0
        for inputs in x:
            h = inputs @ w_ih.T + b + u * h
            states.append(h)
        output = torch.relu(torch.stack(states))
        return output, output[-1]


class SumsAsOutput:
    """Your output looks like the sums before the relu; it holds the states, from after it."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        sums, h = [], h0
        for inputs in x:
            sums.append(inputs @ w_ih.T + b + u * h)
            h = torch.relu(sums[-1])
        return torch.stack(sums), h


class OneStepLate:
    """Your output seems to begin with h0; it begins with the state after the first input."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        states = [h0]
        for inputs in x:
            states.append(indrnn_step(inputs, states[-1], w_ih, u, b))
        return torch.stack(states[:-1]), states[-1]


class FirstAsLast:
    """Your h_n looks like the state after the first input; it is the one after the last."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        output, _ = _unrolled(indrnn_step)(x, h0, w_ih, u, b)
        return output, output[0]


class FromTheEnd:
    """You seem to read the sequence from its end; the first input is x[0]."""

    caught_by = "test_forward"

    def indrnn_forward(x, h0, w_ih, u, b):
        output, h_n = _unrolled(indrnn_step)(x.flip(0), h0, w_ih, u, b)
        return output.flip(0), h_n
