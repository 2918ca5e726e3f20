"""A loop over the samples and the queries, one row at a time, keys found by their numbers."""

import torch


def hard_attention(scores, values, threshold):
    rows, outputs = [], []
    for sample, value in zip(scores, values, strict=True):
        for row in sample:
            soft = row.softmax(0)
            numbers = soft.tolist()
            keep = [j for j, weight in enumerate(numbers) if weight >= threshold]
            keep = torch.tensor(keep or [numbers.index(max(numbers))])
            chosen = soft[keep] / soft[keep].sum()
            rows.append(torch.zeros_like(soft).index_put((keep,), chosen))
            outputs.append(chosen @ value[keep])
    shape = scores.shape
    return torch.stack(outputs).reshape(*shape[:2], -1), torch.stack(rows).reshape(shape)
