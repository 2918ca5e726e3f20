"""Each hook goes away after its first gradient."""


def register_clip_hooks(parameters, low, high):
    handles = {}

    def register(index, parameter):
        def hook(gradient):
            handles[index].remove()
            return gradient.clamp(low, high)

        handles[index] = parameter.register_hook(hook)

    for index, parameter in enumerate(parameters):
        register(index, parameter)
    return list(handles.values())
