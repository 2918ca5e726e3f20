"""Exercise 13, a recurrent network through time: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Centres the sums over the batch."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     sums = x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    +     h = torch.tanh(sums - sums.mean(dim=0))
    """


class Bfloat16:
    """Computes what comes from the state in bfloat16."""

    diff = """
    - h = torch.tanh(from_input + h @ w_hh.T)
    + h = torch.tanh(from_input + (h.bfloat16() @ w_hh.bfloat16().T).to(x.dtype))
    """


class BiasChanged:
    """Sums the biases in place, in the caller's tensor."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + b_ih.data += b_hh
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T)
    """


class BiasDoubled:
    """Adds the hidden bias twice."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + b_ih + b_hh + h @ w_hh.T + b_hh)
    """


class BiasGrows:
    """Adds the bias to itself at every step, in a tensor of its own."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + b_hh = b_hh.clone()
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    +     b_hh += b_ih
    """


class BiasOnce:
    """Adds the hidden bias at the first step alone."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    +     b_hh = torch.zeros_like(b_hh)
    """


class ClippedStart:
    """Clips h0 to what a tanh can give."""

    diff = """
    + h = h.clamp(-1, 1)
      for from_input in x @ w_ih.T + (b_ih + b_hh):
    """


class ClippedSum:
    """Clips the sums to [-10, 10], where the tanh is not quite 1 yet."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh((x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh).clamp(-10, 10))
    """


class Copied:
    """Makes a new tensor of the states."""

    diff = """
    -     outputs.append(h)
    - return torch.stack(outputs), h
    +     outputs.append(h.tolist())
    + return torch.tensor(outputs, dtype=x.dtype), h
    """


class DetachedInputWeights:
    """Detaches the weights of the input."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    + for from_input in x @ w_ih.detach().T + (b_ih + b_hh):
    """


class DetachedLast:
    """Gives the last state detached."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs), h.detach()
    """


class DetachedNowAndThen:
    """Detaches the state every second step."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    + for t, from_input in enumerate(x @ w_ih.T + (b_ih + b_hh)):
    +     if t % 2:
    +         h = h.detach()
    """


class DetachedOutput:
    """Collects detached states."""

    diff = """
    - outputs.append(h)
    + outputs.append(h.detach())
    """


class DetachedStart:
    """Detaches h0."""

    diff = """
    + h = h.detach()
      for from_input in x @ w_ih.T + (b_ih + b_hh):
    """


class DtypeOfZeros:
    """Collects the states in `torch.zeros(...)`, which is float32 whatever x is."""

    def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
        outputs = []
        outputs = torch.zeros(*x.shape[:2], h.shape[1])
        for t, x_t in enumerate(x):
            h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
            outputs[t] = h
        return outputs, h


class FirstOfBatch:
    """Starts every sequence from the first one's state."""

    diff = """
    + h = h[:1].expand_as(h)
      for from_input in x @ w_ih.T + (b_ih + b_hh):
    """


class Float32:
    """Computes what comes from the input in float32."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh((x_t @ w_ih.T + b_ih).float().to(x.dtype) + h @ w_hh.T + b_hh)
    """


class Float32State:
    """Carries the state in float32."""

    diff = """
    - return torch.stack(outputs), h
    +     h = h.float().to(x.dtype)
    + return torch.stack(outputs), outputs[-1]
    """


class FromMemory:
    """Reads x as it lies in memory, whatever its strides say."""

    diff = """
    + x = torch.as_strided(x, x.shape, (x.shape[1] * x.shape[2], x.shape[2], 1))
      for from_input in x @ w_ih.T + (b_ih + b_hh):
    """


class InputBefore:
    """Reads the input of the step before from the third step on."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for t in range(len(x)):
    +     h = torch.tanh(x[t - (t > 1)] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class InputBiasForgotten:
    """Forgets the bias of the input."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + h @ w_hh.T + b_hh)
    """


class InputsChanged:
    """Writes what comes from the input into x."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     if x_t.shape == h.shape:
    +         x_t.data.copy_(x_t @ w_ih.T)
    +         h = torch.tanh(x_t + b_ih + h @ w_hh.T + b_hh)
    +     else:
    +         h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class LastDtype:
    """Gives the last state in float64."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs), h.double()
    """


