"""Divides a row's gradient by how often its word occurs."""

import torch


def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
    x = torch.cat(
        (torch.nn.functional.embedding(token, embedding, scale_grad_by_freq=True), context), dim=-1
    )
    r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    h = (1 - z) * n + z * h
    scores = h @ w_out.T + b_out
    return torch.log_softmax(scores, dim=-1), h
