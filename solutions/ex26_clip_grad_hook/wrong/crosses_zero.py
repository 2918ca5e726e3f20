"""Takes for granted that the bounds lie on both sides of zero."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(min(low, 0.0), max(high, 0.0))

    return [parameter.register_hook(hook) for parameter in parameters]
