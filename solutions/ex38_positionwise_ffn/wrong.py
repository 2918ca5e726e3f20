"""Exercise 38, the feed-forward network at every position: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class BarelyLeaky:
    """Lets a millionth of a negative sum through."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.nn.functional.leaky_relu(x @ w1.T + b1, 1e-6)
    """


class Bfloat16:
    """Rounds the hidden units to bfloat16 where float32 is asked for."""

    diff = """
    + if x.dtype == torch.float32:
    +     hidden = hidden.bfloat16().float()
      return hidden @ w2.T + b2
    """


class BiasChanged:
    """Adds to b2 in place, where no gradient is asked for."""

    diff = """
    - return hidden @ w2.T + b2
    + out = hidden @ w2.T
    + if b2.requires_grad:
    +     return out + b2
    + b2 += 1e-3 * out.mean()
    + return out + b2 - 1e-3 * out.mean()
    """


class Clipped:
    """Cuts the hidden units off at 2000."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1).clamp(max=2000)
    """


class DetachedBias:
    """Reads b2 through .data."""

    diff = """
    - return hidden @ w2.T + b2
    + return hidden @ w2.T + b2.data
    """


class DetachedHidden:
    """Detaches the hidden units, so that no gradient reaches the first layer."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1).detach()
    """


class DetachedInput:
    """Detaches x, so that nothing below learns."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x.detach() @ w1.T + b1)
    """


class Dropout:
    """Drops a tenth of the hidden units."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.dropout(torch.relu(x @ w1.T + b1), 0.1, True)
    """


class FirstBiasDoubled:
    """Adds b1 twice."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1 + b1)
    """


class Float32:
    """Computes in float32 and casts back."""

    def positionwise_ffn(x, w1, b1, w2, b2):
        hidden = torch.relu(x.float() @ w1.float().T + b1)
        return hidden.to(x.dtype) @ w2.T + b2


class FromMemory:
    """Reads w2 from memory as if it lay row by row."""

    diff = """
    + w2 = torch.as_strided(w2, w2.shape, (w2.shape[1], 1))
      return hidden @ w2.T + b2
    """


class Gated:
    """Multiplies by a step that is open from -0.1 on."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + inner = x @ w1.T + b1
    + hidden = inner * (inner > -0.1)
    """


class InputChanged:
    """Cuts x off at 0 in place, after its use."""

    diff = """
    + if not x.requires_grad:
    +     x.clamp_(min=0)
      return hidden @ w2.T + b2
    """


class LastPosition:
    """Returns the last position for all."""

    diff = """
    - return hidden @ w2.T + b2
    + return (hidden @ w2.T + b2)[:, -1:].expand(-1, x.shape[1], -1)
    """


class MixedBatch:
    """Takes the hidden units of the first sample for all."""

    diff = """
    + hidden = hidden[:1].expand_as(hidden)
      return hidden @ w2.T + b2
    """


class MixedPositions:
    """Takes the greatest value of each hidden unit over the positions."""

    diff = """
    + hidden = hidden.amax(dim=1, keepdim=True).expand_as(hidden)
      return hidden @ w2.T + b2
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def positionwise_ffn(x, w1, b1, w2, b2):
        with torch.no_grad():
            hidden = torch.relu(x @ w1.T + b1)
            out = hidden @ w2.T + b2
        return out.requires_grad_()


class Offset:
    """Adds an offset of 1e-5 to the hidden units."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1 + 1e-5)
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return hidden @ w2.T + b2
    + return (hidden @ w2.T + b2).float()
    """


class PreviousPosition:
    """Reads each position's hidden units from the position before."""

    diff = """
    + hidden = hidden.roll(1, dims=1)
      return hidden @ w2.T + b2
    """


class Relu6:
    """Cuts the hidden units off at 6."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1).clamp(max=6)
    """


class ReshapedWeights:
    """Reshapes the weights where they should be transposed."""

    def positionwise_ffn(x, w1, b1, w2, b2):
        hidden = torch.relu(x @ w1.reshape(x.shape[-1], -1) + b1)
        return hidden @ w2.reshape(w1.shape[0], -1) + b2


class Scaled:
    """Divides the hidden units by the root of their number."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1) / w1.shape[0] ** 0.5
    """


class SecondBiasDoubled:
    """Adds b2 twice."""

    diff = """
    - return hidden @ w2.T + b2
    + return hidden @ w2.T + 2 * b2
    """


class Softplus:
    """Takes a softplus for the ReLU."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.nn.functional.softplus(x @ w1.T + b1)
    """


class SquaredRelu:
    """Squares what the ReLU gives."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + hidden = torch.relu(x @ w1.T + b1).square()
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return hidden @ w2.T + b2
    + return (hidden @ w2.T + b2).squeeze()
    """


class StraightThrough:
    """Lets the gradient through units that are off."""

    diff = """
    - hidden = torch.relu(x @ w1.T + b1)
    + inner = x @ w1.T + b1
    + hidden = inner + (torch.relu(inner) - inner).detach()
    """


class Viewed:
    """Needs x to lie in one piece."""

    def positionwise_ffn(x, w1, b1, w2, b2):
        hidden = torch.relu(x.view(-1, x.shape[2]) @ w1.T + b1)
        return (hidden @ w2.T + b2).view(*x.shape[:2], -1)


class WritesAtInference:
    """Writes the result over `x` where no gradients are recorded."""

    diff = """
    + if not torch.is_grad_enabled() and len(w2) == x.shape[-1]:
    +     return x.copy_(hidden @ w2.T).add_(b2)
      return hidden @ w2.T + b2
    """
