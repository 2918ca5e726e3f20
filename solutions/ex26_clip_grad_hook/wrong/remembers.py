"""Each hook returns its first gradient for ever."""


def register_clip_hooks(parameters, low, high):
    def register(parameter):
        seen = []

        def hook(gradient):
            seen.append(gradient.clamp(low, high))
            return seen[0]

        return parameter.register_hook(hook)

    return [register(parameter) for parameter in parameters]
