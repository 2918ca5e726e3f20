"""Cuts the bounds down to whole numbers."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(int(low) - 1, int(high) + 1)

    return [parameter.register_hook(hook) for parameter in parameters]
