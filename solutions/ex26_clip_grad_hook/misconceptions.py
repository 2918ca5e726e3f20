"""Exercise 26, clipping gradients as they arrive: what people write, and the sentence that helps.

Each class is one wrong idea, run after the reference in one module: what a class does not define
is the reference's.
"""

import torch


def _hooked(parameters, hook):
    return [parameter.register_hook(hook) for parameter in parameters]


class ReturnsNothing:
    """Gradients arrive as they were sent: does a hook of yours return the clipped ones?"""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        def hook(gradient):
            gradient.clamp(low, high)

        return _hooked(parameters, hook)


class SymmetricHigh:
    """Your lower bound looks like -high; it is low, which may be any number up to high."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(-high, high))


class SymmetricLow:
    """Your upper bound looks like -low; it is high, which may be any number from low on."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(low, -low))


class LowAsMagnitude:
    """Your lower bound looks like -low; low has its sign already."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(-low, high))


class Swapped:
    """All elements arrive as low: your bounds are swapped, clamp takes the lower one first."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(high, low))


class OnlyAbove:
    """You clip only from above; what lies below low must be raised to it."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(max=high))


class OnlyBelow:
    """You clip only from below; what lies above high must come down to it."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(min=low))


class ZeroIsNoBound:
    """Your bound of 0 seems to be taken for none: 0 is false, and still a bound."""

    caught_by = "test_bounds"

    def register_clip_hooks(parameters, low, high):
        low, high = low or -float("inf"), high or float("inf")
        return _hooked(parameters, lambda gradient: gradient.clamp(low, high))


class Zeroed:
    """You set what is out of bounds to 0; it is to become the bound that it exceeds."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        def hook(gradient):
            return gradient.where((gradient >= low) & (gradient <= high), 0.0)

        return _hooked(parameters, hook)


class ClipsParameter:
    """Your hook returns the clamped parameter; return the gradient it was called with, clamped."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        def hook_of(parameter):
            return lambda gradient: parameter.detach().clamp(low, high)

        return [parameter.register_hook(hook_of(parameter)) for parameter in parameters]


class LastOnly:
    """Only the last parameter is clipped: register a hook on each, inside the loop."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(list(parameters)[-1:], lambda gradient: gradient.clamp(low, high))


class FirstOnly:
    """Only the first parameter is clipped: does your loop return in its first round?"""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        return _hooked(list(parameters)[:1], lambda gradient: gradient.clamp(low, high))


class NoHandles:
    """You return no handles: each register_hook gives you one, and a list of them is the result."""

    caught_by = "test_clipped"

    def register_clip_hooks(parameters, low, high):
        _hooked(parameters, lambda gradient: gradient.clamp(low, high))


class OneHandle:
    """Clipping of some parameters does not end: return the handles of all hooks, not of one."""

    caught_by = "test_removed"

    def register_clip_hooks(parameters, low, high):
        return _hooked(parameters, lambda gradient: gradient.clamp(low, high))[-1:]


class LostHandles:
    """Clipping does not end when your handles are removed; return the handle of every hook."""

    caught_by = "test_removed"

    def register_clip_hooks(parameters, low, high):
        _hooked(parameters, lambda gradient: gradient.clamp(low, high))
        return []


class Lengthy:
    """You take `len(parameters)` or an index of it, and a generator has neither; use a `for`."""

    caught_by = "test_iterables"

    def register_clip_hooks(parameters, low, high):
        indices = range(len(parameters))
        return _hooked([parameters[i] for i in indices], lambda g: torch.clamp(g, low, high))
