"""Both directions in one pass over time, as a batch of two; layers by recursion; dicts of state."""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout

GATE, CANDIDATE = 0, 1


class JANET(nn.Module):
    """Parameters by nn.Module.__setattr__, one after another."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ):
        super().__init__()
        self.options = (hidden_size, num_layers, bias, batch_first, dropout)
        self.ends = ("", "_reverse")[: 1 + bidirectional]

        def uniform(*shape: int) -> nn.Parameter:
            return nn.Parameter((2 * torch.rand(shape) - 1) / hidden_size**0.5)

        for k in range(num_layers):
            reads = input_size if k == 0 else len(self.ends) * hidden_size
            for end in self.ends:
                setattr(self, f"weight_ih_l{k}{end}", uniform(2 * hidden_size, reads))
                setattr(self, f"weight_hh_l{k}{end}", uniform(2 * hidden_size, hidden_size))
                if bias:
                    setattr(self, f"bias_ih_l{k}{end}", uniform(2 * hidden_size))
                    setattr(self, f"bias_hh_l{k}{end}", uniform(2 * hidden_size))

    def stacked(self, kind: str, k: int) -> Tensor:
        return torch.stack([getattr(self, f"{kind}_l{k}{end}") for end in self.ends])

    def layer(self, x: Tensor, states: Tensor, k: int) -> tuple[Tensor, list[Tensor]]:
        hidden, layers, bias, _, rate = self.options
        both = torch.stack([x, x.flip(0)][: len(self.ends)], 1)  # (T, directions, N, D)
        inputs = both @ self.stacked("weight_ih", k).mT
        if bias:
            inputs = inputs + self.stacked("bias_ih", k)[:, None]
            inputs = inputs + self.stacked("bias_hh", k)[:, None]
        c, w_hh, cells = states[: len(self.ends)], self.stacked("weight_hh", k).mT, []
        for z in inputs:
            blocks = (z + c @ w_hh).unflatten(-1, (2, hidden))
            s, g = blocks[..., GATE, :], blocks[..., CANDIDATE, :]
            c = c * torch.sigmoid(s) + torch.tanh(g) * torch.sigmoid(1 - s)
            cells.append(c)
        cells = torch.stack(cells, 1)  # (directions, T, N, H)
        output = torch.cat([each.flip(0) if d else each for d, each in enumerate(cells)], -1)
        if k == layers - 1:
            return output, [c]
        below = dropout(output, rate) if self.training else output
        above, last = self.layer(below, states[len(self.ends) :], k + 1)
        return above, [c, *last]

    def forward(self, x: Tensor, c_0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        hidden, layers, _, batch_first, _ = self.options
        x = x.transpose(0, 1) if batch_first else x
        if c_0 is None:
            c_0 = torch.zeros(
                layers * len(self.ends), x.shape[1], hidden, dtype=x.dtype, device=x.device
            )
        output, last = self.layer(x, c_0, 0)
        return output.transpose(0, 1) if batch_first else output, torch.cat(last)
