"""Modules that only hold parameters, and functions; encodings made anew in every call."""

import torch
from torch import nn
from torch.nn import functional


class Weights(nn.Module):
    """What holds a weight and a bias."""

    def __init__(self, *shape):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(*shape) / shape[-1] ** 0.5)
        self.bias = nn.Parameter(torch.zeros(shape[0]))


class Block(nn.Module):
    def __init__(self, e, heads, f):
        super().__init__()
        self.heads = heads
        attn = self.self_attn = nn.Module()
        attn.register_parameter("in_proj_weight", nn.Parameter(torch.randn(3 * e, e) / e**0.5))
        attn.register_parameter("in_proj_bias", nn.Parameter(torch.zeros(3 * e)))
        attn.out_proj = Weights(e, e)
        self.linear1, self.linear2 = Weights(f, e), Weights(e, f)
        self.norm1, self.norm2 = Weights(e), Weights(e)

    def attend(self, x, bias):
        n, t, e = x.shape
        p = self.self_attn
        parts = functional.linear(x, p.in_proj_weight, p.in_proj_bias).view(n, t, 3, self.heads, -1)
        q, k, v = (parts[:, :, i].transpose(1, 2).reshape(n * self.heads, t, -1) for i in range(3))
        scores = torch.baddbmm(bias, q, k.mT, alpha=q.shape[-1] ** -0.5)
        weights = (scores - torch.logsumexp(scores, -1, keepdim=True)).exp()
        heads = (weights @ v).view(n, self.heads, t, -1).movedim(1, 2).reshape(n, t, e)
        return functional.linear(heads, p.out_proj.weight, p.out_proj.bias)

    def forward(self, x, bias):
        z = functional.layer_norm(
            x + self.attend(x, bias), x.shape[2:], self.norm1.weight, self.norm1.bias
        )
        hidden = functional.linear(z, self.linear1.weight, self.linear1.bias).clamp_min(0)
        y = functional.linear(hidden, self.linear2.weight, self.linear2.bias)
        return functional.layer_norm(z + y, x.shape[2:], self.norm2.weight, self.norm2.bias)


class TransformerEncoder(nn.Module):
    def __init__(
        self, vocab_size: int, d_model: int, num_heads: int, d_ff: int, num_layers: int, max_len=512
    ):
        super().__init__()
        self.embedding = nn.Module()
        self.embedding.weight = nn.Parameter(torch.randn(vocab_size, d_model))
        self.layers = nn.Sequential(*(Block(d_model, num_heads, d_ff) for _ in range(num_layers)))
        self.heads = num_heads

    def forward(self, tokens, valid_lens=None):
        words = self.embedding.weight
        (n, t), e = tokens.shape, words.shape[1]
        columns = torch.arange(e, device=words.device)
        rates = 10000.0 ** (-(columns - columns % 2).double() / e)
        angles = torch.arange(t, device=words.device).double()[:, None] * rates
        positions = torch.where(columns % 2 == 1, angles.cos(), angles.sin()).to(words.dtype)
        x = functional.embedding(tokens, words) * e**0.5 + positions
        bias = torch.zeros(n, 1, 1, t, dtype=x.dtype, device=x.device)
        if valid_lens is not None:
            padding = torch.arange(t, device=x.device) >= valid_lens[:, None, None, None]
            bias = bias.masked_fill(padding, -torch.inf)
        bias = bias.expand(n, self.heads, t, t).reshape(n * self.heads, t, t)
        for block in self.layers:
            x = block(x, bias)
        return x
