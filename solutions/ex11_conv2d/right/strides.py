"""All windows as one view, by as_strided, with the channels last, in float64."""

import torch


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s, t = stride if isinstance(stride, tuple) else (stride, stride)
    p, q = padding if isinstance(padding, tuple) else (padding, padding)
    wide = torch.nn.ZeroPad2d((q, q, p, p))(x.double()).permute(0, 2, 3, 1).contiguous()
    (N, H, W, C), (kh, kw) = wide.shape, weight.shape[2:]
    n, h, w, c = wide.stride()
    shape = N, (H - kh) // s + 1, (W - kw) // t + 1, kh, kw, C
    windows = wide.as_strided(shape, (n, s * h, t * w, h, w, c))
    filters = weight.double().permute(2, 3, 1, 0)
    y = torch.tensordot(windows, filters, dims=3)
    if bias is not None:
        y = y + bias.double()
    return y.permute(0, 3, 1, 2).to(x.dtype)
