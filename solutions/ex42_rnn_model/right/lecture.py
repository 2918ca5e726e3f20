"""As in the lecture: two branches for the directions, an isinstance for the state."""

import torch
from torch import nn
from torch.nn import functional


class RNNModel(nn.Module):
    """The recurrent model."""

    def __init__(self, rnn_layer, vocab_size, **kwargs):
        super().__init__(**kwargs)
        self.rnn = rnn_layer
        self.vocab_size = vocab_size
        self.num_hiddens = self.rnn.hidden_size
        if not self.rnn.bidirectional:
            self.num_directions = 1
            self.linear = nn.Linear(self.num_hiddens, self.vocab_size)
        else:
            self.num_directions = 2
            self.linear = nn.Linear(self.num_hiddens * 2, self.vocab_size)

    def forward(self, inputs, state):
        X = functional.one_hot(inputs.T.long(), self.vocab_size)
        X = X.to(next(self.rnn.parameters()).dtype)
        Y, state = self.rnn(X, state)
        output = self.linear(Y.reshape((-1, Y.shape[-1])))
        return output, state

    def begin_state(self, batch_size=1):
        shape = (self.num_directions * self.rnn.num_layers, batch_size, self.num_hiddens)
        weight = next(self.rnn.parameters())
        if not isinstance(self.rnn, nn.LSTM):
            return torch.zeros(shape, dtype=weight.dtype, device=weight.device)
        return (
            torch.zeros(shape, dtype=weight.dtype, device=weight.device),
            torch.zeros(shape, dtype=weight.dtype, device=weight.device),
        )
