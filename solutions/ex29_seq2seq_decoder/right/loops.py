"""One sample at a time, with vectors; each word against all the others."""

import torch


def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
    size = h.shape[1]
    rows, states = [], []
    for word, old, seen in zip(token.tolist(), h, context, strict=True):
        x = torch.cat((embedding[word], seen))
        from_x, from_h = torch.mv(w_ih, x) + b_ih, torch.mv(w_hh, old) + b_hh
        r = torch.sigmoid(from_x[:size] + from_h[:size])
        z = torch.sigmoid(from_x[size:-size] + from_h[size:-size])
        n = torch.tanh(from_x[-size:] + r * from_h[-size:])
        state = n - z * n + z * old
        scores = torch.mv(w_out, state) + b_out
        rows.append(-torch.stack([torch.logsumexp(scores - score, dim=0) for score in scores]))
        states.append(state)
    return torch.stack(rows), torch.stack(states)
