"""Returns a generator, which registers the hooks when it is read."""


def register_clip_hooks(parameters, low, high):
    return (
        parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        for parameter in parameters
    )
