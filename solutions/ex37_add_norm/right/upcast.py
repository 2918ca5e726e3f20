"""Computes in float64 and casts back at the end."""


def add_norm(x, sublayer_out, weight, bias, eps=1e-5):
    total = x.double() + sublayer_out.double()
    total = total - total.mean(dim=-1, keepdim=True)
    total = total * (total.var(dim=-1, unbiased=False, keepdim=True) + eps) ** -0.5
    return (total * weight.double() + bias.double()).to(x.dtype)
