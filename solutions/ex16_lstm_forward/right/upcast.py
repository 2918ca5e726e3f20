"""Computes in float64 with einsum and gates one by one, and casts back at the end."""

import torch


def lstm_forward(x, state, w_ih, w_hh, b_ih, b_hh):
    dtype = x.dtype
    h, c = (part.double() for part in state)
    w_ih, w_hh, b_ih, b_hh = (
        parameter.double().unflatten(0, (4, -1)) for parameter in (w_ih, w_hh, b_ih, b_hh)
    )
    inputs = torch.einsum("tnd,ghd->tgnh", x.double(), w_ih)
    output = x.new_empty(len(x), *h.shape, dtype=torch.float64)
    for t in range(len(x)):
        sums = torch.einsum("nk,ghk->gnh", h, w_hh) + inputs[t] + (b_ih + b_hh)[:, None]
        forget, new, shown = (
            sums[1].sigmoid(),
            sums[0].sigmoid() * sums[2].tanh(),
            sums[3].sigmoid(),
        )
        c = forget * c + new
        h = shown * c.tanh()
        output[t] = h
    return output.to(dtype), (h.to(dtype), c.to(dtype))


def output_layer(output, w_hq, b_q):
    logits = torch.einsum("tnh,hv->tnv", output.double(), w_hq.double()) + b_q.double()
    return logits.reshape(-1, logits.shape[-1]).to(output.dtype)
