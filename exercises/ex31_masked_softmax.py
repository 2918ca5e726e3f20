"""Exercise 31. A softmax that leaves out the padding

Sequences of one batch are padded to the length of the longest. Attention must not look at the
padding: the keys that are really there share the weights as if nothing stood behind them.

    weights[n, i, j] = exp(scores[n, i, j]) / sum of exp(scores[n, i, k]) over k < length
                       where j < length, and exactly 0 elsewhere

Time counts: at most 5 times what the reference solution takes.

Source: Vaswani et al., "Attention Is All You Need" (2017), section 3.2.3, where the decoder masks
what it must not see; the lengths count keys, from the first one.
"""

from torch import Tensor


def masked_softmax(scores: Tensor, valid_lens: Tensor | None = None) -> Tensor:
    """Softmax over the keys, of those within the valid length only.

    scores: (N, Tq, Tk). valid_lens: int64, from 0 to Tk, how many keys count; (N,), one for all
    queries of a sample, or (N, Tq), one for each query; None where all keys count.
    Returns the weights (N, Tq, Tk). Each row sums to 1; a row of length 0 is all 0.

    The scores within the length are finite, and may be as large or small as their dtype allows.
    Beyond it they may be anything, nan and inf too: no weight depends on them, their gradient
    is exactly 0, and no gradient is ever nan.
    """
    # TODO: which score gets a weight of exactly 0 from a softmax, whatever the others are? And
    # what remains of a row in which every score is that one?
    raise NotImplementedError
