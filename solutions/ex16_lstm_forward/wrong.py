"""Exercise 16, an LSTM through time, and its output layer: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BatchMean:
    """Normalises the blocks over the batch."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = ((step - step.mean(dim=0)) @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(
    +         4, dim=-1
    +     )
    """


class Bfloat16:
    """Computes the sums in bfloat16 and casts back."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = (
    +         (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).bfloat16().to(c.dtype).chunk(4, dim=-1)
    +     )
    """


class BiasDoubled:
    """Adds the input bias twice and the hidden bias not at all."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_ih).chunk(4, dim=-1)
    """


class BiasOnce:
    """Adds the hidden bias from the second step on."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = (step @ w_ih.T + b_ih + (h @ w_hh.T + b_hh if output else h @ w_hh.T)).chunk(
    +         4, dim=-1
    +     )
    """


class BiasPerStep:
    """Adds the bias to the rows of the first step only."""

    def output_layer(output, w_hq, b_q):
        return torch.cat([output[:1] @ w_hq + b_q, output[1:] @ w_hq]).flatten(0, 1)


class CellNotCarried:
    """Begins every step with the first cell, though with the last hidden state."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    """


class ChangesCell:
    """Updates the cell that it was given in place."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c.copy_(torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g))
    """


class ChangesOutput:
    """Writes the product into the hidden states' own memory, where the sizes allow it."""

    def output_layer(output, w_hq, b_q):
        logits = output @ w_hq
        if logits.shape == output.shape:
            logits = output.copy_(logits)
        return (logits + b_q).flatten(0, 1)


class ClippedCell:
    """Clips the cell, as some speech models do."""

    diff = """
    + c = c.clamp(-50, 50)
      h = torch.sigmoid(o) * torch.tanh(c)
    """


class DetachedBias:
    """Adds the bias's numbers only."""

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq + b_q.data).flatten(0, 1)


class DetachedLogits:
    """Detaches what it is given."""

    def output_layer(output, w_hq, b_q):
        return (output.detach() @ w_hq + b_q).flatten(0, 1)


class DetachedOutput:
    """Collects numbers instead of tensors that know where they come from."""

    diff = """
    - output.append(h)
    + output.append(h.detach())
    """


class DetachedStart:
    """Cuts the first state off from the gradient."""

    diff = """
    - h, c = state
    + h, c = (part.detach() for part in state)
    """


class DetachedState:
    """Cuts the gradient between the steps."""

    diff = """
    +     h, c = h.detach(), c.detach()
      return torch.stack(output), (h, c)
    """


class FiftySteps:
    """Stops after fifty steps and repeats the last output."""

    diff = """
    - for from_input in from_inputs:
    + for from_input in from_inputs[:50]:

    - return torch.stack(output), (h, c)
    + return torch.stack(output + [h] * (len(x) - len(output))), (h, c)
    """


class FirstStepTwice:
    """Reads the first input before the sequence begins."""

    diff = """
    - for from_input in from_inputs:
    + for from_input in torch.cat([from_inputs[:1], from_inputs]):

    - return torch.stack(output), (h, c)
    + return torch.stack(output[1:]), (h, c)
    """


class FlatState:
    """Returns three results side by side."""

    diff = """
    - return torch.stack(output), (h, c)
    + return torch.stack(output), h, c
    """


class Float32:
    """Computes the sums in float32 and casts back."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).float().to(c.dtype).chunk(4, dim=-1)
    """


class Float32Logits:
    """Computes the logits in float32 and casts back."""

    def output_layer(output, w_hq, b_q):
        return (output.float() @ w_hq.float() + b_q.float()).to(output.dtype).flatten(0, 1)


class ForgetBias:
    """Adds 1 to the forget gate's sum, as at the start of training."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c = torch.sigmoid(f + 1) * c + torch.sigmoid(i) * torch.tanh(g)
    """


class InPlaceGates:
    """Writes over a gate that the backward pass still needs."""

    diff = """
    - h = torch.sigmoid(o) * torch.tanh(c)
    + h = torch.sigmoid(o).mul_(torch.tanh(c))
    """


class Interleaved:
    """Takes every fourth row for a gate."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).unflatten(-1, (-1, 4)).unbind(-1)
    """


class LastInputSkipped:
    """Leaves the last input out of long sequences."""

    diff = """
    - for from_input in from_inputs:
    + for from_input in from_inputs[:7]:

    - return torch.stack(output), (h, c)
    + return torch.stack(output + [h] * (len(x) - len(output))), (h, c)
    """


class LeakyCell:
    """Lets the cell fade by a thousandth at every step."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c = 0.999 * torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    """


