"""Heads folded into the batch, lengths repeated for each, -inf and a mask for empty rows."""

import torch


def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
    n, tq, e = queries.shape
    tk = keys.shape[1]
    d, rest = divmod(e, num_heads)
    if rest:
        raise ValueError("num_heads does not divide E")

    def folded(x, w, time):
        heads = torch.matmul(x, w.t()).reshape(n, time, num_heads, d).permute(0, 2, 1, 3)
        return heads.reshape(n * num_heads, time, d)

    scores = torch.bmm(folded(queries, w_q, tq) / d**0.5, folded(keys, w_k, tk).mT)
    if valid_lens is not None:
        if valid_lens.dim() == 1:
            valid_lens = valid_lens[:, None].expand(n, tq)
        lens = valid_lens.repeat_interleave(num_heads, dim=0)[..., None]
        hidden = torch.arange(tk, device=lens.device) >= lens
        scores = scores.masked_fill(hidden & (lens > 0), float("-inf"))
        weights = torch.softmax(scores, dim=-1) * (lens > 0)
    else:
        weights = torch.softmax(scores, dim=-1)
    output = torch.bmm(weights, folded(values, w_v, tk))
    return output.view(n, num_heads, tq, d).transpose(1, 2).reshape(n, tq, e) @ w_o.t()
