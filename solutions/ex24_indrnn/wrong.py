"""Exercise 24, independent recurrent units: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


def _by_steps(x, h0, w_ih, u, b):
    """`indrnn_forward` by way of `indrnn_step`, whatever that does."""
    states, h = [], h0
    for step in x:
        h = indrnn_step(step, h, w_ih, u, b)
        states.append(h)
    return torch.stack(states), h


class Absolute:
    """Takes the absolute value of the sum."""

    def indrnn_step(x, h, w_ih, u, b):
        return (x @ w_ih.T + b + u * h).abs()

    indrnn_forward = _by_steps


class BatchMean:
    """Normalises the input part over the batch."""

    def indrnn_step(x, h, w_ih, u, b):
        inputs = x @ w_ih.T
        return torch.relu(inputs - inputs.mean(dim=0) + b + u * h)

    indrnn_forward = _by_steps


class Bfloat16:
    """Computes the product in bfloat16 and casts back."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu((x.bfloat16() @ w_ih.bfloat16().T).to(x.dtype) + b + u * h)

    indrnn_forward = _by_steps


class BiasAfter:
    """Adds the bias after the relu."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + u * h) + b

    indrnn_forward = _by_steps


class BiasDoubled:
    """Adds the bias to the state as well, as torch's two biases would be."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h + b)

    indrnn_forward = _by_steps


class BiasWeighed:
    """Adds the bias to the state before u weighs it."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + u * (h + b))

    indrnn_forward = _by_steps


class Clipped:
    """Clips the state of a sequence at 100, as if it could explode."""

    diff = """
    - h = torch.relu(step + u * h)
    + h = torch.relu(step + u * h).clamp(max=100)
    """


class DetachedH0:
    """Detaches the first state of a sequence."""

    diff = """
    - states, h = [], h0
    + states, h = [], h0.detach()
    """


class DetachedLast:
    """Returns a detached last state."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states), h.detach()
    """


class DetachedOutput:
    """Returns a detached output."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states).detach(), h
    """


class DetachedSequence:
    """Detaches the state between the steps of a sequence."""

    diff = """
    - h = torch.relu(step + u * h)
    + h = torch.relu(step + u * (h if h is h0 else h.detach()))
    """


class DetachedState:
    """Detaches the state before every step, as truncation would."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h.detach())

    indrnn_forward = _by_steps


class Double:
    """Carries the state in float64 through a sequence, and leaves it there."""

    diff = """
    - states, h = [], h0
    + states, h = [], h0.double()
    """


class FirstAlways:
    """Reads the first input again and again."""

    diff = """
    - for step in inputs:
    -     h = torch.relu(step + u * h)
    + for _ in inputs:
    +     h = torch.relu(inputs[0] + u * h)
    """


class Float32:
    """Computes the input part of a sequence in float32 and casts back."""

    diff = """
    - inputs = x @ w_ih.T + b
    + inputs = (x @ w_ih.T + b).float().to(x.dtype)
    """


class FromMemory:
    """Reads the weights from memory as if they lay row by row."""

    diff = """
    + w_ih = torch.as_strided(w_ih, w_ih.shape, (w_ih.shape[1], 1))
      return torch.relu(x @ w_ih.T + b + u * h)
    """

    indrnn_forward = _by_steps


class H0Changed:
    """Updates h0 in place where no gradient is asked for."""

    def _forward(x, h0, w_ih, u, b):
        inputs = x @ w_ih.T + b
        states, h = [], h0
        for step in inputs:
            h = torch.relu(step + u * h)
            states.append(h)
        return torch.stack(states), h

    def indrnn_forward(x, h0, w_ih, u, b):
        if h0.requires_grad:
            return _forward(x, h0, w_ih, u, b)
        states = []
        for step in x @ w_ih.T + b:
            h0.mul_(u).add_(step).relu_()
            states.append(h0.clone())
        return torch.stack(states), h0.clone()


class LastSkipped:
    """Repeats the state before the last input."""

    diff = """
    - for step in inputs:
    + for step in inputs[:-1]:

    + states.append(h)
      return torch.stack(states), h
    """


class LeakyRelu:
    """Uses a leaky relu."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.nn.functional.leaky_relu(x @ w_ih.T + b + u * h)

    indrnn_forward = _by_steps


class LinearScan:
    """Sums weighed inputs first and takes one relu, as a linear network would allow."""

    def indrnn_forward(x, h0, w_ih, u, b):
        inputs, total = x @ w_ih.T + b, u * h0
        output = []
        for step in inputs:
            total = total + step
            output.append(torch.relu(total))
            total = u * total
        return torch.stack(output), output[-1]


class MixedAxes:
    """Flattens time and batch in one order and unfolds them in the other."""

    diff = """
    - inputs = x @ w_ih.T + b
    + inputs = x.flatten(0, 1) @ w_ih.T + b
    + inputs = inputs.unflatten(0, (x.shape[1], x.shape[0])).transpose(0, 1)
    """


class MixedBatch:
    """Feeds back the first sample's state to all."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h[:1])

    indrnn_forward = _by_steps


