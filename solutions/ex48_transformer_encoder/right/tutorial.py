"""As tutorials have it: a module for positions with exp and log, one head after another."""

import math

import torch
from torch import nn


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, max_len):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div_term = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        pe = torch.zeros(1, max_len, d_model)
        pe[0, :, 0::2] = torch.sin(position * div_term)
        pe[0, :, 1::2] = torch.cos(position * div_term)[:, : d_model // 2]
        self.register_buffer("pe", pe, persistent=False)

    def forward(self, x):
        return x + self.pe[:, : x.size(1)]


class MultiHead(nn.Module):
    def __init__(self, d_model, num_heads):
        super().__init__()
        self.num_heads = num_heads
        self.out_proj = nn.Linear(d_model, d_model)
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * d_model))
        self.in_proj_weight = nn.Parameter(torch.randn(3 * d_model, d_model) * 0.02)

    def forward(self, x, keep):
        d = x.size(-1) // self.num_heads
        qkv = x @ self.in_proj_weight.T + self.in_proj_bias
        q, k, v = qkv.chunk(3, dim=-1)
        heads = []
        for h in range(self.num_heads):
            columns = slice(h * d, (h + 1) * d)
            scores = torch.bmm(q[..., columns], k[..., columns].transpose(1, 2)) / math.sqrt(d)
            if keep is not None:
                scores = torch.where(keep[:, None, :], scores, float("-inf"))
            heads.append(torch.bmm(scores.softmax(dim=-1), v[..., columns]))
        return self.out_proj(torch.cat(heads, dim=-1))


class EncoderLayer(nn.Module):
    def __init__(self, d_model, num_heads, d_ff):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.self_attn = MultiHead(d_model, num_heads)
        self.linear1, self.linear2 = nn.Linear(d_model, d_ff), nn.Linear(d_ff, d_model)
        self.activation = nn.ReLU()

    def forward(self, x, keep):
        x = self.norm1(x + self.self_attn(x, keep))
        return self.norm2(x + self.linear2(self.activation(self.linear1(x))))


class TransformerEncoder(nn.Module):
    def __init__(self, vocab_size, d_model, num_heads, d_ff, num_layers, max_len=512):
        super().__init__()
        self.d_model = d_model
        self.embedding = nn.Embedding(vocab_size, d_model)
        self.pos_encoding = PositionalEncoding(d_model, max_len)
        self.layers = nn.ModuleList()
        for _ in range(num_layers):
            self.layers.append(EncoderLayer(d_model, num_heads, d_ff))

    def forward(self, tokens, valid_lens=None):
        keep = None
        if valid_lens is not None:
            keep = torch.arange(tokens.size(1), device=tokens.device)[None] < valid_lens[:, None]
        x = self.pos_encoding(self.embedding(tokens) * math.sqrt(self.d_model))
        for layer in self.layers:
            x = layer(x, keep)
        return x
