"""The shapes of torch's own layout, on the meta device, which has no memory."""

import torch


def count_conv_params(in_channels, out_channels, kernel_size, groups=1, bias=True):
    if in_channels % groups != 0 or out_channels % groups != 0:
        raise ValueError(f"{groups} does not divide {in_channels} and {out_channels}")
    if not isinstance(kernel_size, tuple):
        kernel_size = (kernel_size, kernel_size)
    weight = torch.empty(out_channels, in_channels // groups, *kernel_size, device="meta")
    biases = torch.empty(out_channels if bias else 0, device="meta")
    return weight.numel() + biases.numel()
