"""Expanded to all pairs, as one wrote it in older torch: views, expand, masked_fill_ on a clone."""

import torch
from torch import nn
from torch.nn import functional


class MLPAttention(nn.Module):
    def __init__(self, key_size, query_size, units, dropout):
        super().__init__()
        self.units = units
        self.v = nn.Linear(units, 1, bias=False)
        self.W_q = nn.Linear(query_size, units, bias=False)
        self.W_k = nn.Linear(key_size, units, bias=False)
        self.drop = nn.Dropout(p=dropout)
        self.init_weights()

    def init_weights(self):
        for p in self.parameters():
            p.data.uniform_(-0.1, 0.1)

    def score(self, query, key):
        N, Tq, Tk = query.size(0), query.size(1), key.size(1)
        q = functional.linear(query, self.W_q.weight).view(N, Tq, 1, self.units)
        k = functional.linear(key, self.W_k.weight).view(N, 1, Tk, self.units)
        q = q.expand(N, Tq, Tk, self.units)
        k = k.expand(N, Tq, Tk, self.units)
        hidden = torch.tanh(torch.add(q, k)).contiguous().view(-1, self.units)
        return torch.mm(hidden, self.v.weight.t()).view(N, Tq, Tk)

    def forward(self, query, key, value, valid_len):
        scores = self.score(query, key)
        if valid_len is None:
            align = functional.softmax(scores, dim=2)
        else:
            N, Tq, Tk = scores.size()
            if valid_len.dim() < 2:
                valid_len = valid_len.view(N, 1).repeat(1, Tq)
            steps = torch.arange(0, Tk, device=scores.device).type_as(valid_len)
            padding = steps.view(1, 1, Tk).expand(N, Tq, Tk) >= valid_len.unsqueeze(2)
            nothing = padding.all(dim=2, keepdim=True)
            # A row of padding alone is left as it is: softmax of -inf everywhere would be nan.
            scores = scores.clone()
            scores.masked_fill_(padding & ~nothing, -float("inf"))
            align = functional.softmax(scores, dim=2).masked_fill(nothing, 0)
        self.attention_weights = align
        return torch.bmm(self.drop(align), value)
