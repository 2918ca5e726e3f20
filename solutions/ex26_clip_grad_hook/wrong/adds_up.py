"""Each hook adds up the gradients of all passes."""

import torch


def register_clip_hooks(parameters, low, high):
    def register(parameter):
        total = torch.zeros_like(parameter)

        def hook(gradient):
            total.add_(gradient)
            return total.clamp(low, high)

        return parameter.register_hook(hook)

    return [register(parameter) for parameter in parameters]
