"""Exercise 42, a language model around a recurrent layer: what people really write.

Each class is one wrong idea, told by what differs from the reference.
"""


class LinearForOneDirection:
    """Your linear seems to read H numbers where the layer has two directions and gives 2H."""

    caught_by = "test_linear"
    diff = """
    - self.linear = nn.Linear(self.directions * rnn_layer.hidden_size, vocab_size)
    + self.linear = nn.Linear(rnn_layer.hidden_size, vocab_size)
    """


class LinearOfLayers:
    """Your linear seems to read the states of all layers; it reads what the layer gives, of the
    last one."""

    caught_by = "test_linear"
    diff = """
    - self.linear = nn.Linear(self.directions * rnn_layer.hidden_size, vocab_size)
    + width = self.directions * rnn_layer.num_layers * rnn_layer.hidden_size
    + self.linear = nn.Linear(width, vocab_size)
    """


class LinearWithoutBias:
    """Your linear seems to have no bias; it is a plain nn.Linear, which has one."""

    caught_by = "test_linear"
    diff = """
    - self.linear = nn.Linear(self.directions * rnn_layer.hidden_size, vocab_size)
    + self.linear = nn.Linear(self.directions * rnn_layer.hidden_size, vocab_size, bias=False)
    """


class BeginStateOneDirection:
    """Your first state seems to have a row for each layer alone; with two directions a layer has
    two."""

    caught_by = "test_begin_state"
    diff = """
    - rows = self.rnn.num_layers * self.directions
    + rows = self.rnn.num_layers
    """


class BeginStateOneLayer:
    """Your first state seems to be for one layer; there is a row for each of num_layers."""

    caught_by = "test_begin_state"
    diff = """
    - rows = self.rnn.num_layers * self.directions
    + rows = self.directions
    """


class BeginStateNoPair:
    """Your first state seems to be one tensor for an LSTM as well; that has a cell beside it."""

    caught_by = "test_begin_state"
    diff = """
    - return (zeros, zeros.clone()) if isinstance(self.rnn, nn.LSTM) else zeros
    + return zeros
    """


class BeginStateAlwaysAPair:
    """Your first state seems to be a pair for every layer; that is for an LSTM alone."""

    caught_by = "test_begin_state"
    diff = """
    - return (zeros, zeros.clone()) if isinstance(self.rnn, nn.LSTM) else zeros
    + return zeros, zeros.clone()
    """


class BeginStateBatchFirst:
    """Your first state seems to have the batch first; it is (L * directions, N, H)."""

    caught_by = "test_begin_state"
    diff = """
    - zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
    + zeros = self.rnn.weight_hh_l0.new_zeros(batch_size, rows, self.rnn.hidden_size)
    """


class NotTransposed:
    """You seem to hand the layer the batch first; it reads time first: inputs.T."""

    caught_by = "test_one_layer"
    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + X = nn.functional.one_hot(inputs.long(), self.vocab_size)
    """


class RowsBySample:
    """Your rows seem to be ordered by sample; all samples of the first step come first, then those
    of the second."""

    caught_by = "test_one_layer"
    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(Y.transpose(0, 1).flatten(0, 1)), state
    """


class NotFlattened:
    """Your scores seem to be (T, N, V); they are (T*N, V): reshape what the layer gives to rows."""

    caught_by = "test_one_layer"
    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(Y), state
    """


class LastStepOnly:
    """You seem to score the last step alone; there are rows for every step."""

    caught_by = "test_one_layer"
    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(Y[-1]), state
    """


class VocabularySeen:
    """Your one-hot vectors seem to be as long as the largest token that is there; give one_hot the
    size of the vocabulary."""

    caught_by = "test_one_layer"
    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + X = nn.functional.one_hot(inputs.T.long())
    """


class StateIgnored:
    """Your scores seem not to depend on the state: hand it to the layer, after the inputs."""

    caught_by = "test_one_layer"
    diff = """
    - Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype))
    """


class StateNotHandedOn:
    """You seem to return the state that came in; return the one that the layer gives."""

    caught_by = "test_one_layer"
    diff = """
    - Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + Y, _ = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    """


class Probabilities:
    """You seem to give probabilities; the scores go out as they are, without a softmax."""

    caught_by = "test_one_layer"
    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return nn.functional.softmax(self.linear(Y.flatten(0, 1)), dim=-1), state
    """


class DtypeFixed:
    """Your one-hot vectors seem to be float32 always; they are of the dtype of the layer's
    parameters."""

    caught_by = "test_precision"
    diff = """
    - Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + Y, state = self.rnn(X.float(), state)
    """
