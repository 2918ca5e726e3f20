"""The softmax written out, one-hot rows for the largest, and Einstein sums."""

import torch


def hard_attention(scores, values, threshold):
    exponentials = torch.exp(scores - scores.amax(dim=2, keepdim=True))
    soft = exponentials / exponentials.sum(dim=2, keepdim=True)
    largest = torch.nn.functional.one_hot(scores.argmax(dim=2), scores.shape[2])
    stays = (largest == 1) | ~(soft < threshold)
    kept = torch.where(stays, soft, 0.0)
    weights = kept / torch.einsum("nqk->nq", kept).unsqueeze(2)
    return torch.einsum("nqk,nkv->nqv", weights, values), weights
