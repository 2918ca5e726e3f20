"""Two hooks on each parameter, one for each bound."""


def register_clip_hooks(parameters, low, high):
    handles = []
    for parameter in parameters:
        handles.append(parameter.register_hook(lambda gradient: gradient.clamp_max(high)))
        handles.append(parameter.register_hook(lambda gradient: gradient.clamp_min(low)))
    return handles
