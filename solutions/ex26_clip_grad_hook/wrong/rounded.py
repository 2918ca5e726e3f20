"""Rounds gradients to five digits."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return (gradient * 1e5).round().div(1e5).clamp(low, high)

    return [parameter.register_hook(hook) for parameter in parameters]
