"""Exercise 29. One step of a decoder

The decoder writes the translation, word by word. At each step its GRU reads the word before and
the context, the encoder's summary of the sentence, side by side; an output layer then gives every
word of the vocabulary a score, and a softmax turns the scores into probabilities of the next one.

    x  = [embedding(token); context]                the word's vector first, then the context
    r  = sigmoid(W_ir x + b_ir + W_hr h + b_hr)     the reset gate
    z  = sigmoid(W_iz x + b_iz + W_hz h + b_hz)     the update gate
    n  = tanh(W_in x + b_in + r * (W_hn h + b_hn))  the candidate
    h' = (1 - z) * n + z * h
    log_probs = log_softmax(w_out h' + b_out)       log(exp(score) / sum of all exp(score))

Time counts: at most 3 times what the reference solution takes.

Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder" (2014), with a
plain output layer; parameters as in the documentation of torch.nn.GRUCell and torch.nn.Linear.
"""

from torch import Tensor


def seq2seq_decode_step(
    token: Tensor,
    h: Tensor,
    context: Tensor,
    embedding: Tensor,
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
    w_out: Tensor,
    b_out: Tensor,
) -> tuple[Tensor, Tensor]:
    """Read one word and tell how likely every word is to be the next.

    token: (N,), int64, a number from 0 to V - 1 for each sample; h: (N, H); context: (N, C);
    embedding: (V, D); w_ih: (3H, D + C), w_hh: (3H, H), b_ih and b_hh: (3H,), the blocks r, z, n
    on top of each other; w_out: (V, H) and b_out: (V,), laid out as in torch.nn.Linear.
    Returns (log_probs (N, V), h' (N, H)).
    """
    # TODO: which of the two states, the old or the new, knows the word that was just read?
    raise NotImplementedError
