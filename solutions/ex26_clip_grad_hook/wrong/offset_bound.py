"""Its upper bound is 1e-5 too high."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(low, high + 1e-5)

    return [parameter.register_hook(hook) for parameter in parameters]
