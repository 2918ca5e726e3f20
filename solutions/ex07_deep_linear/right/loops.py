"""One sample and one output at a time, the norms by hypot of the samples' norms."""

import torch


def _through(sample, weight):
    return torch.stack([(sample * weight[:, j]).sum() for j in range(weight.shape[1])])


def deep_linear(x, weights):
    outputs, norms = [], [None] * len(weights)
    for sample in x:
        for layer, weight in enumerate(weights):
            sample = _through(sample, weight)
            mine = torch.linalg.vector_norm(sample)
            before = norms[layer]
            norms[layer] = mine if before is None else torch.hypot(before, mine)
        outputs.append(sample)
    return torch.stack(outputs), torch.stack(norms)
