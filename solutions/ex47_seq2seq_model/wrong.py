"""Exercise 47, an encoder, and a decoder that attends: other wrong answers.

Each class is one, told by what differs from the reference.
"""


class OneLayer:
    """Builds one layer, whatever num_layers is."""

    diff = """
    - self.rnn = nn.GRU(embed_size, num_hiddens, num_layers)
    + self.rnn = nn.GRU(embed_size, num_hiddens, 1)
    """


class Lstm:
    """Has an LSTM in the encoder."""

    diff = """
    - self.rnn = nn.GRU(embed_size, num_hiddens, num_layers)
    + self.rnn = nn.LSTM(embed_size, num_hiddens, num_layers)
    """


class DropoutBetween:
    """Drops from the encoder's embedded words, in eval too."""

    diff = """
    - outputs, hidden = self.rnn(words)
    + outputs, hidden = self.rnn(nn.functional.dropout(words, 0.1))
    """


class NoTanh:
    """Leaves the tanh out of the scores."""

    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(memory)[:, None])
    + hidden = self.W_q(query)[:, :, None] + self.W_k(memory)[:, None]
    """


class Scaled:
    """Scales the scores as those of a dot product."""

    diff = """
    - scores = self.v(hidden).squeeze(-1)
    + scores = self.v(hidden).squeeze(-1) / math.sqrt(memory.shape[-1])
    """


class WeightsExchanged:
    """Sends the query through `W_k` and the memory through `W_q`."""

    diff = """
    - hidden = torch.tanh(self.W_q(query)[:, :, None] + self.W_k(memory)[:, None])
    + hidden = torch.tanh(self.W_k(query)[:, :, None] + self.W_q(memory)[:, None])
    """


class BiasedAttention:
    """Gives the attention biases."""

    diff = """
    - self.v = nn.Linear(units, 1, bias=False)
    + self.v = nn.Linear(units, 1)
    """


class MaskedAfter:
    """Masks after the softmax, so that the weights sum to less than 1."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ memory
    + return torch.softmax(scores, dim=-1).masked_fill(padding, 0.0) @ memory
    """


class MaskedWithZero:
    """Gives the padding scores of 0, which weigh."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ memory
    + return torch.softmax(scores.masked_fill(padding, 0.0), dim=-1) @ memory
    """


class LongestForAll:
    """Masks every sample by the longest length."""

    diff = """
    - padding = torch.arange(memory.shape[1], device=memory.device) >= valid_len[:, None, None]
    + padding = torch.arange(memory.shape[1], device=memory.device) >= valid_len.max()
    """


class KeysProjectedAsValues:
    """Averages the projected keys."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ memory
    + return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ self.W_k(memory)
    """


class MeanState:
    """Asks with the mean of all layers' states."""

    diff = """
    - query = hidden[-1].unsqueeze(1)
    + query = hidden.mean(0).unsqueeze(1)
    """


class AsksAfterwards:
    """Asks with the state behind the step, in a second pass."""

    diff = """
    - query = hidden[-1].unsqueeze(1)
    + query = hidden[-1].unsqueeze(1)
    + first = self.attention(query, enc_outputs, enc_valid_len).squeeze(1)
    + _, later = self.rnn(torch.cat((first, word), dim=-1).unsqueeze(0), hidden)
    + query = later[-1].unsqueeze(1)
    """


class DenseOnContext:
    """Adds the context to what dense reads."""

    diff = """
    - outputs.append(output[0])
    + outputs.append(output[0] + context)
    """


class EncoderStateAlways:
    """Begins the first state with zeros in place of the encoder's."""

    diff = """
    - return outputs.transpose(0, 1), hidden, enc_valid_len
    + return outputs.transpose(0, 1), torch.zeros_like(hidden), enc_valid_len
    """


class TopStateForAll:
    """Begins every layer with the top layer's state."""

    diff = """
    - return outputs.transpose(0, 1), hidden, enc_valid_len
    + return outputs.transpose(0, 1), hidden[-1:].expand(hidden.shape).clone(), enc_valid_len
    """


class LengthsDropped:
    """Gives no lengths on in the state that it returns."""

    diff = """
    - return scores, (enc_outputs, hidden, enc_valid_len)
    + return scores, (enc_outputs, hidden, torch.full_like(enc_valid_len, enc_outputs.shape[1]))
    """


class ContextDetached:
    """Lets no gradient through the context."""

    diff = """
    - context = self.attention(query, enc_outputs, enc_valid_len).squeeze(1)
    + context = self.attention(query, enc_outputs, enc_valid_len).squeeze(1).detach()
    """


class StateDetached:
    """Cuts the gradient between steps."""

    diff = """
    - outputs.append(output[0])
    + outputs.append(output[0])
    + hidden = hidden.detach()
    """


class StateKept:
    """Goes on from the state of the last call, whatever it is given."""

    diff = """
    - enc_outputs, hidden, enc_valid_len = state
    + enc_outputs, hidden, enc_valid_len = state
    + kept = vars(self).get("kept")
    + hidden = kept if kept is not None and kept.shape == hidden.shape else hidden

    - return scores, (enc_outputs, hidden, enc_valid_len)
    + self.kept = hidden.detach()
    + return scores, (enc_outputs, hidden, enc_valid_len)
    """


class EmbeddingsShared:
    """Keeps one output layer in the class for all decoders of its sizes."""

    diff = """
    - self.dense = nn.Linear(num_hiddens, vocab_size)
    + kept = vars(Seq2SeqAttentionDecoder).get("kept", {})
    + Seq2SeqAttentionDecoder.kept = kept
    + self.dense = kept.setdefault((num_hiddens, vocab_size), nn.Linear(num_hiddens, vocab_size))
    """


class Float32:
    """Computes the softmax in float32."""

    diff = """
    - return torch.softmax(scores.masked_fill(padding, -math.inf), dim=-1) @ memory
    + weights = torch.softmax(scores.masked_fill(padding, -math.inf).float(), dim=-1)
    + return weights.to(memory.dtype) @ memory
    """


class EncoderDetached:
    """Cuts the gradient between encoder and decoder."""

    diff = """
    - return outputs.transpose(0, 1), hidden, enc_valid_len
    + return outputs.transpose(0, 1).detach(), hidden.detach(), enc_valid_len
    """


class HiddenDetached:
    """Takes the encoder's last states without their gradient."""

    diff = """
    - return outputs.transpose(0, 1), hidden, enc_valid_len
    + return outputs.transpose(0, 1), hidden.detach(), enc_valid_len
    """
