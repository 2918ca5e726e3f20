"""Exercise 42, a language model around a recurrent layer: the reference."""

from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor]


class RNNModel(nn.Module):
    """A language model: one-hot vectors, a recurrent layer, an output layer."""

    def __init__(self, rnn_layer: nn.RNN | nn.GRU | nn.LSTM, vocab_size: int) -> None:
        super().__init__()
        self.rnn = rnn_layer
        self.vocab_size = vocab_size
        self.directions = 2 if rnn_layer.bidirectional else 1
        self.linear = nn.Linear(self.directions * rnn_layer.hidden_size, vocab_size)

    def forward(self, inputs: Tensor, state: State) -> tuple[Tensor, State]:
        # Time first, as the layer reads; and all tokens of the vocabulary, not only those that are
        # seen here.
        X = nn.functional.one_hot(inputs.T.long(), self.vocab_size)
        Y, state = self.rnn(X.to(self.rnn.weight_hh_l0.dtype), state)
        # One row for each step of each sample; time is the slowest axis.
        return self.linear(Y.flatten(0, 1)), state

    def begin_state(self, batch_size: int) -> State:
        rows = self.rnn.num_layers * self.directions
        zeros = self.rnn.weight_hh_l0.new_zeros(rows, batch_size, self.rnn.hidden_size)
        # An LSTM has a cell beside the hidden state.
        return (zeros, zeros.clone()) if isinstance(self.rnn, nn.LSTM) else zeros
