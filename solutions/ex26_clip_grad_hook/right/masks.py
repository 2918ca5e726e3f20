"""A copy, with the bounds written through masks."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        clipped = gradient.clone()
        clipped[gradient < low] = low
        clipped[gradient > high] = high
        return clipped

    return [parameter.register_hook(hook) for parameter in parameters]
