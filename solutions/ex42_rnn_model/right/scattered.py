"""Scatters ones into zeros, transposes late, and looks the state's form up in the layer's class."""

import torch
from torch import Tensor, nn


class RNNModel(nn.Module):
    """Registers the layer in a ModuleDict."""

    STATES = {nn.RNN: 1, nn.GRU: 1, nn.LSTM: 2}

    def __init__(self, rnn_layer: nn.Module, vocab_size: int) -> None:
        super().__init__()
        self.parts = nn.ModuleDict({"recurrent": rnn_layer})
        directions = 2 if rnn_layer.bidirectional else 1
        self.rows = directions * rnn_layer.num_layers
        self.linear = nn.Linear(directions * rnn_layer.hidden_size, vocab_size)

    def forward(self, inputs: Tensor, state):
        layer = self.parts["recurrent"]
        n, t = inputs.shape
        hot = torch.zeros(n, t, layer.input_size, dtype=layer.bias_hh_l0.dtype)
        hot = hot.to(layer.bias_hh_l0.device).scatter_(2, inputs.long()[..., None], 1)
        outputs, state = layer(hot.transpose(0, 1).contiguous(), state)
        scores = outputs @ self.linear.weight.T + self.linear.bias
        return scores.view(t * n, -1), state

    def begin_state(self, batch_size: int):
        layer = self.parts["recurrent"]
        like = layer.weight_ih_l0
        states = [
            torch.zeros(self.rows, batch_size, layer.hidden_size, dtype=like.dtype).to(like.device)
            for _ in range(self.STATES[type(layer)])
        ]
        return states[0] if len(states) == 1 else tuple(states)
