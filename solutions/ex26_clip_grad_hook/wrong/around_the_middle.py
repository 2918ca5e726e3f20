"""Clips around the middle of the bounds, half as wide."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        middle, width = (low + high) / 2, (high - low) / 4
        return gradient.clamp(middle - width, middle + width)

    return [parameter.register_hook(hook) for parameter in parameters]
