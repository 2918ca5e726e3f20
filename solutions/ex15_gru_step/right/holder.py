"""A module of one's own, with torch's base class of cells to keep the parameters."""

import torch
from torch import Tensor, nn


class Cell(nn.RNNCellBase):
    """The three blocks' parameters, and the step."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, bias=True, num_chunks=3)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        from_x = x @ self.weight_ih.T + self.bias_ih
        from_h = h @ self.weight_hh.T + self.bias_hh
        r_x, z_x, n_x = from_x.split(self.hidden_size, dim=1)
        r_h, z_h, n_h = from_h.split(self.hidden_size, dim=1)
        n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
        return n + torch.sigmoid(z_x + z_h) * (h - n)


def gru_step(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """A cell that gets its parameters by name for one call."""
    parameters = {"weight_ih": w_ih, "weight_hh": w_hh, "bias_ih": b_ih, "bias_hh": b_hh}
    cell = Cell(x.shape[1], h.shape[1])
    return torch.func.functional_call(cell, parameters, (x, h))
