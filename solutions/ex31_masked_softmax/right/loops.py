"""A loop over the samples and the queries, each row cut to its length."""

import torch


def masked_softmax(scores, valid_lens=None):
    n, tq, tk = scores.shape
    if valid_lens is None:
        lengths = [[tk] * tq] * n
    elif valid_lens.ndim == 1:
        lengths = [[length] * tq for length in valid_lens.tolist()]
    else:
        lengths = valid_lens.tolist()
    rows = []
    for sample, row_lengths in zip(scores, lengths, strict=True):
        for row, length in zip(sample, row_lengths, strict=True):
            rest = row.new_zeros(tk - length)
            rows.append(torch.cat([row[:length].softmax(0), rest]))
    return torch.stack(rows).reshape(n, tq, tk)
