"""Divides by the mean absolute deviation."""


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x + sublayer_out
    centred = total - total.mean(dim=-1, keepdim=True)
    variance = centred.abs().mean(dim=-1, keepdim=True)
    return centred / (variance + eps) * weight + bias