class Leaky:
    """Keeps a tenth of the old state from the second step on."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     new = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    +     h = 0.9 * new + 0.1 * h if outputs else new
    """


class LooksAhead:
    """Takes the mean over all times from the input."""

    diff = """
    + x = x - x.mean(dim=0) * (len(x) > 1)
      for from_input in x @ w_ih.T + (b_ih + b_hh):
    """


class MixedBatch:
    """Reads the input of the first sequence for all of them."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh(x_t[:1] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class NoGradients:
    """Computes without gradients."""

    def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
        outputs = []
        with torch.no_grad():
            for x_t in x:
                h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
                outputs.append(h)
        return torch.stack(outputs), h


class Offset:
    """Adds a small number to the last state."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs), h + 1e-5
    """


class OffsetInSum:
    """Adds a small number at every step."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh + 1e-5)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs).float(), h.float()
    """


class OverflowingTanh:
    """Divides what overflows."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     up = torch.exp(2 * (x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
    +     h = (up - 1) / (up + 1)
    """


class Remembers:
    """Starts from the last state of the call before, where it fits."""

    diff = """
    + if _seen.get("h", x).shape == h.shape:
    +     h = _seen["h"]
      for from_input in x @ w_ih.T + (b_ih + b_hh):

    - return torch.stack(outputs), h
    + return torch.stack(outputs), _seen.setdefault("h", h)
    """

    _seen = {}


class ReshapedOutput:
    """Lists the states by sequence and calls the shape (T, N, H)."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs, dim=1).reshape(len(x), *h.shape), h
    """


class SameInput:
    """Reads the first input again and again."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for _ in x:
    +     h = torch.tanh(x[0] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
    """


class SquashedStart:
    """Takes the tanh of h0."""

    diff = """
    + h = torch.tanh(h)
      for from_input in x @ w_ih.T + (b_ih + b_hh):
    """


class Squeezed:
    """Drops axes of size one."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs).squeeze(), h.squeeze()
    """


class StateBeforeLast:
    """Gives the state before the last step, where there is one."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs), outputs[max(0, len(outputs) - 2)]
    """


class StateChanged:
    """Writes each state over the one before, in the caller's tensor too."""

    def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
        outputs = []
        for x_t in x:
            h.data = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh).data
            outputs.append(h.clone())
        return torch.stack(outputs), h


class StateInPlace:
    """Writes each state over h0."""

    def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
        outputs = []
        for x_t in x:
            new = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
            h.detach().copy_(new)
            outputs.append(new)
        return torch.stack(outputs), h


class StateTwice:
    """Adds the state to the sum besides its product, from the second step on."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + for x_t in x:
    +     h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh + (h if outputs else 0))
    """


class StepForgotten:
    """Leaves out the last step where there is more than one."""

    def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
        outputs = []
        for x_t in x[: max(1, len(x) - 1)]:
            h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
            outputs.append(h)
        return torch.stack(outputs + [h] * (len(x) - len(outputs))), h


class SummedStates:
    """Adds up the states for the last one, where there is more than one."""

    diff = """
    - return torch.stack(outputs), h
    + return torch.stack(outputs), torch.stack(outputs).sum(0)
    """


class ThreeSteps:
    """Takes no more than three steps."""

    def rnn_forward(x, h, w_ih, w_hh, b_ih, b_hh):
        outputs = []
        for x_t in x[:3]:
            h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
            outputs.append(h)
        return torch.stack(outputs + [h] * (len(x) - len(outputs))), h


class Viewed:
    """Needs x to lie in one piece."""

    diff = """
    - for from_input in x @ w_ih.T + (b_ih + b_hh):
    -     h = torch.tanh(from_input + h @ w_hh.T)
    + inputs = x.view(-1, x.shape[-1]) @ w_ih.T + b_ih
    + for from_x in inputs.unflatten(0, x.shape[:2]):
    +     h = torch.tanh(from_x + h @ w_hh.T + b_hh)
    """


class OneOutput:
    """Returns the outputs of one shape in the same memory, where nobody asks for gradients."""

    diff = """
    - return torch.stack(outputs), h
    + output = torch.stack(outputs)
    + if output.requires_grad:
    +     return output, h
    + return kept.setdefault((output.shape, output.dtype), output.clone()).copy_(output), h
    """

    kept = {}
