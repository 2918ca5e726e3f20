"""Measures a tensor without memory: dilate, pad, and ask `unfold` for its windows."""

import torch


def conv_output_shape(size, kernel_size, padding=0, stride=1, dilation=1):
    def two(value):
        return (value,) * 2 if isinstance(value, int) else tuple(value)

    (h, w), (kh, kw), (ph, pw) = two(size), two(kernel_size), two(padding)
    (sh, sw), (dh, dw) = two(stride), two(dilation)
    image = torch.empty(h + 2 * ph, w + 2 * pw, device="meta")
    try:
        windows = image.unfold(0, (kh - 1) * dh + 1, sh).unfold(1, (kw - 1) * dw + 1, sw)
    except RuntimeError as error:
        raise ValueError("empty") from error
    return windows.shape[0], windows.shape[1]
