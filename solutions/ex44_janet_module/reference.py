"""Exercise 44, JANET as a module: the reference."""

import math

import torch
from torch import Tensor, nn


class JANET(nn.Module):
    """A stack of JANET layers, which drops in where `nn.LSTM` stood."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = dropout
        self.suffixes = ("", "_reverse") if bidirectional else ("",)
        reach = 1 / math.sqrt(hidden_size)
        width = input_size
        for k in range(num_layers):
            for suffix in self.suffixes:
                shapes = {"weight_ih": (2 * hidden_size, width)}
                shapes["weight_hh"] = (2 * hidden_size, hidden_size)
                if bias:
                    shapes["bias_ih"] = shapes["bias_hh"] = (2 * hidden_size,)
                for name, shape in shapes.items():
                    # setattr of a Parameter registers it; in a plain list it would be lost.
                    value = torch.empty(shape).uniform_(-reach, reach)
                    setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
            width = hidden_size * len(self.suffixes)

    def forward(self, x: Tensor, c_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if self.batch_first:
            x = x.transpose(0, 1)
        if c_0 is None:
            rows = self.num_layers * len(self.suffixes)
            c_0 = x.new_zeros(rows, x.shape[1], self.hidden_size)
        states = list(c_0)
        for k in range(self.num_layers):
            if k > 0:
                # Nothing is dropped before the first layer, nor behind the last.
                x = nn.functional.dropout(x, self.dropout, self.training)
            outputs = []
            for suffix in self.suffixes:
                place = len(self.suffixes) * k + len(outputs)
                # The reverse direction is a forward one over reversed time, reversed back.
                steps = x.flip(0) if suffix else x
                output, states[place] = self._direction(steps, states[place], f"l{k}{suffix}")
                outputs.append(output.flip(0) if suffix else output)
            x = torch.cat(outputs, dim=-1)
        return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)

    def _direction(self, x: Tensor, c: Tensor, name: str) -> tuple[Tensor, Tensor]:
        """One direction of one layer: the cell after each step, and the last."""
        # What depends on the inputs alone is one product for all steps.
        inputs = x @ getattr(self, f"weight_ih_{name}").T
        if self.bias:
            inputs = inputs + getattr(self, f"bias_ih_{name}") + getattr(self, f"bias_hh_{name}")
        w_hh = getattr(self, f"weight_hh_{name}")
        cells = []
        for step in inputs:
            s, g = (step + c @ w_hh.T).chunk(2, dim=-1)
            c = torch.sigmoid(s) * c + (1 - torch.sigmoid(s - 1)) * torch.tanh(g)
            cells.append(c)
        return torch.stack(cells), c
