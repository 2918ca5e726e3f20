"""Exercise 32. Additive attention

A dot product can only compare vectors of the same width. Additive attention asks a small network
with one hidden layer instead: it sees a query and a key, of whatever widths, and says how well
they go together. This is how the first attention of machine translation kept its scores.

    scores[n, i, j] = w_v . tanh(w_q queries[n, i] + w_k keys[n, j])

Time counts: at most 3 times what the reference solution takes.

Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and
Translate" (2015), section 3.1 and appendix A.1.2, where the three are called v, W and U.
"""

from torch import Tensor


def additive_scores(queries: Tensor, keys: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> Tensor:
    """Score every query against every key.

    queries: (N, Tq, Dq), keys: (N, Tk, Dk); w_q: (H, Dq), w_k: (H, Dk) and w_v: (H,), the weights
    into the hidden layer and out of it. Returns the scores (N, Tq, Tk), not normalised.
    """
    # TODO: every query meets every key. Which axes let (N, Tq, H) and (N, Tk, H) do so in one sum?
    raise NotImplementedError
