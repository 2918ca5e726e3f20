"""All windows by indices, one for each row and column."""

import torch
from torch import Tensor


def corr2d(x: Tensor, kernel: Tensor) -> Tensor:
    """The pixels below the kernel at every place, (rows, columns, kh, kw), times the kernel."""
    kh, kw = kernel.shape
    rows = torch.arange(x.shape[0] - kh + 1)[:, None, None, None] + torch.arange(kh)[:, None]
    columns = torch.arange(x.shape[1] - kw + 1)[:, None, None] + torch.arange(kw)
    return (x[rows, columns] * kernel).sum(dim=(-2, -1))
