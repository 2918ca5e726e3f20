"""Exercise 3. Attention scoring

A query asks, every key answers with a score, and a softmax turns the scores into weights:
how much each value counts in the answer. This is the heart of every Transformer.

    scores[n, i, j] = queries[n, i] . keys[n, j] / sqrt(d)
    weights         = softmax of the scores over the keys
    output          = weights @ values

Time counts: at most 3 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.1.
"""

from torch import Tensor


def attention_scores(queries: Tensor, keys: Tensor) -> Tensor:
    """Score every query against every key.

    queries: (N, Tq, d), keys: (N, Tk, d). Returns the scores (N, Tq, Tk), not normalised.
    """
    # TODO: one matrix product holds all the dot products. What keeps them small when d grows?
    raise NotImplementedError


def attention(queries: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """Average the values, each weighed by how well its key answers the query.

    queries: (N, Tq, d), keys: (N, Tk, d), values: (N, Tk, Dv).
    Returns (output (N, Tq, Dv), weights (N, Tq, Tk)); each row of the weights sums to 1, also
    where scores are so large that their exponential would overflow.
    """
    # TODO: the weights belong to one query at a time: along which axis must they sum to 1?
    raise NotImplementedError
