"""Returns the last handle, not a list."""


def register_clip_hooks(parameters, low, high):
    for parameter in parameters:
        handle = parameter.register_hook(lambda gradient: gradient.clamp(low, high))
    return handle
