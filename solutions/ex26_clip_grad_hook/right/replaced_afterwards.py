"""Hooks after accumulation that put another tensor into `.grad`."""

import torch


def register_clip_hooks(parameters, low, high):
    def hook(parameter):
        parameter.grad = torch.minimum(
            torch.maximum(parameter.grad, torch.full_like(parameter.grad, low)),
            torch.full_like(parameter.grad, high),
        )

    return [parameter.register_post_accumulate_grad_hook(hook) for parameter in parameters]
