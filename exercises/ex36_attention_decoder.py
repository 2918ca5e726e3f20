"""Exercise 36. A decoder that attends

A decoder writes a sequence, token by token, from what an encoder has read. With attention it does
not have to keep the whole source in its state: before each step it asks, with that state, which
of the encoder's outputs matter now, and reads their weighted average beside the last token.

    scores  = w_v . tanh(w_q h + w_k enc_outputs[j])    exercise 32: the state is the query
    weights = softmax of the scores over the positions j < enc_valid_len, exactly 0 elsewhere
    context = sum over j of weights[j] * enc_outputs[j]
    x       = [context; embedding[token]]               side by side, the context first
    h'      = GRU(x, h)                                 r, z, n and h' as in exercise 15

Time counts: at most 3 times what the reference solution takes.

Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and
Translate" (2015), section 3.1 and appendix A.1.2, with a GRU laid out as torch.nn.GRUCell.
"""

from torch import Tensor


def attention_decode_step(
    token: Tensor,
    h: Tensor,
    enc_outputs: Tensor,
    enc_valid_len: Tensor,
    embedding: Tensor,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """Read one token, and of the source what the state asks for; update the state.

    token: (N,) int64, rows of embedding (V, E); h: (N, H), the decoder's last state;
    enc_outputs: (N, Tk, H), keys and values; enc_valid_len: (N,) int64 from 1 to Tk, how many
    of them are no padding. Padding is finite; neither h' nor any gradient depends on it.
    w_q, w_k: (A, H) and w_v: (A,) for the scores; w_ih: (3H, H + E), w_hh: (3H, H), b_ih and
    b_hh: (3H,) for the GRU. Returns (h' (N, H), weights (N, Tk)).
    """
    # TODO: three earlier exercises meet here. In which order does each need what another gives?
    raise NotImplementedError
