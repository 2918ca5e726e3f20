"""For each place in the kernel, a strided slice of the image and a product over the channels."""

import torch


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s, t = (stride, stride) if isinstance(stride, int) else stride
    p, q = (padding, padding) if isinstance(padding, int) else padding
    N, C, H, W = x.shape
    O, _, kh, kw = weight.shape  # noqa: E741
    image = x.new_zeros(N, C, H + 2 * p, W + 2 * q)
    image[:, :, p : p + H, q : q + W] = x
    height, width = (H + 2 * p - kh) // s + 1, (W + 2 * q - kw) // t + 1
    result = x.new_zeros(N, O, height, width)
    if bias is not None:
        result = result + bias.reshape(-1, 1, 1)
    for a in range(kh):
        for b in range(kw):
            part = image[:, :, a : a + s * (height - 1) + 1 : s, b : b + t * (width - 1) + 1 : t]
            result = result + torch.einsum("nchw,oc->nohw", part, weight[:, :, a, b])
    return result
