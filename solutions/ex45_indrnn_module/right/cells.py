"""A method for one cell, lists of time steps, parameters registered by name."""

import torch
from torch import nn


class IndRNN(nn.Module):
    """Registers each parameter, then fills it."""

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        bidirectional=False,
    ):
        super().__init__()
        self.hidden_size, self.layers, self.batch_first = hidden_size, num_layers, batch_first
        self.directions = 2 if bidirectional else 1
        for k in range(num_layers):
            width = hidden_size * self.directions if k else input_size
            for end in ["", "_reverse"][: self.directions]:
                shapes = {"weight_ih": (hidden_size, width), "weight_hh": (hidden_size,)}
                if bias:
                    shapes["bias"] = (hidden_size,)
                for name, shape in shapes.items():
                    self.register_parameter(f"{name}_l{k}{end}", nn.Parameter(torch.empty(shape)))
        self.reset_parameters()

    def reset_parameters(self):
        reach = self.hidden_size**-0.5
        for name, parameter in self.named_parameters():
            low, high = (0, 1) if "hh" in name else (-reach, reach)
            nn.init.uniform_(parameter, low, high)

    def cell(self, x, h, end):
        bias = getattr(self, f"bias_{end}", None)
        z = nn.functional.linear(x, getattr(self, f"weight_ih_{end}"), bias)
        return (z + h * getattr(self, f"weight_hh_{end}")).clamp(min=0)

    def forward(self, x, h_0=None):
        steps = list(x.unbind(1 if self.batch_first else 0))
        last = []
        for k in range(self.layers):
            sides = []
            for d in range(self.directions):
                h = (
                    torch.zeros(len(steps[0]), self.hidden_size, dtype=x.dtype, device=x.device)
                    if h_0 is None
                    else h_0[k * self.directions + d]
                )
                order = range(len(steps)) if d == 0 else range(len(steps) - 1, -1, -1)
                side = [h] * len(steps)
                for t in order:
                    h = self.cell(steps[t], h, f"l{k}" + "_reverse" * d)
                    side[t] = h
                sides.append(side)
                last.append(h)
            steps = [torch.cat(pair, 1) for pair in zip(*sides, strict=True)]
        return torch.stack(steps, 1 if self.batch_first else 0), torch.stack(last)