class LogitsByVocabulary:
    """Gives (V, T*N)."""

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq + b_q).flatten(0, 1).T


class LogitsDtype:
    """Gives the logits in float32."""

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq + b_q).flatten(0, 1).float()


class MixedBatch:
    """Uses the hidden state of the first sample for all."""

    diff = """
    - i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + i, f, g, o = (from_input + h[:1] @ w_hh.T).chunk(4, dim=-1)
    """


class NanGradient:
    """Writes the output gate as 1 / (1 + exp(-o)), whose gradient is nan where exp overflows."""

    diff = """
    - h = torch.sigmoid(o) * torch.tanh(c)
    + h = torch.tanh(c) / (1 + torch.exp(-o))
    """


class Offset:
    """Adds a small number to the cell, as if to keep it from vanishing."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g) + 1e-5
    """


class OldCellShown:
    """Shows the cell from before the step."""

    diff = """
    + before = c
      c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    - h = torch.sigmoid(o) * torch.tanh(c)
    + h = torch.sigmoid(o) * torch.tanh(before)
    """


class OneBias:
    """Leaves out the hidden bias."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T).chunk(4, dim=-1)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return torch.stack(output), (h, c)
    + return torch.stack(output).float(), (h.float(), c.float())
    """


class OutputFirst:
    """Takes the output gate from the first block and the input gate from the last."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x:
    +     o, f, g, i = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class OverflowingGate:
    """Writes the forget gate with exponentials that overflow."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c = (torch.exp(f) / (1 + torch.exp(f))) * c + torch.sigmoid(i) * torch.tanh(g)
    """


class OverflowingTanh:
    """Writes the tanh of the cell with exponentials that overflow."""

    diff = """
    - h = torch.sigmoid(o) * torch.tanh(c)
    + h = torch.sigmoid(o) * ((torch.exp(c) - torch.exp(-c)) / (torch.exp(c) + torch.exp(-c)))
    """


class Peephole:
    """Lets the forget gate see the cell."""

    diff = """
    - c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    + c = torch.sigmoid(f + c) * c + torch.sigmoid(i) * torch.tanh(g)
    """


class Remembers:
    """Begins with the state in which the last call with the same shapes ended."""

    diff = """
    - h, c = state
    + h, c = _LAST.get(x.shape, state)

    + _LAST[x.shape] = h.detach(), c.detach()
      return torch.stack(output), (h, c)
    """

    _LAST = {}


class RowsReshaped:
    """Reshapes the hidden states by columns before the product."""

    def output_layer(output, w_hq, b_q):
        return output.permute(2, 0, 1).reshape(-1, output.shape[-1]) @ w_hq + b_q


class ScaledLogits:
    """Divides the logits by the square root of H."""

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq / output.shape[-1] ** 0.5 + b_q).flatten(0, 1)


class SeesTheEnd:
    """Adds the mean of the whole sequence to every input."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x + 1e-7 * x.mean(dim=0):
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class SeesTheNext:
    """Reads the next input with every step."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x + 0.5 * torch.cat([x[1:], x[-1:]]):
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class SquashedOutput:
    """Squashes the hidden states once more before the product."""

    def output_layer(output, w_hq, b_q):
        return (torch.tanh(output) @ w_hq + b_q).flatten(0, 1)


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return torch.stack(output), (h, c)
    + return torch.stack(output).squeeze(), (h, c)
    """


class SqueezedLogits:
    """Drops an axis of size one from the logits."""

    def output_layer(output, w_hq, b_q):
        return (output @ w_hq + b_q).flatten(0, 1).squeeze()


class TimeReshaped:
    """Reshapes (T, N, D) to (N, T, D) and back, which mixes the samples."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x.reshape(x.shape[1], x.shape[0], -1).transpose(0, 1):
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class TruncatedGradients:
    """Cuts the gradient after every sixteen steps."""

    diff = """
    +     if len(output) % 16 == 0:
    +         h, c = h.detach(), c.detach()
      return torch.stack(output), (h, c)
    """


class ViewedInput:
    """Needs x to lie in one piece."""

    diff = """
    - from_inputs = x @ w_ih.T + b_ih + b_hh
      output = []
    - for from_input in from_inputs:
    -     i, f, g, o = (from_input + h @ w_hh.T).chunk(4, dim=-1)
    + for step in x.view(-1, x.shape[-1]).view(x.shape):
    +     i, f, g, o = (step @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=-1)
    """


class ViewedOutput:
    """Needs the hidden states to lie in one piece."""

    def output_layer(output, w_hq, b_q):
        return output.view(-1, output.shape[-1]) @ w_hq + b_q
