"""Computes in float64 and casts back; the embedding by index_select, log-softmax."""

import torch


def attention_decode_step(
    token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh
):
    dtype = h.dtype
    h, outputs, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh = (
        t.double() for t in (h, enc_outputs, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh)
    )
    asked = torch.nn.functional.linear(h, w_q)[:, None, :].expand(-1, outputs.shape[1], -1)
    scores = torch.tanh(asked + torch.nn.functional.linear(outputs, w_k)).matmul(w_v)
    positions = torch.arange(outputs.shape[1], device=h.device)
    bias = torch.zeros_like(scores).masked_fill(positions >= enc_valid_len[:, None], float("-inf"))
    weights = torch.log_softmax(scores + bias, dim=-1).exp()
    context = torch.bmm(outputs.mT, weights[:, :, None]).squeeze(2)
    x = torch.cat([context, embedding.index_select(0, token)], 1)
    i_r, i_z, i_n = torch.nn.functional.linear(x, w_ih, b_ih).tensor_split(3, dim=1)
    h_r, h_z, h_n = torch.nn.functional.linear(h, w_hh, b_hh).tensor_split(3, dim=1)
    new = (i_n + (i_r + h_r).sigmoid() * h_n).tanh()
    keep = (i_z + h_z).sigmoid()
    return (keep * h + (1 - keep) * new).to(dtype), weights.to(dtype)
