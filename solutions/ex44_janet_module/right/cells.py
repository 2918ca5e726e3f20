"""A method for one cell, lists of time steps, and linear layers of torch's."""

import torch
from torch import nn


class JANET(nn.Module):
    """Registers each parameter by its name."""

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        batch_first=False,
        dropout=0.0,
        bidirectional=False,
    ):
        super().__init__()
        self.hidden_size, self.batch_first = hidden_size, batch_first
        self.directions = 2 if bidirectional else 1
        self.drop = nn.Dropout(dropout)
        self.layers = num_layers
        self.bias = bias
        width = input_size
        for k in range(num_layers):
            for end in ["", "_reverse"][: self.directions]:
                shapes = {"weight_ih": (width,), "weight_hh": (hidden_size,)}
                if bias:
                    shapes |= {"bias_ih": (), "bias_hh": ()}
                for name, rest in shapes.items():
                    value = torch.empty(2 * hidden_size, *rest)
                    nn.init.uniform_(value, -(hidden_size**-0.5), hidden_size**-0.5)
                    self.register_parameter(f"{name}_l{k}{end}", nn.Parameter(value))
            width = hidden_size * self.directions

    def cell(self, x, c, end):
        linear = nn.functional.linear
        b_ih = getattr(self, f"bias_ih_{end}", None)
        b_hh = getattr(self, f"bias_hh_{end}", None)
        z = linear(x, getattr(self, f"weight_ih_{end}"), b_ih)
        z = z + linear(c, getattr(self, f"weight_hh_{end}"), b_hh)
        s, g = z.split(self.hidden_size, 1)
        return s.sigmoid() * c + (1 - s).sigmoid() * g.tanh()

    def forward(self, x, c_0=None):
        steps = list(x.unbind(1 if self.batch_first else 0))
        last = []
        for k in range(self.layers):
            if k:
                steps = list(self.drop(torch.stack(steps)))
            sides = []
            for d in range(self.directions):
                row = k * self.directions + d
                c = (
                    torch.zeros(len(steps[0]), self.hidden_size, dtype=x.dtype, device=x.device)
                    if c_0 is None
                    else c_0[row]
                )
                order = range(len(steps)) if d == 0 else range(len(steps) - 1, -1, -1)
                side = [c] * len(steps)
                for t in order:
                    c = self.cell(steps[t], c, f"l{k}" + "_reverse" * d)
                    side[t] = c
                sides.append(side)
                last.append(c)
            steps = [torch.cat(pair, 1) for pair in zip(*sides, strict=True)]
        return torch.stack(steps, 1 if self.batch_first else 0), torch.stack(last)
