"""Element by element, in Python, within a class that is called."""

import torch


class Clip:
    def __init__(self, low, high):
        self.low, self.high = low, high

    def bounded(self, element):
        if element < self.low:
            return self.low
        if element > self.high:
            return self.high
        return element

    def __call__(self, gradient):
        elements = [self.bounded(element) for element in gradient.flatten().tolist()]
        return torch.tensor(elements, dtype=gradient.dtype).reshape(gradient.shape)


def register_clip_hooks(parameters, low, high):
    clip = Clip(low, high)
    handles = []
    for parameter in parameters:
        handles += [parameter.register_hook(clip)]
    return handles
