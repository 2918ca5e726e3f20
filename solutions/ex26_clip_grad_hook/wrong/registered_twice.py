"""Registers each hook twice and returns one handle of the two."""


def register_clip_hooks(parameters, low, high):
    handles = []
    for parameter in parameters:
        for _ in range(2):
            handle = parameter.register_hook(lambda gradient: gradient.clamp(low, high))
        handles.append(handle)
    return handles
