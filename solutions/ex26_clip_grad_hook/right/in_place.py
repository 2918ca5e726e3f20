"""A hook that changes the gradient on its way."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp_(low, high)

    return [parameter.register_hook(hook) for parameter in parameters]
