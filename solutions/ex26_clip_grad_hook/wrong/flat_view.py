"""Works only for contiguous gradients."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.view(-1).clamp(low, high).view(gradient.shape)

    return [parameter.register_hook(hook) for parameter in parameters]
