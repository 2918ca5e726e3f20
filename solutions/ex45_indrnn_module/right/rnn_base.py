"""All tensors made by one loop over names, as torch's own base class does; a product a step."""

import torch
from torch import nn


class IndRNN(nn.Module):
    """Keeps the names of its directions, layer by layer."""

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, *args, **kwargs):
        super().__init__()
        self._build(input_size, hidden_size, num_layers, bias, *args, **kwargs)

    def _build(self, d, h, layers, bias, batch_first=False, bidirectional=False):
        self.h, self.batch_first = h, batch_first
        self.names = []
        for k in range(layers):
            for end in [f"l{k}"] + [f"l{k}_reverse"] * bidirectional:
                width = d if k == 0 else h * (1 + bidirectional)
                kinds = [("weight_ih", (h, width), "ih"), ("weight_hh", (h,), None)]
                kinds += [("bias", (h,), "b")] * bias
                for kind, shape, other in kinds:
                    value = torch.rand(shape)
                    if other:
                        value = 0.01 * torch.randn(shape) if len(shape) > 1 else torch.zeros(shape)
                    self.register_parameter(f"{kind}_{end}", nn.Parameter(value))
                self.names.append(end)

    def forward(self, x, h_0=None):
        read = x.movedim(0, 1) if self.batch_first else x
        rows = len(self.names)
        last = []
        first = torch.zeros(rows, read.size(1), self.h).to(x) if h_0 is None else h_0
        beside = []
        for row, end in enumerate(self.names):
            backward = end.endswith("_reverse")
            if row and not backward:
                read, beside = torch.cat(beside, 2), []
            states, h = self.one(read.flip([0]) if backward else read, first[row], end)
            beside.append(states.flip([0]) if backward else states)
            last.append(h)
        output = torch.cat(beside, 2)
        return (output.movedim(0, 1) if self.batch_first else output), torch.stack(last)

    def one(self, x, h, end):
        p = dict(self.named_parameters())
        bias = p.get(f"bias_{end}", 0)
        states = []
        for x_t in x.unbind():
            z = x_t @ p[f"weight_ih_{end}"].mT + h * p[f"weight_hh_{end}"] + bias
            h = nn.functional.relu(z)
            states.append(h)
        return torch.stack(states), h
