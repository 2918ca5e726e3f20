"""Returns float32, whatever the gradient was."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(low, high).float()

    return [parameter.register_hook(hook) for parameter in parameters]
