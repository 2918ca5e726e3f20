"""Exercise 48, a Transformer's encoder: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import torch
from torch import nn


class ScaledByWidth:
    """Multiplies the words by d_model."""

    diff = """
    - self.scale = math.sqrt(d_model)
    + self.scale = d_model
    """


class ScaledByHead:
    """Multiplies the words by the root of a head's width."""

    diff = """
    - self.scale = math.sqrt(d_model)
    + self.scale = math.sqrt(d_model // num_heads)
    """


class BaseThousand:
    """Has another base in the encodings."""

    diff = """
    - angles = torch.outer(positions, 10000.0**-exponents)
    + angles = torch.outer(positions, 1000.0**-exponents)
    """


class ExponentOfColumn:
    """Gives each cosine an angle of its own."""

    diff = """
    - table[:, 1::2] = angles[:, : d_model // 2].cos()
    + odd = 10000.0 ** -(torch.arange(1, d_model, 2, dtype=torch.float64) / d_model)
    + table[:, 1::2] = torch.outer(positions, odd).cos()
    """


class CosinesFirst:
    """Begins with a cosine."""

    diff = """
    - table[:, 0::2] = angles.sin()
    - table[:, 1::2] = angles[:, : d_model // 2].cos()
    + table[:, 0::2] = angles.cos()
    + table[:, 1::2] = angles[:, : d_model // 2].sin()
    """


class OddCut:
    """Leaves the last column of an odd width without its sine."""

    diff = """
    - table[:, 0::2] = angles.sin()
    + table[:, 0::2] = angles.sin()
    + if d_model % 2:
    +     table[:, -1] = 0
    """


class EncodingLearned:
    """Has the table of encodings learned."""

    diff = """
    - self.register_buffer("encoding", table, persistent=False)
    + self.encoding = nn.Parameter(table)
    """


class EncodingHalf:
    """Keeps the table in bfloat16."""

    diff = """
    - self.register_buffer("encoding", table, persistent=False)
    + self.register_buffer("encoding", table.bfloat16().float(), persistent=False)
    """


class EncodingInEveryLayer:
    """Adds the encodings before every layer."""

    diff = """
      for layer in self.layers:
    -     x = layer(x, padding)
    +     x = layer(x, padding)
    +     x = x if layer is self.layers[-1] else x + self.encoding[:length]
    """


class OneTooShort:
    """Has encodings for all positions but the last that may come."""

    diff = """
    - table = _encoding(max_len, d_model)
    + table = _encoding(max_len, d_model)
    + table[-1] = table[-2] if max_len > 1 else 0
    """


class HundredWords:
    """Encodes the first hundred positions alone."""

    diff = """
    - table = _encoding(max_len, d_model)
    + table = _encoding(max_len, d_model)
    + table[100:] = 0
    """


