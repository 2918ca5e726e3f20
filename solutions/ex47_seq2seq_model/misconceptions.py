"""Exercise 47, an encoder, and a decoder that attends: what people really write, and what helps.

Each class is one wrong idea, told by what differs from the reference.
"""


class EncoderBatchFirst:
    """Your encoder's outputs seem to come batch first; they come time first, as nn.GRU gives them:
    init_state is where the axes change places."""

    caught_by = "test_encoder"
    diff = """
    - return outputs, hidden
    + return outputs.transpose(0, 1), hidden
    """


class EncoderReadsAcross:
    """Your encoder seems to take the samples for time steps; nn.GRU reads time first, so transpose
    the embedded words."""

    caught_by = "test_encoder"
    diff = """
    - outputs, hidden = self.rnn(words)
    + outputs, hidden = self.rnn(words.transpose(0, 1))
    """


class TopStateAlone:
    """Your encoder seems to return the top layer's last state alone; the decoder needs every
    layer's, (L, N, H)."""

    caught_by = "test_encoder"
    diff = """
    - return outputs, hidden
    + return outputs, hidden[-1:]
    """


class NotTransposed:
    """Your first state seems to have the encoder's outputs time first; attention reads them batch
    first, (N, S, H)."""

    caught_by = "test_init_state"
    diff = """
    - return outputs.transpose(0, 1), hidden, enc_valid_len
    + return outputs, hidden, enc_valid_len
    """


class EmbeddingFirst:
    """The rnn seems to read [embedding; context]; the context comes first."""

    caught_by = "test_step"
    diff = """
    - output, hidden = self.rnn(torch.cat((context, word), dim=-1).unsqueeze(0), hidden)
    + output, hidden = self.rnn(torch.cat((word, context), dim=-1).unsqueeze(0), hidden)
    """


class LengthsIgnored:
    """Your decoder seems to look at the padding too; mask the scores by enc_valid_len."""

    caught_by = "test_step"
    diff = """
    - return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ memory
    + return torch.softmax(scores, dim=-1) @ memory
    """


class OneTooMany:
    """You seem to keep one position too many: with length 2, 0 and 1 count (`<`, not `<=`)."""

    caught_by = "test_step"
    diff = """
    - padding = torch.arange(memory.shape[1], device=memory.device) >= valid_len[:, None, None]
    + padding = torch.arange(memory.shape[1], device=memory.device) > valid_len[:, None, None]
    """


class Probabilities:
    """Your scores seem to be log-probabilities; they are what dense gives, not normalised."""

    caught_by = "test_step"
    diff = """
    - return scores, (enc_outputs, hidden, enc_valid_len)
    + return scores.log_softmax(-1), (enc_outputs, hidden, enc_valid_len)
    """


class StateNotReturned:
    """The state that you return seems to be the one you were given; hidden is the last step's."""

    caught_by = "test_step"
    diff = """
    - return scores, (enc_outputs, hidden, enc_valid_len)
    + return scores, state
    """


class TimeFirst:
    """Your scores seem to come time first; they are (N, T, vocab_size)."""

    caught_by = "test_step"
    diff = """
    - return scores, (enc_outputs, hidden, enc_valid_len)
    + return scores.transpose(0, 1), (enc_outputs, hidden, enc_valid_len)
    """


class ContextOnce:
    """You seem to look at the source once, with the first state; every step asks with its own."""

    caught_by = "test_steps"
    diff = """
    - query = hidden[-1].unsqueeze(1)
    + query = state[1][-1].unsqueeze(1)
    """


class StateNotCarried:
    """Each of your steps seems to begin with the first state; begin where the last one ended."""

    caught_by = "test_steps"
    diff = """
    - output, hidden = self.rnn(torch.cat((context, word), dim=-1).unsqueeze(0), hidden)
    + output, hidden = self.rnn(torch.cat((context, word), dim=-1).unsqueeze(0), state[1])
    """


class BottomAsks:
    """Your query seems to be the bottom layer's state; the top layer's asks, hidden[-1]."""

    caught_by = "test_layers"
    diff = """
    - query = hidden[-1].unsqueeze(1)
    + query = hidden[0].unsqueeze(1)
    """


class DenseWithoutBias:
    """Your dense layer seems to have no bias; it has one, dense.bias (vocab_size,)."""

    caught_by = "test_decoder_parameters"
    diff = """
    - self.dense = nn.Linear(num_hiddens, vocab_size)
    + self.dense = nn.Linear(num_hiddens, vocab_size, bias=False)
    """
