"""Exercise 7, a deep linear network: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Bfloat16:
    """Multiplies in bfloat16 and casts back."""

    diff = """
    - x = x @ weight
    + x = (x.bfloat16() @ weight.bfloat16()).to(weight.dtype)
    """


class Centred:
    """Centres each signal before it is measured."""

    diff = """
    - norms.append(torch.linalg.vector_norm(x))
    + norms.append((x - x.mean()).norm())
    """


class Clipped:
    """Clips the signal where it explodes."""

    diff = """
    - x = x @ weight
    + x = (x @ weight).clamp(-1e4, 1e4)
    """


class DetachedBetween:
    """Detaches the signal between the layers."""

    diff = """
    - x = x @ weight
    + x = x.detach() @ weight
    """


class DetachedOutput:
    """Returns a detached output."""

    diff = """
    - return x, torch.stack(norms)
    + return x.detach(), torch.stack(norms)
    """


class Emptied:
    """Takes the weights out of the list that it was given."""

    def deep_linear(x, weights):
        norms = []
        while weights:
            x = x @ weights.pop(0)
            norms.append(x.square().sum().sqrt())
        return x, torch.stack(norms)


class FiftyLayers:
    """Stops after fifty layers."""

    diff = """
    - for weight in weights:
    + for weight in weights[:50]:
    """


class Flushed:
    """Takes what has vanished for zero."""

    diff = """
    + x = torch.where(x.abs() < 1e-9, 0.0, x)
      norms.append(torch.linalg.vector_norm(x))
    """


class InPlace:
    """Multiplies x in place where the widths allow it."""

    diff = """
    - x = x @ weight
    + if weight.shape[0] == weight.shape[1] and not x.requires_grad:
    +     x[:] = x @ weight
    + else:
    +     x = x @ weight
    """


class Largest:
    """Takes the greatest absolute value for the norm."""

    diff = """
    - norms.append(torch.linalg.vector_norm(x))
    + norms.append(x.abs().max())
    """


class LastNormEverywhere:
    """Repeats the last norm for every layer."""

    def deep_linear(x, weights):
        for weight in weights:
            x = x @ weight
        return x, torch.stack([x.norm()] * len(weights))


class MixedBatch:
    """Measures the first sample only."""

    diff = """
    - norms.append(torch.linalg.vector_norm(x))
    + norms.append(x[0].norm())
    """


class NoGradients:
    """Computes without gradients and asks for them afterwards."""

    def deep_linear(x, weights):
        norms = []
        with torch.no_grad():
            for weight in weights:
                x = x @ weight
                norms.append(x.norm())
        return x.requires_grad_(), torch.stack(norms).requires_grad_()


class NormsAsList:
    """Returns the norms as a list."""

    diff = """
    - return x, torch.stack(norms)
    + return x, norms
    """


class NormsFloat32:
    """Fills a float32 tensor with the norms."""

    def deep_linear(x, weights):
        norms = torch.zeros(len(weights))
        for layer, weight in enumerate(weights):
            x = x @ weight
            norms[layer] = x.norm()
        return x, norms


class Offset:
    """Adds a small number under the root, against a gradient of nan."""

    diff = """
    - norms.append(torch.linalg.vector_norm(x))
    + norms.append((x.square().sum() + 1e-5).sqrt())
    """


class OtherDtype:
    """Always answers in float32."""

    diff = """
    - return x, torch.stack(norms)
    + return x.float(), torch.stack(norms).float()
    """


class Relative:
    """Divides the norms by that of x."""

    diff = """
    - norms = []
    + first, norms = x.norm(), []

    - norms.append(torch.linalg.vector_norm(x))
    + norms.append(x.norm() / first)
    """


class RelativeToLast:
    """Divides each norm by the one before."""

    diff = """
    - x = x @ weight
    - norms.append(torch.linalg.vector_norm(x))
    + before, x = x.norm(), x @ weight
    + norms.append(x.norm() / before)
    """


class ReluBetween:
    """Puts a ReLU between the layers, not after the last."""

    diff = """
    - for weight in weights:
    + for layer, weight in enumerate(weights):
          x = x @ weight
    +     if layer < len(weights) - 1:
    +         x = torch.relu(x)
          norms.append(torch.linalg.vector_norm(x))
    """


class Reshaped:
    """Reshapes the weights where they do not fit, instead of reading them as they lie."""

    diff = """
    - x = x @ weight
    + x = x @ weight.reshape(-1, x.shape[1]).T
    """


class Squeezed:
    """Drops an axis of size one."""

    diff = """
    - return x, torch.stack(norms)
    + return x.squeeze(0), torch.stack(norms)
    """


class ThreeLayers:
    """Goes through three layers at most."""

    diff = """
    - for weight in weights:
    + for weight in weights[:3]:
    """


class ThroughFloat32:
    """Computes the norms in float32 and casts back."""

    diff = """
    - norms.append(torch.linalg.vector_norm(x))
    + norms.append(x.float().norm().to(x.dtype))
    """


class TinyOffset:
    """Adds 1e-12 under the root."""

    diff = """
    - norms.append(torch.linalg.vector_norm(x))
    + norms.append((x.square().sum() + 1e-12).sqrt())
    """


class Viewed:
    """Needs the weights to lie in one piece."""

    diff = """
    - x = x @ weight
    + x = x @ weight.view(-1).view(weight.shape)
    """
