"""As in the lecture: layers of torch's, a mask laid out for every row, and a product of batches."""

import torch
from torch import nn


def masked_softmax(X, valid_len):
    if valid_len is None:
        return nn.functional.softmax(X, dim=-1)
    if valid_len.dim() == 1:
        valid_len = torch.repeat_interleave(valid_len, X.shape[1], dim=0)
    else:
        valid_len = valid_len.reshape(-1)
    rows = X.reshape(-1, X.shape[-1])
    keep = torch.arange(X.shape[-1], device=X.device)[None, :] < valid_len[:, None]
    rows = torch.where(keep, rows, float("-inf"))
    weights = nn.functional.softmax(rows, dim=-1)
    return torch.where(keep, weights, torch.zeros_like(weights)).reshape(X.shape)


class MLPAttention(nn.Module):
    def __init__(self, key_size, query_size, units, dropout, **kwargs):
        super().__init__(**kwargs)
        self.W_q = nn.Linear(query_size, units, bias=False)
        self.W_k = nn.Linear(key_size, units, bias=False)
        self.v = nn.Linear(units, 1, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, query, key, value, valid_len):
        query, key = self.W_q(query), self.W_k(key)
        features = torch.tanh(query.unsqueeze(2) + key.unsqueeze(1))
        scores = self.v(features).squeeze(-1)
        self.attention_weights = masked_softmax(scores, valid_len)
        return torch.bmm(self.dropout(self.attention_weights), value)