class MixedBatchInSequence:
    """Feeds back the mean of the batch within a sequence."""

    diff = """
    - h = torch.relu(step + u * h)
    + h = torch.relu(step + u * h.mean(dim=0))
    """


class NextUnit:
    """Lets every unit hear its neighbour."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h.roll(1, dims=1))

    indrnn_forward = _by_steps


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def indrnn_step(x, h, w_ih, u, b):
        with torch.no_grad():
            h = torch.relu(x @ w_ih.T + b + u * h)
        return h.requires_grad_()

    indrnn_forward = _by_steps


class Offset:
    """Adds a small number to the state, so that no unit dies."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h) + 1e-5

    indrnn_forward = _by_steps


class OffsetInSequence:
    """Adds a small number to the sum in a sequence."""

    diff = """
    - h = torch.relu(step + u * h)
    + h = torch.relu(step + 1e-5 + u * h)
    """


class OneTensor:
    """Returns the output alone."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states)
    """


class OneU:
    """Uses the first unit's recurrent weight for all."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u[0] * h)

    indrnn_forward = _by_steps


class OtherDtype:
    """Returns float32 whatever comes in."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h).float()

    indrnn_forward = _by_steps


class OutputInFloat32:
    """Collects the states in a tensor of the default dtype."""

    def indrnn_forward(x, h0, w_ih, u, b):
        inputs = x @ w_ih.T + b
        output, h = torch.zeros(inputs.shape), h0
        for t, step in enumerate(inputs):
            h = torch.relu(step + u * h)
            output[t] = h
        return output.to(x.dtype), h


class Relu6:
    """Clips the state at 6."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.nn.functional.relu6(x @ w_ih.T + b + u * h)

    indrnn_forward = _by_steps


class ReluOfParts:
    """Takes the relu of the input part as well."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(torch.relu(x @ w_ih.T + b) + u * h)

    indrnn_forward = _by_steps


class ReshapedWeights:
    """Reshapes the weights where they must be transposed."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.reshape(-1, w_ih.shape[0]) + b + u * h)

    indrnn_forward = _by_steps


class Residual:
    """Adds the state before the step to the one after."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * h) + h

    indrnn_forward = _by_steps


class Softplus:
    """Uses the smooth relu."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.nn.functional.softplus(x @ w_ih.T + b + u * h)

    indrnn_forward = _by_steps


class Squeezed:
    """Squeezes the output, which spoils sequences of one step."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states).squeeze(), h
    """


class StackedSecond:
    """Stacks the states batch first."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states, dim=1), h
    """


class StaleLast:
    """Returns the last state but one."""

    diff = """
    - return torch.stack(states), h
    + return torch.stack(states), states[max(len(states) - 2, 0)]
    """


class StraightThrough:
    """Lets the gradient through the relu as if there were none."""

    def indrnn_step(x, h, w_ih, u, b):
        a = x @ w_ih.T + b + u * h
        return a + (torch.relu(a) - a).detach()

    indrnn_forward = _by_steps


class SwappedPair:
    """Returns (h_n, output)."""

    diff = """
    - return torch.stack(states), h
    + return h, torch.stack(states)
    """


class TimeMean:
    """Normalises the input part over time, so that it knows the future."""

    diff = """
    + inputs = inputs - inputs.mean(dim=0)
      states, h = [], h0
    """


class UAbsolute:
    """Takes the recurrent weights for positive."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u.abs() * h)

    indrnn_forward = _by_steps


class UChanged:
    """Clips u to 1 in place, in the caller's tensor."""

    diff = """
    + u.data.clamp_(-1, 1)
      inputs = x @ w_ih.T + b
    """


class UClipped:
    """Clips u to 1, as the paper does in training."""

    diff = """
    + u = u.clamp(-1, 1)
      inputs = x @ w_ih.T + b
    """


class UOfInputs:
    """Weighs the state by the first column of w_ih."""

    def indrnn_step(x, h, w_ih, u, b):
        return torch.relu(x @ w_ih.T + b + u * w_ih[:, 0] * h)

    indrnn_forward = _by_steps


class Viewed:
    """Views the sequence as rows, which works for contiguous inputs only."""

    diff = """
    - inputs = x @ w_ih.T + b
    + inputs = (x.view(-1, x.shape[2]) @ w_ih.T + b).view(*x.shape[:2], -1)
    """
