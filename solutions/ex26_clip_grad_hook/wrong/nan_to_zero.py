"""Hides a nan as 0."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.nan_to_num(0.0, high, low).clamp(low, high)

    return [parameter.register_hook(hook) for parameter in parameters]
