"""Exercise 46. Additive attention as a module

A layer that models can be built with: the scores of exercise 32, the masked softmax of exercise 31
and dropout, with weights of its own. In the lecture it is called MLPAttention, for its scores come
from a small network with one hidden layer.

    scores[n, i, j]   = v . tanh(W_q query[n, i] + W_k key[n, j])
    attention_weights = softmax of the scores over j < length, and exactly 0 elsewhere
    output[n, i]      = sum over j of dropout(attention_weights)[n, i, j] * value[n, j]

Dropout acts on the weights, in training mode only. What a person wants to look at afterwards are
the weights of the last call as they were before it: the object keeps them as `attention_weights`.

Sources: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and
Translate" (2015), appendix A.1.2; Zhang et al., "Dive into Deep Learning", on attention scoring.
"""

from torch import Tensor, nn


class MLPAttention(nn.Module):
    """Attention whose scores come from a network with one hidden layer of `units`.

    Parameters: W_k.weight (units, key_size), W_q.weight (units, query_size) and v.weight
    (1, units), as three `nn.Linear` without bias have them; state_dict holds nothing else.
    """

    def __init__(self, key_size: int, query_size: int, units: int, dropout: float) -> None:
        """Make the layers; `dropout` is the share of the weights that is dropped."""
        super().__init__()
        # TODO: which layers of torch.nn hold what the formula needs?
        raise NotImplementedError

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, valid_len: Tensor | None
    ) -> Tensor:
        """Read, for each query, the values of the keys that go well with it.

        query: (N, Tq, query_size), key: (N, Tk, key_size), value: (N, Tk, Dv). valid_len: int64,
        from 0 to Tk, how many keys count; (N,), one for all queries of a sample, or (N, Tq), one
        for each query; None where all keys count.
        Returns the output (N, Tq, Dv), and sets `attention_weights` (N, Tq, Tk).

        Padding is finite; neither the output nor any gradient depends on it. Where the length is
        0, weights and output are 0. Scores may be as large or small as their dtype allows.
        """
        # TODO: of the weights, which ones do you keep, and which ones meet the values?
        raise NotImplementedError