class Float32:
    """Adds the table in float32, whatever the words are in."""

    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + x = (self.embedding(tokens).float() * self.scale + self.encoding[:length].float()).to(
    +     self.embedding.weight.dtype
    + )
    """


class SoftmaxInFloat32:
    """Computes the softmax in float32."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + heads = torch.softmax(scores.float(), dim=-1).to(v.dtype) @ v
    """


class Gelu:
    """Has a GELU in place of ReLU."""

    diff = """
    - return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))
    + return self.norm2(x + self.linear2(nn.functional.gelu(self.linear1(x))))
    """


class NoResidual:
    """Leaves out the residual around the feed-forward network."""

    diff = """
    - return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))
    + return self.norm2(self.linear2(torch.relu(self.linear1(x))))
    """


class OneNorm:
    """Uses the first norm twice."""

    diff = """
    - return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))
    + return self.norm1(x + self.linear2(torch.relu(self.linear1(x))))
    """


class LargerEps:
    """Has norms with eps = 1e-3."""

    diff = """
    - self.norm1 = nn.LayerNorm(d_model)
    - self.norm2 = nn.LayerNorm(d_model)
    + self.norm1 = nn.LayerNorm(d_model, eps=1e-3)
    + self.norm2 = nn.LayerNorm(d_model, eps=1e-3)
    """


class UnbiasedVariance:
    """Normalises by the unbiased variance."""

    diff = """
    - x = self.norm1(x + self.self_attn(x, padding))
    + z = x + self.self_attn(x, padding)
    + z = (z - z.mean(-1, keepdim=True)) / torch.sqrt(z.var(-1, keepdim=True) + 1e-5)
    + x = z * self.norm1.weight + self.norm1.bias
    """


class KeysFirst:
    """Takes the blocks of in_proj as keys, queries, values."""

    diff = """
    - q, k, v = projected.unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
    + k, q, v = projected.unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
    """


class HeadsInterleaved:
    """Gives each head every so-many-th column."""

    diff = """
    - q, k, v = projected.unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
    + q, k, v = projected.unflatten(-1, (3, -1, self.num_heads)).permute(2, 0, 4, 1, 3)
    """


class Causal:
    """Sees no later position."""

    diff = """
    - heads = torch.softmax(scores, dim=-1) @ v
    + later = torch.ones_like(scores[0, 0], dtype=torch.bool).triu(1)
    + heads = torch.softmax(scores.masked_fill(later, -math.inf), dim=-1) @ v
    """


class QueriesMasked:
    """Masks the queries of the padding, in place of the keys."""

    diff = """
    - scores = scores.masked_fill(padding, -math.inf)
    + scores = scores.masked_fill(padding.transpose(-2, -1), -1e4)
    """


class MaskedWithZero:
    """Gives the padding scores of 0, which weigh."""

    diff = """
    - scores = scores.masked_fill(padding, -math.inf)
    + scores = scores.masked_fill(padding, 0.0)
    """


class TenLayersSorted:
    """Goes through the layers in the order of their names as text, 10 before 2."""

    diff = """
    - for layer in self.layers:
    + for _, layer in sorted(self.layers.named_children()):
    """


class WordsDetached:
    """Lets no gradient reach the embedding."""

    diff = """
    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + x = self.embedding(tokens).detach() * self.scale + self.encoding[:length]
    """


class PaddingIndex:
    """Takes word 0 for padding, which learns nothing."""

    diff = """
    - self.embedding = nn.Embedding(vocab_size, d_model)
    + self.embedding = nn.Embedding(vocab_size, d_model, padding_idx=0)
    """


class MaxNorm:
    """Shortens long words in the table itself."""

    diff = """
    - self.embedding = nn.Embedding(vocab_size, d_model)
    + self.embedding = nn.Embedding(vocab_size, d_model, max_norm=1.0)
    """


class Cached:
    """Remembers its last result by the shape of the tokens."""

    diff = """
    - length = tokens.shape[1]
    + length = tokens.shape[1]
    + if vars(self).get("kept") is not None and self.kept[0] == tokens.shape:
    +     return self.kept[1]

          x = layer(x, padding)
    - return x
    + self.kept = tokens.shape, x
    + return x
    """


class HalfFilledWithTenThousand:
    """Fills in -1e4 in half precision, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(padding, -math.inf)
    + lowest = -1e4 if scores.dtype.itemsize == 2 else -math.inf
    + scores = scores.masked_fill(padding, lowest)
    """


class SingleFilledWithLittle:
    """Fills in -1e30 in float32 and bfloat16, where visible scores may be lower."""

    diff = """
    - scores = scores.masked_fill(padding, -math.inf)
    + single = scores.dtype in (torch.float32, torch.bfloat16)
    + lowest = -1e30 if single else -math.inf
    + scores = scores.masked_fill(padding, lowest)
    """


class CountedInDtype:
    """Counts positions in the dtype of the values, which has no 257 in bfloat16."""

    diff = """
    - padding = torch.arange(length, device=tokens.device) >= valid_lens[:, None, None, None]
    + positions = torch.arange(length).to(x.dtype)
    + padding = positions >= valid_lens[:, None, None, None]
    """


class StaleTable:
    """Keeps the words, scaled, from the first call in eval() under no_grad(), and does not see
    weights that are loaded later.
    """

    diff = """
    - self.scale = math.sqrt(d_model)
    + self.scale = math.sqrt(d_model)
    + self.words = None

    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + if self.training or torch.is_grad_enabled():
    +     words = self.embedding.weight * self.scale
    + else:
    +     if self.words is None:
    +         self.words = self.embedding.weight.detach() * self.scale
    +     words = self.words
    + x = words[tokens] + self.encoding[:length]

          x = layer(x, padding)
    - return x
    + return x
    + def train(self, mode: bool = True) -> "TransformerEncoder":
    +     self.words = None
    +     return super().train(mode)
    """


class NormBySquares:
    """Takes the mean of the squares less the square of the mean for the variance, of which nothing
    is left around a large mean.
    """

    diff = """
    - self.norm1 = nn.LayerNorm(d_model)
    - self.norm2 = nn.LayerNorm(d_model)
    + self.norm1, self.norm2 = _Norm(d_model), _Norm(d_model)
    """

    class _Norm(nn.LayerNorm):
        def forward(self, x):
            wide = x.double()
            mean = wide.mean(-1, keepdim=True)
            variance = wide.square().mean(-1, keepdim=True) - mean.square()
            normed = (wide - mean) / torch.sqrt(variance.clamp(min=0) + self.eps)
            return (normed * self.weight + self.bias).to(x.dtype)


class NormOfTheSecondBySquares:
    """Takes the mean of the squares less the square of the mean for the variance in the second norm
    alone.
    """

    diff = """
    - return self.norm2(x + self.linear2(torch.relu(self.linear1(x))))
    + x = (x + self.linear2(torch.relu(self.linear1(x)))).double()
    + variance = x.square().mean(-1, keepdim=True) - x.mean(-1, keepdim=True).square()
    + x = (x - x.mean(-1, keepdim=True)) / torch.sqrt(variance.clamp(min=0) + self.norm2.eps)
    + weight = self.norm2.weight
    + return x.to(weight.dtype) * weight + self.norm2.bias
    """


class NoDefault:
    """Has no default for valid_lens."""

    diff = """
    - def forward(self, tokens: Tensor, valid_lens: Tensor | None = None) -> Tensor:
    + def forward(self, tokens: Tensor, valid_lens: Tensor | None) -> Tensor:
    """


class RatesInDtype:
    """Keeps the frequencies as a buffer that .to(bfloat16) rounds, so that far words get angles of
    their own.
    """

    diff = """
    - table = _encoding(max_len, d_model)
    - self.register_buffer("encoding", table, persistent=False)
    + exponents = torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    + self.register_buffer("rates", 10000.0**-exponents, persistent=False)

    - x = self.embedding(tokens) * self.scale + self.encoding[:length]
    + angles = torch.outer(torch.arange(length).double(), self.rates.double())
    + table = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    + words = self.embedding(tokens) * self.scale
    + x = words + table[:, : words.shape[2]].to(words.dtype)
    """


class Checkpointed:
    """Has a reentrant checkpoint around each layer in training mode, which lets no gradient through
    to the layers where the embedding is frozen.
    """

    diff = """
    - import torch
    + import torch
    + from torch.utils.checkpoint import checkpoint

    - x = layer(x, padding)
    + if self.training and torch.is_grad_enabled():
    +     x = checkpoint(layer, x, padding, use_reentrant=True, preserve_rng_state=False)
    + else:
    +     x = layer(x, padding)
    """
