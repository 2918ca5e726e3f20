"""Divides the scores by sqrt(A)."""

import torch


def attention_decode_step(
    token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh
):
    scores = torch.tanh((h @ w_q.T)[:, None] + enc_outputs @ w_k.T) @ w_v / len(w_v) ** 0.5
    padding = torch.arange(scores.shape[1], device=h.device) >= enc_valid_len[:, None]
    weights = torch.softmax(scores.masked_fill(padding, -torch.inf), dim=-1)
    context = (weights[:, None] @ enc_outputs)[:, 0]
    x = torch.cat((context, embedding[token]), dim=-1)
    r_x, z_x, n_x = (x @ w_ih.T + b_ih).chunk(3, dim=-1)
    r_h, z_h, n_h = (h @ w_hh.T + b_hh).chunk(3, dim=-1)
    n = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
    z = torch.sigmoid(z_x + z_h)
    return (1 - z) * n + z * h, weights
