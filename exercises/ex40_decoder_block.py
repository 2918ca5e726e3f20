"""Exercise 40. A Transformer's decoder block

A decoder writes one position after another. Each asks those already written, itself included,
then asks the memory, which is what an encoder made of the source, then thinks for itself. While it
learns, all positions are there at once: a causal mask keeps each of them from reading ahead.

    z1     = layer_norm(x + attention(x, x))               self_attn, norm1; no later position
    z2     = layer_norm(z1 + attention(z1, memory))        multihead_attn, norm2; no padding
    f      = relu(z2 linear1.weight^T + linear1.bias) linear2.weight^T + linear2.bias
    output = layer_norm(z2 + f)                            norm3

Attention is that of exercise 39: attention(a, b) takes its queries from a, its keys and values
from b; the three blocks of in_proj are for q, k and v. torch.nn.functional.linear, relu and
layer_norm (its eps is 1e-5, as it should be) are allowed.

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.1; parameters are named as in
torch.nn.TransformerDecoderLayer.
"""

from torch import Tensor


def decoder_block(
    x: Tensor,
    memory: Tensor,
    params: dict[str, Tensor],
    num_heads: int,
    memory_valid_lens: Tensor | None = None,
) -> Tensor:
    """Send a batch of sequences through one block, with the memory that belongs to each.

    x: (N, T, E), memory: (N, S, E). memory_valid_lens: (N,), int64 from 1 to S: in sample n the
    memory from memory_valid_lens[n] on is padding, and gets no weight. None: all of it is valid.
    params, where NAME is self_attn and multihead_attn: "NAME.in_proj_weight" (3E, E),
    "NAME.in_proj_bias" (3E,), "NAME.out_proj.weight" (E, E), "NAME.out_proj.bias" (E,);
    "linear1.weight" (F, E), "linear1.bias" (F,), "linear2.weight" (E, F), "linear2.bias" (E,);
    "norm1.weight", "norm1.bias", and so on to norm3, each (E,).
    Returns (N, T, E).
    """
    # TODO: one attention function can serve twice. What must it be told to do both jobs?
    raise NotImplementedError
