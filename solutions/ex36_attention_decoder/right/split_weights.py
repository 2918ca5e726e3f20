"""No concatenation: w_ih cut into its columns; a softmax written out; one-hot tokens."""

import torch


def attention_decode_step(
    token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh
):
    size, time = h.shape[1], enc_outputs.shape[1]
    inner = torch.addmm((h @ w_q.T).repeat_interleave(time, 0), enc_outputs.flatten(0, 1), w_k.T)
    scores = (inner.tanh() * w_v).sum(-1).unflatten(0, (-1, time))
    valid = torch.ones_like(scores).cumsum(1) <= enc_valid_len.unsqueeze(1)
    scores = scores.masked_fill(~valid, float("-inf"))
    weights = (scores - scores.max(dim=1, keepdim=True).values).exp()
    weights = weights / weights.sum(dim=1, keepdim=True)
    context = (weights.unsqueeze(2) * enc_outputs).sum(dim=1)
    one_hot = torch.nn.functional.one_hot(token, len(embedding)).to(h.dtype)
    from_x = context @ w_ih[:, :size].T + one_hot @ embedding @ w_ih[:, size:].T + b_ih
    from_h = h @ w_hh.T + b_hh
    gates = torch.sigmoid(from_x[:, : 2 * size] + from_h[:, : 2 * size])
    r, z = gates[:, :size], gates[:, size:]
    new = torch.tanh(from_x[:, 2 * size :] + r * from_h[:, 2 * size :])
    return new - z * new + z * h, weights
