"""Exercise 48. A Transformer's encoder

From tokens to what they mean where they stand: every word is looked up, told its position, and
sent through a stack of the blocks of exercise 39.

    x = sqrt(d_model) * embedding.weight[tokens] + encoding     positions 0, 1, ..., T - 1
    x = block i of x, for i = 0, 1, ..., num_layers - 1         post-norm, ReLU, no dropout
    output = x                                                  no norm behind the last block

The encoding is that of exercise 4, where a table in float32 is exact enough for every dtype.
torch.nn's Linear, LayerNorm and Embedding are allowed; its attention and Transformer are not.
Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), sections 3.1, 3.4 and 3.5.
"""

from torch import Tensor, nn


class TransformerEncoder(nn.Module):
    """An embedding with positions, and `num_layers` encoder blocks, each with its own parameters.

    Parameters, with E = d_model and F = d_ff: embedding.weight (vocab_size, E), and for each layer
    i those of nn.TransformerEncoderLayer behind `layers.{i}.`: self_attn.in_proj_weight (3E, E),
    self_attn.in_proj_bias (3E,), self_attn.out_proj.weight (E, E), self_attn.out_proj.bias (E,),
    linear1.weight (F, E), linear1.bias (F,), linear2.weight (E, F), linear2.bias (E,), and
    norm1.weight, norm1.bias, norm2.weight, norm2.bias, each (E,). No encoding: it is not learned.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        num_heads: int,
        d_ff: int,
        num_layers: int,
        max_len: int = 512,
    ) -> None:
        """Make the embedding and the layers; no sequence will be longer than `max_len`.

        num_heads divides d_model, which may be odd: then the encoding ends on a sine.
        """
        super().__init__()
        # TODO: a name like layers.0.self_attn.out_proj.weight is a path. Through which modules?
        raise NotImplementedError

    def forward(self, tokens: Tensor, valid_lens: Tensor | None = None) -> Tensor:
        """Encode a batch of sequences.

        tokens: (N, T), int64 below vocab_size. valid_lens: (N,), int64 from 1 to T: in every layer,
        keys from valid_lens[n] on get no weight; as queries they are answered like all others.
        None: every key is valid. Returns (N, T, E).
        """
        # TODO: what does each layer need beside the output of the one below?
        raise NotImplementedError
