"""One query after another, over the keys that count and no others; a mask of its own to drop by."""

import torch
from torch import nn


class Weight(nn.Module):
    """A matrix, and no more."""

    def __init__(self, rows, columns):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(rows, columns) / columns**0.5)


class MLPAttention(nn.Module):
    def __init__(self, key_size, query_size, units, dropout):
        super().__init__()
        self.v = Weight(1, units)
        self.W_k = Weight(units, key_size)
        self.W_q = Weight(units, query_size)
        self.rate = dropout
        self.attention_weights = None

    def forward(self, query, key, value, valid_len):
        rows = []
        for n in range(query.shape[0]):
            for i in range(query.shape[1]):
                length = key.shape[1]
                if valid_len is not None:
                    length = int(valid_len[n] if valid_len.dim() == 1 else valid_len[n, i])
                asked = self.W_q.weight @ query[n, i]
                offered = key[n, :length] @ self.W_k.weight.T
                scores = torch.tanh(asked + offered) @ self.v.weight[0]
                row = torch.zeros_like(key[n, :, 0])
                if length:
                    row = torch.cat([scores.softmax(0), row[length:]])
                rows.append(row)
        weights = torch.stack(rows).reshape(query.shape[0], query.shape[1], key.shape[1])
        self.attention_weights = weights.detach()
        if self.training and self.rate > 0:
            kept = torch.rand_like(weights) >= self.rate
            weights = weights * kept / (1 - self.rate)
        return torch.stack([w @ v for w, v in zip(weights, value, strict=True)])
