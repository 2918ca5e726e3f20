"""Goes through the parameters twice, and a generator is empty then."""


def register_clip_hooks(parameters, low, high):
    if not all(parameter.requires_grad for parameter in parameters):
        raise ValueError("every parameter must require a gradient")
    return [
        parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        for parameter in parameters
    ]
