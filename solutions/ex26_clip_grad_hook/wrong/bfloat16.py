"""Clips in bfloat16."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.bfloat16().clamp(low, high).to(gradient.dtype)

    return [parameter.register_hook(hook) for parameter in parameters]
