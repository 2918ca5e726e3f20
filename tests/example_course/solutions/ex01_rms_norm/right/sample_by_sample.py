"""A loop over the samples."""

import torch


def rms_norm(x, weight, eps=1e-6):
    rows = [row / ((row @ row) / len(row) + eps) ** 0.5 * weight for row in x]
    return torch.stack(rows)
