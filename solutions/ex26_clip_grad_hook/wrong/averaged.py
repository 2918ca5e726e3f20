"""Returns the mean over the first axis."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.clamp(low, high).mean(0, keepdim=True).expand_as(gradient)

    return [parameter.register_hook(hook) for parameter in parameters]
