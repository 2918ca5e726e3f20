"""Exercise 28. An encoder for sequences

To translate a sentence, a network first reads it. Each word is a number, a token, and its row of
the embedding is a vector that can be learned. A GRU reads these vectors one after the other; its
last state, the context, is all that the decoder will know of the sentence.

    x_t = embedding[token_t]                                the vector of the word at time t
    r = sigmoid(W_ir x_t + b_ir + W_hr h + b_hr)            the reset gate
    z = sigmoid(W_iz x_t + b_iz + W_hz h + b_hz)            the update gate
    n = tanh(W_in x_t + b_in + r * (W_hn h + b_hn))         the candidate
    h_t = (1 - z) * n + z * h,  where h is h_{t-1}          the state; h_0 is zero

Time counts: at most 3 times what the reference solution takes.

Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014); equations
and parameters as in the documentation of torch.nn.Embedding and torch.nn.GRU.
"""

from torch import Tensor


def seq2seq_encode(
    tokens: Tensor, embedding: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """Read a batch of sentences.

    tokens: (T, N), int64, time first, T at least 1: each column is a sentence of T numbers from
    0 to V - 1;
    embedding: (V, D), a row for each word of the vocabulary; w_ih: (3H, D), w_hh: (3H, H), b_ih
    and b_hh: (3H,), the blocks r, z, n on top of each other.
    Returns (outputs (T, N, H), context (N, H)): the state after every word, and after the last.
    """
    # TODO: what does a tensor give when it is indexed by a tensor of whole numbers?
    raise NotImplementedError
