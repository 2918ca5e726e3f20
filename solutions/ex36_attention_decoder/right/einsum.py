"""Einstein sums; a very low score for the padding; gates by tanh, block by block."""

import torch


def attention_decode_step(
    token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh
):
    hidden = torch.einsum("nh,ah->na", h, w_q).unsqueeze(1)
    hidden = (hidden + torch.einsum("nkh,ah->nka", enc_outputs, w_k)).tanh()
    scores = torch.einsum("nka,a->nk", hidden, w_v)
    here = torch.arange(enc_outputs.size(1), device=h.device)[None] < enc_valid_len[:, None]
    weights = torch.where(here, scores, torch.finfo(h.dtype).min).softmax(1)
    context = torch.einsum("nk,nkh->nh", weights, enc_outputs)
    x = torch.hstack((context, torch.nn.functional.embedding(token, embedding)))
    from_x = torch.einsum("nd,gkd->gnk", x, w_ih.unflatten(0, (3, -1)))
    from_h = torch.einsum("nd,gkd->gnk", h, w_hh.unflatten(0, (3, -1)))
    from_x = from_x + b_ih.unflatten(0, (3, 1, -1))
    from_h = from_h + b_hh.unflatten(0, (3, 1, -1))
    r, z = 0.5 + 0.5 * torch.tanh((from_x[:2] + from_h[:2]) / 2)
    return torch.lerp(torch.tanh(from_x[2] + r * from_h[2]), h, z), weights
