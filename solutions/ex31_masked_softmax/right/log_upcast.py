"""In log space and double precision, then back to the dtype of the scores."""

import torch


def masked_softmax(scores, valid_lens=None):
    n, _, tk = scores.shape
    if valid_lens is None:
        valid_lens = torch.tensor([tk] * n, device=scores.device)
    lengths = valid_lens if valid_lens.dim() == 2 else valid_lens.unsqueeze(1)
    places = torch.ones_like(scores, dtype=torch.int64).cumsum(dim=-1)
    valid = places <= lengths.unsqueeze(2)
    # An empty row is left to itself, and set to 0 at the end.
    filled = torch.where(valid, scores.double(), -torch.inf)
    filled = torch.where(lengths.unsqueeze(2) == 0, 0.0, filled)
    weights = filled.log_softmax(dim=2).exp()
    return torch.where(valid, weights, 0.0).to(scores.dtype)
