"""Exercise 39. A Transformer's encoder block

First every position asks all positions what they know, itself included: self-attention. Then it
thinks about the answer by itself: the feed-forward network. After each of the two, what was there
before is added, and a layer norm follows. An encoder is a stack of such blocks.

    q, k, v = the three blocks, each of width E, of x in_proj_weight^T + in_proj_bias
    heads   = softmax(q_h k_h^T / sqrt(d)) v_h    d = E / num_heads columns for head h
    a       = concat(heads) out_proj.weight^T + out_proj.bias
    z       = layer_norm(x + a)                                                 with norm1
    f       = relu(z linear1.weight^T + linear1.bias) linear2.weight^T + linear2.bias
    output  = layer_norm(z + f)                                                 with norm2

These are exercise 34 (with biases, and q, k, v in one matrix), and 38, each within exercise 37.
torch.nn.functional.linear, relu and layer_norm (its eps is 1e-5, as it should be) are allowed.

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.1; parameters are named as in
torch.nn.TransformerEncoderLayer.
"""

from torch import Tensor


def encoder_block(
    x: Tensor, params: dict[str, Tensor], num_heads: int, valid_lens: Tensor | None = None
) -> Tensor:
    """Send a batch of sequences through one block.

    x: (N, T, E). valid_lens: (N,), int64 from 1 to T. In sample n the keys from valid_lens[n]
    on are padding: no query gives them any weight. As queries they are like all others, and their
    outputs are computed too. None: every key is valid.
    params: "self_attn.in_proj_weight" (3E, E), "self_attn.in_proj_bias" (3E,),
    "self_attn.out_proj.weight" (E, E), "self_attn.out_proj.bias" (E,),
    "linear1.weight" (F, E), "linear1.bias" (F,), "linear2.weight" (E, F), "linear2.bias" (E,),
    "norm1.weight", "norm1.bias", "norm2.weight" and "norm2.bias", each (E,).
    Returns (N, T, E).
    """
    # TODO: both sublayers end in the same two steps. Which, and which norm belongs to which?
    raise NotImplementedError
