"""Products in the frequency domain, in float64: padding is where nothing wraps around."""

import torch


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s, t = (stride, stride) if isinstance(stride, int) else stride
    p, q = (padding, padding) if isinstance(padding, int) else padding
    height, width = x.shape[2] + 2 * p, x.shape[3] + 2 * q
    signal = torch.nn.functional.pad(x.double(), [q, q, p, p])
    image = torch.fft.fft2(signal)
    filters = torch.fft.fft2(weight.double(), s=(height, width)).conj()
    y = torch.fft.ifft2(torch.einsum("nchw,ochw->nohw", image, filters)).real
    y = y[:, :, : height - weight.shape[2] + 1 : s, : width - weight.shape[3] + 1 : t]
    return (y if bias is None else y + bias[None, :, None, None]).to(x.dtype)
