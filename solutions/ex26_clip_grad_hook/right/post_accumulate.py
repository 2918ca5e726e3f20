"""Hooks that are called once the gradient is there, and change it in place."""


def register_clip_hooks(parameters, low, high):
    def hook(parameter):
        parameter.grad.clamp_(low, high)

    return [parameter.register_post_accumulate_grad_hook(hook) for parameter in parameters]
