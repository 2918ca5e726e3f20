"""Returns a flat gradient."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(low, high).flatten()

    return [parameter.register_hook(hook) for parameter in parameters]
