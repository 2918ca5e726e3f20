"""The corr2d of exercise 9 for each pair of channels, without stride; every s-th output is kept."""

import torch


def _corr2d(x, kernel):
    height, width = x.shape[-2] - kernel.shape[0] + 1, x.shape[-1] - kernel.shape[1] + 1
    return sum(
        weight * x[..., a : a + height, b : b + width]
        for a, row in enumerate(kernel)
        for b, weight in enumerate(row)
    )


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s, t = [stride] * 2 if isinstance(stride, int) else stride
    p, q = [padding] * 2 if isinstance(padding, int) else padding
    above = x.new_zeros(*x.shape[:2], p, x.shape[3])
    x = torch.cat([above, x, above], dim=2)
    beside = x.new_zeros(*x.shape[:3], q)
    x = torch.cat([beside, x, beside], dim=3)
    maps = []
    for o, kernels in enumerate(weight):
        found = sum(_corr2d(x[:, c], kernel) for c, kernel in enumerate(kernels))
        maps.append(found if bias is None else found + bias[o])
    return torch.stack(maps, dim=1)[:, :, ::s, ::t]
