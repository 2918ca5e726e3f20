"""A second softmax, of the scores of the keys that stay; the others have -inf."""

import torch


def hard_attention(scores, values, threshold):
    with torch.no_grad():
        soft = scores.softmax(-1)
        equals = soft == soft.max(dim=-1, keepdim=True).values
        first = equals & (equals.cumsum(-1) == 1)
        dropped = soft.lt(threshold) & ~first
    weights = scores.masked_fill(dropped, float("-inf")).softmax(-1)
    return torch.bmm(weights, values), weights
