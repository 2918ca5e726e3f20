"""Each gate on its own, from its own slices, computed in float64 with einsum."""

import torch


def _gate(x, h, w_ih, w_hh, b_ih, b_hh):
    inner = torch.einsum("nd,hd->nh", x, w_ih) + torch.einsum("nk,hk->nh", h, w_hh)
    return (inner + b_ih + b_hh).sigmoid()


def gru_gates(x, h, w_ih, w_hh, b_ih, b_hh):
    hidden, dtype = h.shape[1], h.dtype
    x, h, *parameters = (tensor.double() for tensor in (x, h, w_ih, w_hh, b_ih, b_hh))
    reset = _gate(x, h, *(p[:hidden] for p in parameters))
    update = _gate(x, h, *(p[hidden:] for p in parameters))
    return reset.to(dtype), update.to(dtype)
