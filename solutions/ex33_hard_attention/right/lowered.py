"""A threshold for each row, never above its largest weight; sorted where all are under."""

import torch


def hard_attention(scores, values, threshold):
    soft = torch.softmax(scores, dim=-1)
    under = (soft < threshold).all(dim=-1, keepdim=True)
    order = soft.detach().sort(dim=-1, descending=True, stable=True).indices
    rank = order.argsort(dim=-1)
    stays = torch.where(under, rank == 0, soft >= threshold)
    kept = soft * stays.to(soft.dtype)
    weights = torch.div(kept, kept.sum(-1).unsqueeze(-1))
    return torch.matmul(weights, values), weights
