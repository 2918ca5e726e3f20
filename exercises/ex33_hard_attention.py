"""Exercise 33. Hard attention

Soft attention never looks away: every key keeps a little weight, however badly it fits. Hard
attention looks at few keys, or at just one. Here, weights under a threshold are dropped:

    soft    = softmax of the scores over the keys
    kept    = soft where soft >= threshold, 0 elsewhere
    weights = kept / sum of kept over the keys
    output  = weights @ values

The largest weight of a row stays whatever the threshold is, so that something is always looked
at; where several are equally large, it is the first of them that is sure to stay.

Time counts: at most 5 times what the reference solution takes.

Source: Xu et al., "Show, Attend and Tell" (2015), section 4, on hard and soft attention. There
the one key is drawn at random; a threshold needs no chance, and lets gradients through.
"""

from torch import Tensor


def hard_attention(scores: Tensor, values: Tensor, threshold: float) -> tuple[Tensor, Tensor]:
    """Average the values of the keys that matter.

    scores: (N, Tq, Tk), values: (N, Tk, Dv); threshold: 0 or more. 0 keeps every key, and one
    above 1, inf too, just the first largest of each row; a weight that equals the threshold stays.
    Returns (output (N, Tq, Dv), weights (N, Tq, Tk)); each row of the weights sums to 1.
    """
    # TODO: which weights stay is a question of yes or no: a mask. What must still be in it for a
    # row where every weight is under the threshold?
    raise NotImplementedError
