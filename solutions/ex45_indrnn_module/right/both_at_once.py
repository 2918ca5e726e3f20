"""Both directions in one pass over time, side by side as 2H independent units; maximum for relu."""

import torch
from torch import Tensor, nn


class IndRNN(nn.Module):
    """Parameters by nn.Module.__setattr__, one after another."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
    ):
        super().__init__()
        self.options = (hidden_size, num_layers, bias, batch_first)
        self.ends = ("", "_reverse")[: 1 + bidirectional]

        def uniform(*shape: int) -> nn.Parameter:
            return nn.Parameter((2 * torch.rand(shape) - 1) / hidden_size**0.5)

        for k in range(num_layers):
            reads = input_size if k == 0 else len(self.ends) * hidden_size
            for end in self.ends:
                setattr(self, f"weight_ih_l{k}{end}", uniform(hidden_size, reads))
                setattr(self, f"weight_hh_l{k}{end}", nn.Parameter(torch.rand(hidden_size)))
                if bias:
                    setattr(self, f"bias_l{k}{end}", uniform(hidden_size))

    def layer(self, x: Tensor, state: Tensor, k: int) -> tuple[Tensor, Tensor]:
        hidden, _, bias, _ = self.options
        added = []
        for end in self.ends:
            each = x.flip(0) if end else x
            each = torch.einsum("tnd,hd->tnh", each, getattr(self, f"weight_ih_l{k}{end}"))
            added.append(each + getattr(self, f"bias_l{k}{end}") if bias else each)
        added = torch.cat(added, -1)
        u = torch.cat([getattr(self, f"weight_hh_l{k}{end}") for end in self.ends])
        h = torch.cat(tuple(state), -1)
        zero = h.new_zeros(())
        found = []
        for step in added:
            h = torch.maximum(torch.addcmul(step, u, h), zero)
            found.append(h)
        output = torch.stack(found)
        if len(self.ends) == 2:
            ahead, back = output.split(hidden, -1)
            output = torch.cat([ahead, back.flip(0)], -1)
        return output, torch.stack(h.split(hidden, -1))

    def forward(self, x: Tensor, h_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        hidden, layers, _, batch_first = self.options
        x = x.transpose(0, 1) if batch_first else x
        if h_0 is None:
            h_0 = torch.zeros(layers * len(self.ends), x.shape[1], hidden).to(x)
        last = []
        for k, state in enumerate(h_0.chunk(layers)):
            x, h = self.layer(x, state, k)
            last.append(h)
        return x.transpose(0, 1) if batch_first else x, torch.cat(last)
