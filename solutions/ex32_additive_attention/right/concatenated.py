"""Every query beside every key in one long vector, and one weight for both."""

import torch


def additive_scores(queries, keys, w_q, w_k, w_v):
    asked, offered = queries.shape[1], keys.shape[1]
    pairs = torch.cat(
        (
            queries[:, :, None].expand(-1, -1, offered, -1),
            keys[:, None].expand(-1, asked, -1, -1),
        ),
        dim=-1,
    )
    hidden = torch.tanh(torch.nn.functional.linear(pairs, torch.cat((w_q, w_k), dim=1)))
    return torch.nn.functional.linear(hidden, w_v[None]).squeeze(-1)
