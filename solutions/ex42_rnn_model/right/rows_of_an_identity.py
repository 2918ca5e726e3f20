"""One-hot vectors as rows of an identity, the layer under another name, scores step by step."""

import torch
from torch import nn


class RNNModel(nn.Module):
    """Asks the layer by its mode and its weights' shapes."""

    def __init__(self, rnn_layer, vocab_size):
        super().__init__()
        width = rnn_layer.hidden_size * (1 + int(rnn_layer.bidirectional))
        self.linear = nn.Linear(in_features=width, out_features=vocab_size)
        self.layer = rnn_layer

    def forward(self, inputs, state):
        weight = self.layer.weight_ih_l0
        identity = torch.eye(weight.shape[1], dtype=weight.dtype, device=weight.device)
        steps, state = self.layer(identity[inputs.transpose(0, 1)], state)
        return torch.cat([self.linear(step) for step in steps]), state

    def begin_state(self, batch_size):
        weight = self.layer.weight_hh_l0
        rows = sum(name.startswith("weight_hh") for name, _ in self.layer.named_parameters())
        zeros = [weight.new_zeros(rows, batch_size, self.layer.hidden_size) for _ in range(2)]
        return tuple(zeros) if self.layer.mode == "LSTM" else zeros[0]
