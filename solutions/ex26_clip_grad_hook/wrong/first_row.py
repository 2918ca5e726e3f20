"""Clips only the first row of each gradient."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        clipped = gradient.clone()
        clipped[:1] = clipped[:1].clamp(low, high)
        return clipped

    return [parameter.register_hook(hook) for parameter in parameters]
