"""Exercise 48, a Transformer's encoder: the reference."""

import math

import torch
from torch import Tensor, nn


class TransformerEncoder(nn.Module):
    """An embedding with positions, and a stack of encoder blocks."""

    encoding: Tensor

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        num_heads: int,
        d_ff: int,
        num_layers: int,
        max_len: int = 512,
    ) -> None:
        super().__init__()
        self.scale = math.sqrt(d_model)
        self.embedding = nn.Embedding(vocab_size, d_model)
        # A ModuleList registers what it holds; in a plain list the layers would be lost.
        self.layers = nn.ModuleList(_Layer(d_model, num_heads, d_ff) for _ in range(num_layers))
        # A buffer goes along with .to(); not persistent, it is no part of the state.
        table = _encoding(max_len, d_model)
        self.register_buffer("encoding", table, persistent=False)

    def forward(self, tokens: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        length = tokens.shape[1]
        x = self.embedding(tokens) * self.scale + self.encoding[:length]
        padding = None
        if valid_lens is not None:
            # One mask for all layers, heads and queries: (N, 1, 1, T).
            padding = torch.arange(length, device=tokens.device) >= valid_lens[:, None, None, None]
        for layer in self.layers:
            x = layer(x, padding)
        return x


class _Layer(nn.Module):
    """One block: attention, then the feed-forward network, each with its residual and its norm."""

    def __init__(self, d_model: int, num_heads: int, d_ff: int) -> None:
        super().__init__()
        self.self_attn = _SelfAttention(d_model, num_heads)
        self.linear1 = nn.Linear(d_model, d_ff)
        self.linear2 = nn.Linear(d_ff, d_model)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)

    def forward(self, x: Tensor, padding: Tensor | None) -> Tensor:
        x = self.norm1(x + self.self_attn(x, padding))
        return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))


class _SelfAttention(nn.Module):
    """Multi-head self-attention, with the names that torch's has."""

    def __init__(self, d_model: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        # One matrix projects for q, k and v. It is no layer of its own: its names have no dot.
        projection = nn.Linear(d_model, 3 * d_model)
        self.in_proj_weight, self.in_proj_bias = projection.weight, projection.bias
        self.out_proj = nn.Linear(d_model, d_model)

    def forward(self, x: Tensor, padding: Tensor | None) -> Tensor:
        projected = nn.functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        # (N, T, 3E) to three of (N, num_heads, T, d): the heads become samples of their own.
        q, k, v = projected.unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        if padding is not None:
            scores = scores.masked_fill(padding, -math.inf)
        heads = torch.softmax(scores, dim=-1) @ v
        return self.out_proj(heads.transpose(1, 2).flatten(2))


def _encoding(length: int, d_model: int) -> Tensor:
    """Sines in the even columns, cosines of the same angles in the odd ones, as in exercise 4."""
    positions = torch.arange(length, dtype=torch.float64)
    exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    angles = torch.outer(positions, 10000.0**-exponents)
    table = torch.empty((length, d_model), dtype=torch.float32)
    table[:, 0::2] = angles.sin()
    table[:, 1::2] = angles[:, : d_model // 2].cos()
    return table
