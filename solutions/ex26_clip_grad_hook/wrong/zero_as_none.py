"""A bound of zero is read as no bound at all."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        low_bound = low if low else -float("inf")
        return gradient.clamp(low_bound, high)

    return [parameter.register_hook(hook) for parameter in parameters]
