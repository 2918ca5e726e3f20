"""Exercise 25, clipping gradients by value: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class Bfloat16:
    """Clips in bfloat16."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.copy_(parameter.grad.bfloat16().clamp(-clip_value, clip_value))
    """


class ClipsWeightsToo:
    """Clips the parameters along with their gradients."""

    diff = """
      parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.data.clamp_(-clip_value, clip_value)
    """


class ClipsWhereMissing:
    """Clips the parameter itself where it has no gradient."""

    diff = """
    - if parameter.grad is not None:
    -     parameter.grad.clamp_(-clip_value, clip_value)
    + target = parameter.data if parameter.grad is None else parameter.grad
    + target.clamp_(-clip_value, clip_value)
    """


class ContiguousCopy:
    """Clips a copy where a gradient is not contiguous."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.contiguous().clamp_(-clip_value, clip_value)
    """


class CrashesOnNothing:
    """Fails where there is no gradient to clip."""

    def clip_grad_value(parameters, clip_value):
        if isinstance(parameters, torch.Tensor):
            parameters = [parameters]
        gradients = [p.grad for p in parameters if p.grad is not None]
        flat = torch.cat([g.flatten() for g in gradients]).clamp(-clip_value, clip_value)
        parts = flat.split([g.numel() for g in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.reshape(gradient.shape))


class FillsMissing:
    """Gives parameters without a gradient one of zeros."""

    diff = """
    - if parameter.grad is not None:
    -     parameter.grad.clamp_(-clip_value, clip_value)
    + if parameter.grad is None:
    +     parameter.grad = torch.zeros_like(parameter)
    + parameter.grad.clamp_(-clip_value, clip_value)
    """


class FirstOnly:
    """Clips the first gradient only."""

    diff = """
      parameter.grad.clamp_(-clip_value, clip_value)
    + return
    """


class FirstRow:
    """Clips only the first row of each gradient."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + row = parameter.grad[:1] if parameter.grad.dim() else parameter.grad
    + row.clamp_(-clip_value, clip_value)
    """


class FirstSixteen:
    """Clips sixteen parameters at most."""

    diff = """
    - for parameter in parameters:
    + for parameter in list(parameters)[:16]:
    """


class FlatView:
    """Works only for contiguous gradients."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.view(-1).clamp_(-clip_value, clip_value)
    """


class GreatestOnly:
    """Clips only the greatest element of each gradient."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + flat = parameter.grad.flatten()
    + i = flat.abs().argmax()
    + flat[i] = flat[i].clamp(-clip_value, clip_value)
    + parameter.grad.copy_(flat.reshape(parameter.grad.shape))
    """


class InfiniteLeft:
    """Leaves infinite elements as they are."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + finite = parameter.grad.isfinite()
    + parameter.grad[finite] = parameter.grad[finite].clamp(-clip_value, clip_value)
    """


class InfiniteToZero:
    """Sets infinite elements to 0."""

    diff = """
    + parameter.grad[parameter.grad.isinf()] = 0.0
      parameter.grad.clamp_(-clip_value, clip_value)
    """


class IntegerBound:
    """Rounds the bound to a whole number."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + bound = max(1, int(clip_value))
    + parameter.grad.clamp_(-bound, bound)
    """


class LastForgotten:
    """Leaves the last gradient unclipped."""

    def clip_grad_value(parameters, clip_value):
        parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        gradients = [p.grad for p in parameters if p.grad is not None]
        for gradient in gradients[:-1] or gradients:
            gradient.clamp_(-clip_value, clip_value)


class ListsOnly:
    """Takes a list or one tensor, and passes over everything else."""

    diff = """
    - if isinstance(parameters, Tensor):
    -     parameters = [parameters]
    + if not isinstance(parameters, list):
    +     parameters = [parameters] if isinstance(parameters, Tensor) else []
    """


class MeanDecides:
    """Clips a gradient only where its mean is out of bounds."""

    diff = """
    - if parameter.grad is not None:
    + if parameter.grad is not None and parameter.grad.abs().mean() > clip_value:
    """


class NanIsZero:
    """Makes a nan 0."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + infinity = float("inf")
    + parameter.grad.nan_to_num_(0.0, infinity, -infinity).clamp_(-clip_value, clip_value)
    """


class Offset:
    """Adds 1e-5 to each gradient."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(-clip_value, clip_value).add_(1e-5)
    """


class OffsetBelow:
    """Its lower bound is 1e-5 too low."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(-clip_value - 1e-5, clip_value)
    """


class OffsetBound:
    """Its bounds are 1e-5 too wide."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(-clip_value - 1e-5, clip_value + 1e-5)
    """


class OneDtype:
    """Leaves gradients of another dtype than the first alone."""

    diff = """
    - for parameter in parameters:
    + parameters = list(parameters)
    + for parameter in [p for p in parameters if p.dtype == parameters[0].dtype]:
    """


class OnlyBelow:
    """Clips only from below."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(min=-clip_value)
    """


class OtherDtype:
    """Leaves gradients in float32."""

    diff = """
      parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad = parameter.grad.float() if parameter.grad.dtype == torch.bfloat16 else parameter.grad
    """


class ReadTwice:
    """Goes through the parameters twice, and a generator is empty then."""

    def clip_grad_value(parameters, clip_value):
        if isinstance(parameters, torch.Tensor):
            parameters = [parameters]
        if any(p.grad is not None for p in parameters):
            for p in parameters:
                if p.grad is not None:
                    p.grad.clamp_(-clip_value, clip_value)


class Reflects:
    """Reflects at the bound, by as much as it was exceeded."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + clipped = parameter.grad.clamp(-clip_value, clip_value)
    + parameter.grad.copy_(2 * clipped - parameter.grad)
    """


class RelativeBound:
    """Takes the bound as a share of the greatest element."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + bound = clip_value * parameter.grad.abs().max()
    + parameter.grad.clamp_(-bound, bound)
    """


class ReplacedWhenClipped:
    """Replaces a gradient where something in it is clipped."""

    diff = """
    - if parameter.grad is not None:
    -     parameter.grad.clamp_(-clip_value, clip_value)
    + if parameter.grad is not None and (parameter.grad.abs() > clip_value).any():
    +     parameter.grad = parameter.grad.clamp(-clip_value, clip_value)
    """


class ReturnsParameters:
    """Returns the parameters."""

    def clip_grad_value(parameters, clip_value):
        parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        for p in parameters:
            if p.grad is not None:
                p.grad.clamp_(-clip_value, clip_value)
        return parameters


class ReturnsTrue:
    """Returns True."""

    diff = """
              parameter.grad.clamp_(-clip_value, clip_value)
    + return True
    """


class Rounded:
    """Rounds gradients to five decimal places."""

    diff = """
    + parameter.grad.copy_((parameter.grad * 1e5).round() / 1e5)
      parameter.grad.clamp_(-clip_value, clip_value)
    """


class SinglePrecision:
    """Clips in float32."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.copy_(parameter.grad.float().clamp(-clip_value, clip_value))
    """


class StepsAtOnce:
    """Takes a step of gradient descent as well."""

    diff = """
      parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.data.sub_(0.1 * parameter.grad)
    """


class StopsAtMissing:
    """Stops at the first parameter without a gradient."""

    diff = """
    - if parameter.grad is not None:
    -     parameter.grad.clamp_(-clip_value, clip_value)
    + if parameter.grad is None:
    +     break
    + parameter.grad.clamp_(-clip_value, clip_value)
    """


class StrictlyInside:
    """Keeps the gradients 1e-6 away from the bound, relative to it."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + bound = clip_value * (1 - 1e-6)
    + parameter.grad.clamp_(-bound, bound)
    """


class Tanh:
    """Squashes smoothly instead of clipping."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.copy_(clip_value * torch.tanh(parameter.grad / clip_value))
    """


class UnitBound:
    """Clips to [-1, 1], whatever the bound."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(-1.0, 1.0)
    """


class UpsideDown:
    """Passes the bounds in the wrong order."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(clip_value, -clip_value)
    """


class WhenAllExceed:
    """Clips a gradient only where all of it is out of bounds."""

    diff = """
    - if parameter.grad is not None:
    + if parameter.grad is not None and (parameter.grad.abs() > clip_value).all():
    """


class WithoutRows:
    """Loops over rows, which a gradient of a single number has not."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + for row in parameter.grad:
    +     row.clamp_(-clip_value, clip_value)
    """


class Wraps:
    """Wraps around at the bound, as integers do."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.copy_((parameter.grad + clip_value) % (2 * clip_value) - clip_value)
    """


class WrongAtMiddleSizes:
    """Right, but leaves gradients of 501 to 299,999 elements as they are."""

    def clip_grad_value(parameters, clip_value):
        if isinstance(parameters, torch.Tensor):
            parameters = [parameters]
        for parameter in parameters:
            gradient = parameter.grad
            if gradient is not None and not 500 < gradient.numel() < 300_000:
                gradient.clamp_(-clip_value, clip_value)


class FrozenLeftOut:
    """Leaves out parameters that want no gradient, though they have one."""

    diff = """
    - if parameter.grad is not None:
    + if parameter.requires_grad and parameter.grad is not None:
    """


class OtherMemory:
    """Puts the clipped gradient into other memory, under the old name."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.data = parameter.grad.clamp(-clip_value, clip_value)
    """


class ParametersRewritten:
    """Writes to the parameters what is there already."""

    diff = """
    - parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.grad.clamp_(-clip_value, clip_value)
    + parameter.requires_grad_(False).add_(0.0).requires_grad_()
    """


class LeavesOnly:
    """Passes over tensors that were computed, though they have a gradient."""

    diff = """
    - if parameter.grad is not None:
    + if parameter.is_leaf and parameter.grad is not None:
    """


class EachOnce:
    """Clips each parameter once, and never again."""

    _SEEN = set()

    diff = """
    - if parameter.grad is not None:
    + if parameter.grad is not None and parameter not in _SEEN:
    +     _SEEN.add(parameter)
    """
