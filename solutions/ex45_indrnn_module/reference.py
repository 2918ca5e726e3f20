"""Exercise 45, IndRNN as a module: the reference."""

import math

import torch
from torch import Tensor, nn


class IndRNN(nn.Module):
    """A stack of IndRNN layers, which drops in where `nn.RNN` stood."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.suffixes = ("", "_reverse") if bidirectional else ("",)
        reach = 1 / math.sqrt(hidden_size)
        width = input_size
        for k in range(num_layers):
            for suffix in self.suffixes:
                drawn = {"weight_ih": torch.empty(hidden_size, width).uniform_(-reach, reach)}
                # A unit that remembers itself by a factor above 1 would explode.
                drawn["weight_hh"] = torch.empty(hidden_size).uniform_(0, 1)
                if bias:
                    drawn["bias"] = torch.empty(hidden_size).uniform_(-reach, reach)
                for name, value in drawn.items():
                    # setattr of a Parameter registers it; in a plain list it would be lost.
                    setattr(self, f"{name}_l{k}{suffix}", nn.Parameter(value))
            width = hidden_size * len(self.suffixes)

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        if self.batch_first:
            x = x.transpose(0, 1)
        if h_0 is None:
            rows = self.num_layers * len(self.suffixes)
            h_0 = x.new_zeros(rows, x.shape[1], self.hidden_size)
        states = list(h_0)
        for k in range(self.num_layers):
            outputs = []
            for suffix in self.suffixes:
                place = len(self.suffixes) * k + len(outputs)
                # The reverse direction is a forward one over reversed time, reversed back.
                steps = x.flip(0) if suffix else x
                output, states[place] = self._direction(steps, states[place], f"l{k}{suffix}")
                outputs.append(output.flip(0) if suffix else output)
            x = torch.cat(outputs, dim=-1)
        return x.transpose(0, 1) if self.batch_first else x, torch.stack(states)

    def _direction(self, x: Tensor, h: Tensor, name: str) -> tuple[Tensor, Tensor]:
        """One direction of one layer: the state after each step, and the last."""
        # No unit sees another's past: one product for all steps, and nothing but this in the loop.
        inputs = x @ getattr(self, f"weight_ih_{name}").T
        if self.bias:
            inputs = inputs + getattr(self, f"bias_{name}")
        w_hh = getattr(self, f"weight_hh_{name}")
        states = []
        for step in inputs:
            h = torch.relu(step + w_hh * h)
            states.append(h)
        return torch.stack(states), h
