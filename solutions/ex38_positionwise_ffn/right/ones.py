"""The biases as one more column, for an input that is always 1; computed in float64."""

import torch


def _layer(x, weight, bias):
    x = torch.cat((x, torch.ones_like(x[..., :1])), dim=-1)
    return x @ torch.cat((weight, bias[:, None]), dim=1).double().mT


def positionwise_ffn(x, w1, b1, w2, b2):
    hidden = _layer(x.double(), w1, b1)
    return _layer(hidden * (hidden > 0), w2, b2).to(x.dtype)
