"""Clips in float32."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient.float().clamp(low, high).to(gradient.dtype)

    return [parameter.register_hook(hook) for parameter in parameters]
