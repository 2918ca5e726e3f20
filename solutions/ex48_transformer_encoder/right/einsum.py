"""Einsum for products, a norm written out, sines by the shift of a quarter turn."""

import math

import torch
from torch import einsum, nn


class Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width).uniform_(-0.1, 0.1))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        self.shape = 3, heads, width // heads

    def forward(self, x, padding):
        weight = self.in_proj_weight.unflatten(0, self.shape)
        bias = self.in_proj_bias.unflatten(0, self.shape)[:, None, :, None]
        q, k, v = einsum("nte,chde->cnhtd", x, weight) + bias
        scores = einsum("nhid,nhjd->nhij", q / math.sqrt(self.shape[2]), k)
        if padding is not None:
            scores = scores.masked_fill(padding[:, None, None], -math.inf)
        out = self.out_proj.weight.unflatten(1, self.shape[1:])
        return einsum("nhij,nhjd,ehd->nie", scores.softmax(-1), v, out) + self.out_proj.bias


class Norm(nn.LayerNorm):
    def forward(self, x):
        x = x - x.mean(-1, keepdim=True)
        deviation = x.square().mean(-1, keepdim=True).add(self.eps).sqrt()
        return self.weight * (x / deviation) + self.bias


class Block(nn.Module):
    def __init__(self, width: int, heads: int, hidden: int):
        super().__init__()
        self.self_attn = Attention(width, heads)
        self.linear1 = nn.Linear(width, hidden)
        self.linear2 = nn.Linear(hidden, width)
        self.norm1 = Norm(width)
        self.norm2 = Norm(width)

    def forward(self, x, padding):
        x = self.norm1(self.self_attn(x, padding) + x)
        return self.norm2(self.linear2(self.linear1(x).relu()) + x)


class TransformerEncoder(nn.Module):
    def __init__(self, vocab_size, d_model, num_heads, d_ff, num_layers, max_len=512):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, d_model)
        blocks = [Block(d_model, num_heads, d_ff) for _ in range(num_layers)]
        self.layers = nn.ModuleList(blocks)
        column = torch.arange(d_model, dtype=torch.float64)
        angle = torch.arange(max_len)[:, None] / 10000 ** ((column // 2) * 2 / d_model)
        self.table = torch.sin(angle + (column % 2) * math.pi / 2)

    def forward(self, tokens, valid_lens=None):
        x = self.embedding(tokens)
        width = x.shape[-1]
        x = math.sqrt(width) * x + self.table[: tokens.shape[1]].to(x)
        padding = None
        if valid_lens is not None:
            steps = torch.arange(tokens.shape[1], device=x.device)
            padding = steps.expand(tokens.shape) >= valid_lens.unsqueeze(1)
        for block in self.layers:
            x = block(x, padding)
        return x
