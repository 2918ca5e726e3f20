"""Draws the bounds in to a thousand."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(max(low, -1e3), min(high, 1e3))

    return [parameter.register_hook(hook) for parameter in parameters]
