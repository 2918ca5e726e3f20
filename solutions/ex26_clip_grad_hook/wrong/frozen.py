"""Freezes the parameters, which then get no gradient."""


def register_clip_hooks(parameters, low, high):
    parameters = list(parameters)
    handles = [
        parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        for parameter in parameters
    ]
    for parameter in parameters[1:]:
        parameter.requires_grad_(False)
    return handles
