"""Exercise 35. Self-attention

Queries, keys and values all come from one sequence: every position looks at the others and
gathers what it needs from them. A language model must not look ahead, so its attention is causal.

    Q, K, V = x w_q^T, x w_k^T, x w_v^T                 of every position
    scores  = Q K^T / sqrt(d)                           d: the size of a query
    output  = softmax of the scores over the keys, times V

With `causal`, position i attends to the positions 0, 1, ..., i and to none after them: there the
weights are 0, and those that remain sum to 1.

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), sections 3.2.1 and 3.2.3.
"""

from torch import Tensor


def self_attention(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, causal: bool = False
) -> Tensor:
    """Let every position of a sequence attend to the sequence, or with `causal` to its past.

    x: (N, T, D), a batch of sequences; w_q and w_k: (d, D), w_v: (Dv, D), each applied as
    x @ w.T, without a bias. Returns the output (N, T, Dv), also where scores are so large that
    their exponential would overflow.
    """
    # TODO: which score turns into a weight of exactly 0, and leaves the others to sum to 1?
    raise NotImplementedError
