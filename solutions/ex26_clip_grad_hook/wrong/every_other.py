"""Passes over every other parameter."""


def register_clip_hooks(parameters, low, high):
    hooked = list(parameters)[::2]
    return [
        parameter.register_hook(lambda gradient: gradient.clamp(low, high)) for parameter in hooked
    ]
