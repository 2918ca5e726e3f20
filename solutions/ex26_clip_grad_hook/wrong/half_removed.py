"""Clips from below for ever."""


def register_clip_hooks(parameters, low, high):
    handles = []
    for parameter in parameters:
        parameter.register_hook(lambda gradient: gradient.clamp(min=low))
        handles.append(parameter.register_hook(lambda gradient: gradient.clamp(max=high)))
    return handles
