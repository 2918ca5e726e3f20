"""Exercise 26, clipping gradients as they arrive: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch


class AddsUp:
    """Adds up the gradients of all passes in each hook."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + def register(parameter):
    +     total = torch.zeros_like(parameter)
    +     def hook(gradient):
    +         total.add_(gradient)
    +         return total.clamp(low, high)
    +     return parameter.register_hook(hook)
    + return [register(parameter) for parameter in parameters]
    """


class AroundTheMiddle:
    """Clips to half the width, around the middle between low and high."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    + def clamped(gradient):
    +     middle, width = (low + high) / 2, (high - low) / 4
    +     return gradient.clamp(middle - width, middle + width)
    """


class AtOnce:
    """Clips the gradients that are there, once, and registers nothing."""

    def register_clip_hooks(parameters, low, high):
        for parameter in parameters:
            if parameter.grad is not None:
                parameter.grad.clamp_(low, high)
        return []


class Averaged:
    """Returns the mean over the first axis."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(low, high).mean(0, keepdim=True).expand_as(gradient)
    """


class Bfloat16:
    """Clips in bfloat16."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.bfloat16().clamp(low, high).to(gradient.dtype)
    """


class ByNorm:
    """Clips by norm."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient * (high / (gradient.norm() + 1e-6)).clamp(max=1.0)
    """


class CrossesZero:
    """Takes for granted that the bounds lie on both sides of zero."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(min(low, 0.0), max(high, 0.0))
    """


class EveryOther:
    """Passes over every other parameter."""

    def register_clip_hooks(parameters, low, high):
        hooked = list(parameters)[::2]
        return [
            parameter.register_hook(lambda gradient: gradient.clamp(low, high))
            for parameter in hooked
        ]


class FirstRow:
    """Clips only the first row of each gradient."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    + def clamped(gradient):
    +     clipped = gradient.clone()
    +     clipped[:1] = clipped[:1].clamp(low, high)
    +     return clipped
    """


class FirstSixteen:
    """Registers sixteen hooks at most."""

    diff = """
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + return [parameter.register_hook(clamped) for parameter in list(parameters)[:16]]
    """


class FlatView:
    """Works only for contiguous gradients."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.view(-1).clamp(low, high).view(gradient.shape)
    """


class Flattened:
    """Returns a flat gradient."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(low, high).flatten()
    """


class Frozen:
    """Freezes the parameters, which then get no gradient."""

    def register_clip_hooks(parameters, low, high):
        parameters = list(parameters)
        handles = [
            parameter.register_hook(lambda gradient: gradient.clamp(low, high))
            for parameter in parameters
        ]
        for parameter in parameters[1:]:
            parameter.requires_grad_(False)
        return handles


class HalfRemoved:
    """Clips from below for ever."""

    def register_clip_hooks(parameters, low, high):
        handles = []
        for parameter in parameters:
            parameter.register_hook(lambda gradient: gradient.clamp(min=low))
            handles.append(parameter.register_hook(lambda gradient: gradient.clamp(max=high)))
        return handles


class HandlesLost:
    """Returns handles of other hooks, which do nothing."""

    def register_clip_hooks(parameters, low, high):
        parameters = list(parameters)
        for parameter in parameters:
            parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        return [parameter.register_hook(lambda gradient: gradient) for parameter in parameters]


class InfiniteLeft:
    """Leaves infinite elements as they are."""

    diff = """
    - return gradient.clamp(low, high)
    + return torch.where(gradient.isinf(), gradient, gradient.clamp(low, high))
    """


class InfinityForgotten:
    """Draws the bounds in to a thousand."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(max(low, -1e3), min(high, 1e3))
    """


class IntegerBounds:
    """Widens the bounds to whole numbers."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(int(low) - 1, int(high) + 1)
    """


class LastHandle:
    """Returns the last handle, not a list."""

    def register_clip_hooks(parameters, low, high):
        for parameter in parameters:
            handle = parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        return handle


class LateBinding:
    """Asks in each hook the loop's variable whose gradients to take; in the end all ask the
    last."""

    def register_clip_hooks(parameters, low, high):
        handles = []
        for parameter in parameters:

            def hook(gradient):
                mine = gradient.shape == parameter.shape
                return gradient.clamp(low, high) if mine else gradient

            handles.append(parameter.register_hook(hook))
        return handles


class Lazy:
    """Returns a generator, which registers the hooks when it is read."""

    def register_clip_hooks(parameters, low, high):
        return (
            parameter.register_hook(lambda gradient: gradient.clamp(low, high))
            for parameter in parameters
        )


class NanToZero:
    """Hides a nan as 0."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.nan_to_num(0.0, high, low).clamp(low, high)
    """


class Offset:
    """Adds 1e-5 to each gradient."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(low, high) + 1e-5
    """


class OffsetBound:
    """Its upper bound is 1e-5 too high."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(low, high + 1e-5)
    """


class OneShot:
    """Removes each hook after its first gradient."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + handles = {}
    + def register(index, parameter):
    +     def hook(gradient):
    +         handles[index].remove()
    +         return gradient.clamp(low, high)
    +     handles[index] = parameter.register_hook(hook)
    + for index, parameter in enumerate(parameters):
    +     register(index, parameter)
    + return list(handles.values())
    """


class ParametersReturned:
    """Returns the parameters."""

    def register_clip_hooks(parameters, low, high):
        parameters = list(parameters)
        for parameter in parameters:
            parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        return parameters


class ReadTwice:
    """Goes through the parameters twice, and a generator is empty then."""

    def register_clip_hooks(parameters, low, high):
        if not all(parameter.requires_grad for parameter in parameters):
            raise ValueError("every parameter must require a gradient")
        return [
            parameter.register_hook(lambda gradient: gradient.clamp(low, high))
            for parameter in parameters
        ]


class RegisteredTwice:
    """Registers each hook twice and returns one handle of the two."""

    def register_clip_hooks(parameters, low, high):
        handles = []
        for parameter in parameters:
            for _ in range(2):
                handle = parameter.register_hook(lambda gradient: gradient.clamp(low, high))
            handles.append(handle)
        return handles


class Remembers:
    """Returns from each hook its first gradient for ever."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + def register(parameter):
    +     seen = []
    +     def hook(gradient):
    +         seen.append(gradient.clamp(low, high))
    +         return seen[0]
    +     return parameter.register_hook(hook)
    + return [register(parameter) for parameter in parameters]
    """


class Rounded:
    """Rounds gradients to five decimal places."""

    diff = """
    - return gradient.clamp(low, high)
    + return (gradient * 1e5).round().div(1e5).clamp(low, high)
    """


class Scaled:
    """Scales a gradient until it lies within the bounds."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    + def clamped(gradient):
    +     outside = torch.maximum(gradient.max() / high, gradient.min() / low)
    +     return gradient / outside.clamp(min=1.0)
    """


class SinglePrecision:
    """Clips in float32."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.float().clamp(low, high).to(gradient.dtype)
    """


class SortedBySize:
    """Orders the bounds by their absolute value."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    + def clamped(gradient):
    +     small, large = sorted((abs(low), abs(high)))
    +     return gradient.clamp(-small, large)
    """


class Squashed:
    """Squashes smoothly between the bounds."""

    diff = """
    - return gradient.clamp(low, high)
    + return low + (high - low) * torch.sigmoid(gradient)
    """


class ThirtyPasses:
    """Clips in the first thirty passes."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    + passes = []
    + def clamped(gradient):
    +     passes.append(1)
    +     if len(passes) > 30:
    +         return gradient
    """


class WithoutRows:
    """Loops over rows, which a single number has not."""

    diff = """
    - return gradient.clamp(low, high)
    + return torch.stack([row.clamp(low, high) for row in gradient])
    """


class WrongAtMiddleSizes:
    """Right, but leaves gradients of 501 to 299,999 elements as they are."""

    def register_clip_hooks(parameters, low, high):
        def clamped(gradient):
            middle = 500 < gradient.numel() < 300_000
            return gradient if middle else gradient.clamp(low, high)

        return [parameter.register_hook(clamped) for parameter in parameters]


class WrongDtype:
    """Returns float32, whatever the gradient was."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(low, high).float()
    """


class ZeroAsNone:
    """Reads a bound of zero as no bound at all."""

    diff = """
    - def clamped(gradient: Tensor) -> Tensor:
    -     return gradient.clamp(low, high)
    + def clamped(gradient):
    +     low_bound = low if low else -float("inf")
    +     return gradient.clamp(low_bound, high)
    """


class InPlace:
    """Changes the gradient that the hook is given, which others may be waiting for."""

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp_(low, high)
    """


