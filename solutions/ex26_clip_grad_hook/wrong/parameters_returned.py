"""Returns the parameters."""


def register_clip_hooks(parameters, low, high):
    parameters = list(parameters)
    for parameter in parameters:
        parameter.register_hook(lambda gradient: gradient.clamp(low, high))
    return parameters
