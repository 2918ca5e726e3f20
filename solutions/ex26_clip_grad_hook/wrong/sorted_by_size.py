"""Orders the bounds by their absolute value."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        small, large = sorted((abs(low), abs(high)))
        return gradient.clamp(-small, large)

    return [parameter.register_hook(hook) for parameter in parameters]
