"""Exponentials by hand, einsum for products, and a buffer for the weights that no state holds."""

import torch
from torch import einsum, nn
from torch.nn.functional import dropout, linear


class MLPAttention(nn.Module):
    def __init__(self, key_size: int, query_size: int, units: int, dropout: float):
        super().__init__()
        for name, width in (("W_k", key_size), ("W_q", query_size)):
            self.add_module(name, nn.Linear(width, units, bias=False))
        self.add_module("v", nn.Linear(units, 1, bias=False))
        self.p = dropout
        self.register_buffer("attention_weights", None, persistent=False)

    def forward(self, query, key, value, valid_len):
        pairs = linear(query, self.W_q.weight).unsqueeze(-2) + self.W_k(key).unsqueeze(-3)
        scores = einsum("nijh,h->nij", pairs.tanh(), self.v.weight.squeeze(0))
        weights = self.shares(scores, valid_len)
        self.attention_weights = weights
        return einsum("nij,njd->nid", dropout(weights, self.p, training=self.training), value)

    @staticmethod
    def shares(scores, valid_len):
        if valid_len is None:
            valid_len = torch.full(scores.shape[:1], scores.shape[-1], device=scores.device)
        while valid_len.dim() < 3:
            valid_len = valid_len.unsqueeze(-1)
        counts = torch.arange(scores.shape[-1], device=scores.device) < valid_len
        scores = scores.masked_fill(~counts, -torch.inf)
        most = scores.amax(-1, keepdim=True).masked_fill(~counts.any(-1, keepdim=True), 0)
        parts = torch.exp(scores - most.detach())
        total = parts.sum(-1, keepdim=True)
        return parts / torch.where(total == 0, 1, total)
