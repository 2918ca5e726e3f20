"""Clips by norm."""


def register_clip_hooks(parameters, low, high):
    def hook(gradient):
        return gradient * (high / (gradient.norm() + 1e-6)).clamp(max=1.0)

    return [parameter.register_hook(hook) for parameter in parameters]