class InPlaceWherePossible:
    """Changes the gradient that the hook is given, unless torch forbids it."""

    diff = """
    - return gradient.clamp(low, high)
    + try:
    +     return gradient.clamp_(low, high)
    + except RuntimeError:
    +     return gradient.clamp(low, high)
    """


class ParametersEmptied:
    """Sets the parameters to zero while it registers."""

    diff = """
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + handles = []
    + for parameter in parameters:
    +     parameter.data.zero_()
    +     handles.append(parameter.register_hook(clamped))
    + return handles
    """


class ParametersMoved:
    """Each hook also takes a step of the parameter."""

    diff = """
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + def register(parameter):
    +     def hook(gradient):
    +         parameter.data.sub_(gradient)
    +         return clamped(gradient)
    +     return parameter.register_hook(hook)
    + return [register(parameter) for parameter in parameters]
    """


class AllHandlesEver:
    """Gives the handles of the calls before as well."""

    _HANDLES = []

    diff = """
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + _HANDLES.extend(parameter.register_hook(clamped) for parameter in parameters)
    + return _HANDLES
    """


class BoundsOfLastCall:
    """Has its hooks look up the bounds of the last call."""

    _BOUNDS = {}

    diff = """
    - return gradient.clamp(low, high)
    + return gradient.clamp(*_BOUNDS["last"])

    - return [parameter.register_hook(clamped) for parameter in parameters]
    + _BOUNDS["last"] = low, high
    + return [parameter.register_hook(clamped) for parameter in parameters]
    """


class OldHooksRemoved:
    """Removes the hooks of the call before."""

    _HANDLES = []

    diff = """
    - return [parameter.register_hook(clamped) for parameter in parameters]
    + for handle in _HANDLES:
    +     handle.remove()
    + _HANDLES[:] = [parameter.register_hook(clamped) for parameter in parameters]
    + return list(_HANDLES)
    """
