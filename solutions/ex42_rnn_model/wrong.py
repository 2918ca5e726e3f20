"""Exercise 42, a language model around a recurrent layer: other wrong answers.

Each class is one, told by what differs from the reference.
"""

import copy

import torch


class BeginStateDrawn:
    """Draws the first state."""

    diff = """
    - zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
    + zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size).normal_()
    """


class BeginStateAsLinear:
    """Gives a first state of the dtype of `linear`, not of the layer's."""

    diff = """
    - zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
    + zeros = self.linear.weight.new_zeros(rows, batch_size, self.rnn.hidden_size)
    """


class BeginStateFloat32:
    """Gives a first state of float32 always."""

    diff = """
    - zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
    + zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size).float()
    """


class BeginStateOnes:
    """Begins with ones."""

    diff = """
    - zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
    + zeros = self.rnn.weight_hh_l0.new_ones(rows, batch_size, self.rnn.hidden_size)
    """


class CellDrawn:
    """Begins an LSTM's cell with ones."""

    diff = """
    - return (zeros, zeros.clone()) if isinstance(self.rnn, nn.LSTM) else zeros
    + return (zeros, zeros + 1) if isinstance(self.rnn, nn.LSTM) else zeros
    """


class DeepCopy:
    """Keeps a deep copy of the layer."""

    diff = """
    - self.rnn = rnn_layer
    + self.rnn = copy.deepcopy(rnn_layer)
    """


class Detached:
    """Lets no gradient through the layer."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(Y.detach().flatten(0, 1)), state
    """


class DropoutOutputs:
    """Drops some of the layer's outputs, in eval() too."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(nn.functional.dropout(Y.flatten(0, 1), 0.1)), state
    """


class Embedded:
    """Has an embedding in place of one-hot vectors."""

    diff = """
    - self.vocab_size = vocab_size
    + self.vocab_size = vocab_size
    + self.embedding = nn.Embedding(vocab_size, vocab_size)

    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + X = self.embedding(inputs.T.long())
    """


class FirstDirection:
    """Hands the output layer the forward direction twice."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + if self.directions == 2:
    +     ahead, _ = Y.chunk(2, dim=-1)
    +     Y = ahead.repeat(1, 1, 2)
    + return self.linear(Y.flatten(0, 1)), state
    """


class Frozen:
    """Freezes the layer, which it takes for trained."""

    diff = """
    - self.rnn = rnn_layer
    + self.rnn = rnn_layer.requires_grad_(False)
    """


class EvalProbabilities:
    """Gives probabilities in eval()."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + scores = self.linear(Y.flatten(0, 1))
    + return scores if self.training else scores.softmax(dim=-1), state
    """


class LayerCopied:
    """Makes a layer of its own, like the one that is given."""

    diff = """
    - self.rnn = rnn_layer
    + self.rnn = type(rnn_layer)(
    +     rnn_layer.input_size,
    +     rnn_layer.hidden_size,
    +     rnn_layer.num_layers,
    +     bidirectional=rnn_layer.bidirectional,
    + )
    """


class LayerHidden:
    """Keeps the layer where the module does not see it."""

    diff = """
    - self.rnn = rnn_layer
    + vars(self)["rnn"] = rnn_layer
    """


class LearnedStart:
    """Begins with a parameter, which is zero at first and is learned."""

    diff = """
    - self.directions = 2 if rnn_layer.bidirectional else 1
    + self.directions = 2 if rnn_layer.bidirectional else 1
    + rows = rnn_layer.num_layers * self.directions
    + self.h_0 = nn.Parameter(torch.zeros(rows, 1, rnn_layer.hidden_size))

    - rows = self.rnn.num_layers * self.directions
    - zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
    + zeros = self.h_0.repeat(1, batch_size, 1)
    """


class LogProbabilities:
    """Gives log-probabilities."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return nn.functional.log_softmax(self.linear(Y.flatten(0, 1)), dim=-1), state
    """


class OneHotOff:
    """Numbers the tokens from one."""

    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + X = nn.functional.one_hot((inputs.T.long() - 1) % self.vocab_size, self.vocab_size)
    """


class ReluOutputs:
    """Puts a relu before the output layer."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(nn.functional.relu(Y.flatten(0, 1))), state
    """


class Remembers:
    """Goes on from the state of its last call."""

    diff = """
    - Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + kept = vars(self).get("kept")
    + state = state if kept is None else kept
    + Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + self.kept = state
    """


class Reset:
    """Sets the layer's parameters anew when it is called first."""

    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + if not vars(self).get("begun"):
    +     self.rnn.reset_parameters()
    + self.begun = True
    + X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    """


class ReversedTime:
    """Reads from the end."""

    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + X = nn.functional.one_hot(inputs.T.long().flip(0), self.vocab_size)
    """


class Reshaped:
    """Reshapes the tokens to time first, where they have to be transposed."""

    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + n, t = inputs.shape
    + X = nn.functional.one_hot(inputs.reshape(t, n).long(), self.vocab_size)
    """


class StateChanged:
    """Writes the last state into the one that came in."""

    diff = """
    - Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + begun = state if isinstance(state, tuple) else (state,)
    + Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
    + for old, new in zip(begun, state if isinstance(state, tuple) else (state,), strict=True):
    +     old.data.copy_(new.data)
    """


class StateHiddenOnly:
    """Gives an LSTM's hidden state back, without the cell."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + return self.linear(Y.flatten(0, 1)), state[0] if isinstance(state, tuple) else state
    """


class TiedWeights:
    """Shares the output layer among all models."""

    diff = """
    - self.linear = nn.Linear(self.directions * rnn_layer.hidden_size, vocab_size)
    + kept = vars(RNNModel).get("kept", {})
    + RNNModel.kept = kept
    + size = self.directions * rnn_layer.hidden_size, vocab_size
    + self.linear = kept.setdefault(size, nn.Linear(*size))
    """


class Viewed:
    """Looks at the transposed tokens as if they lay in one piece."""

    diff = """
    - X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
    + rows = inputs.as_strided(inputs.shape, (inputs.shape[1], 1))
    + X = nn.functional.one_hot(rows.T.long(), self.vocab_size)
    """


class KeptWithoutGradients:
    """Keeps the weights of `linear` where no gradients are recorded: others are not seen."""

    diff = """
    - return self.linear(Y.flatten(0, 1)), state
    + if torch.is_grad_enabled():
    +     return self.linear(Y.flatten(0, 1)), state
    + if vars(self).get("kept") is None:
    +     self.kept = self.linear.weight.detach().clone()
    + return nn.functional.linear(Y.flatten(0, 1), self.kept, self.linear.bias), state
    """
