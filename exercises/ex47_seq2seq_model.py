"""Exercise 47. An encoder, and a decoder that attends

The model of the lecture on attention, whole: an encoder reads the source, and a decoder writes the
target, one token after another; before each it looks where it has to look. One step is that of
exercise 36, with a stack of GRU layers: torch.nn.GRU does the recurrence here. The attention is
exercise 46's, without dropout: take your class along into this file.

    query   = the last state of the top layer
    context = attention(query, enc_outputs, enc_outputs, enc_valid_len)
    output  = rnn([context; embedding[token]], state), then dense        the context first

The state that goes from call to call is (enc_outputs (N, S, H), hidden (L, N, H), enc_valid_len).

Source: Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and
Translate" (2015); Zhang et al., "Dive into Deep Learning", on the Bahdanau attention.
"""

from torch import Tensor, nn

State = tuple[Tensor, Tensor, Tensor]


class Seq2SeqEncoder(nn.Module):
    """`embedding`, an nn.Embedding (vocab_size, embed_size), and `rnn`, an nn.GRU of num_layers."""

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int) -> None:
        """Make the two modules."""
        super().__init__()
        # TODO: a module for each of the two names.
        raise NotImplementedError

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """tokens: (N, S) int64. Returns the pair that the rnn gives: the outputs of the top layer
        (S, N, H), time first, and the last state of every layer (L, N, H)."""
        # TODO: in which order are the axes of the embedded words?
        raise NotImplementedError


class Seq2SeqAttentionDecoder(nn.Module):
    """`embedding` (vocab_size, embed_size); `rnn`, an nn.GRU that reads num_hiddens + embed_size;
    `dense`, an nn.Linear from num_hiddens to vocab_size; `attention`, with W_k.weight, W_q.weight
    (num_hiddens, num_hiddens) and v.weight (1, num_hiddens). No other parameters."""

    def __init__(self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int) -> None:
        """Make the four modules."""
        super().__init__()
        # TODO: what does the rnn read at once, and how wide is that?
        raise NotImplementedError

    def init_state(self, enc_outputs: tuple[Tensor, Tensor], enc_valid_len: Tensor) -> State:
        """The first state: from what the encoder returns, and the lengths (N,), from 1 to S."""
        # TODO: which of the three comes with its axes in another order?
        raise NotImplementedError

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """tokens: (N, T) int64, read one after another, each with the state behind the one before.
        Returns the scores of the next token (N, T, vocab_size), not normalised, and the state."""
        # TODO: what of the state changes from step to step, and what stays?
        raise NotImplementedError
