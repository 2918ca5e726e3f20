"""All tensors made by one loop over names, as torch's own base class does; einsum for products."""

import math

import torch
from torch import nn


class JANET(nn.Module):
    """Keeps the names of its parameters, layer by layer."""

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, *args, **kwargs):
        super().__init__()
        self._build(input_size, hidden_size, num_layers, bias, *args, **kwargs)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def _build(self, d, h, layers, bias, batch_first=False, dropout=0.0, bidirectional=False):
        self.h, self.batch_first, self.dropout = h, batch_first, dropout
        self.names = []
        for k in range(layers):
            for end in [f"l{k}"] + [f"l{k}_reverse"] * bidirectional:
                width = d if k == 0 else h * (1 + bidirectional)
                kinds = [("weight_ih", (2 * h, width)), ("weight_hh", (2 * h, h))]
                kinds += [("bias_ih", (2 * h,)), ("bias_hh", (2 * h,))] * bias
                for kind, shape in kinds:
                    self.register_parameter(f"{kind}_{end}", nn.Parameter(torch.empty(shape)))
                self.names.append(end)

    def forward(self, x, c_0=None):
        x = x.movedim(0, 1) if self.batch_first else x
        rows = len(self.names)
        cells = c_0 if c_0 is not None else torch.zeros(rows, x.size(1), self.h).to(x)
        last, read, beside = [], x, []
        for row, end in enumerate(self.names):
            backward = end.endswith("_reverse")
            if row and not backward:
                read = torch.cat(beside, 2)
                read = nn.functional.dropout(read, p=self.dropout, training=self.training)
                beside = []
            output, c = self.one(read.flip([0]) if backward else read, cells[row], end)
            beside.append(output.flip([0]) if backward else output)
            last.append(c)
        output = torch.cat(beside, 2)
        return (output.movedim(0, 1) if self.batch_first else output), torch.stack(last)

    def one(self, x, c, end):
        p = dict(self.named_parameters())
        bias = p.get(f"bias_ih_{end}", 0) + p.get(f"bias_hh_{end}", 0)
        outputs = []
        for x_t in x.unbind():
            z = torch.einsum("nd,gd->ng", x_t, p[f"weight_ih_{end}"])
            z = z + torch.einsum("nh,gh->ng", c, p[f"weight_hh_{end}"]) + bias
            keep, add = torch.sigmoid(z[:, : self.h]), torch.sigmoid(1 - z[:, : self.h])
            c = keep * c + add * torch.tanh(z[:, self.h :])
            outputs.append(c)
        return torch.stack(outputs), c
