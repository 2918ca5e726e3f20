"""With a causal mask each position asks for itself, of the keys so far, as when text is written."""

import torch
from torch import Tensor


def self_attention(
    x: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor, causal: bool = False
) -> Tensor:
    """All at once where nothing is hidden."""
    queries, keys, values = (torch.nn.functional.linear(x, w) for w in (w_q, w_k, w_v))
    queries = queries * queries.shape[-1] ** -0.5
    if not causal:
        return torch.softmax(queries @ keys.mT, dim=-1) @ values
    steps = []
    for t in range(x.shape[1]):
        scores = torch.einsum("nd,nkd->nk", queries[:, t], keys[:, : t + 1])
        steps.append(torch.einsum("nk,nkd->nd", torch.softmax(scores, -1), values[:, : t + 1]))
    return torch.stack(steps, dim=1)
