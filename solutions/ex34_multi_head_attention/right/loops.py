"""A loop over samples, heads and queries; hidden keys are cut off."""

import torch


def multi_head_attention(queries, keys, values, w_q, w_k, w_v, w_o, num_heads, valid_lens=None):
    size = queries.size(-1)
    if size % num_heads != 0:
        raise ValueError("num_heads must divide the size of a query")
    d = size // num_heads
    samples = []
    for n in range(len(queries)):
        q, k, v = queries[n] @ w_q.T, keys[n] @ w_k.T, values[n] @ w_v.T
        rows = []
        for i in range(len(q)):
            length = len(k)
            if valid_lens is not None:
                length = int(valid_lens[n] if valid_lens.dim() == 1 else valid_lens[n, i])
            heads = []
            for start in range(0, size, d):
                block = slice(start, start + d)
                scores = k[:length, block] @ q[i, block] / d**0.5
                heads.append(torch.softmax(scores, dim=0) @ v[:length, block])
            rows.append(torch.cat(heads))
        samples.append(torch.stack(rows))
    return torch.stack(samples) @ w_o.T
