"""One head after another, in float64, each through its own columns of w_o; their sum, rounded."""

import torch


def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
    if queries.shape[-1] % num_heads:
        raise ValueError("E must be a multiple of num_heads")
    size = queries.shape[-1] // num_heads
    exact = [x.double() for x in (queries, keys, values, w_q, w_k, w_v, w_o)]
    queries_, keys_, values_, *weights = exact
    total = 0
    for head in range(num_heads):
        rows = torch.arange(head * size, (head + 1) * size, device=w_q.device)
        q_rows, k_rows, v_rows = (w.index_select(0, rows) for w in weights[:3])
        scores = queries_ @ (q_rows.T @ k_rows) @ keys_.mT / size**0.5
        if valid_lens is None:
            attention = scores.softmax(-1)
        else:
            lens = valid_lens.view(len(valid_lens), -1, 1).expand(-1, scores.shape[1], -1)
            seen = torch.arange(scores.shape[2], device=lens.device) < lens
            attention = torch.where(seen, scores, -torch.inf).softmax(-1)
            attention = torch.where(seen, attention, 0)
        total = total + attention @ values_ @ v_rows.T @ weights[3].index_select(1, rows).T
    return total.to(queries.dtype)
