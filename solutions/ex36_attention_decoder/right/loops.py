"""One sample at a time, its source cut to what is valid before anything is computed."""

import torch


def attention_decode_step(
    token, h, enc_outputs, enc_valid_len, embedding, w_q, w_k, w_v, w_ih, w_hh, b_ih, b_hh
):
    states, rows = [], []
    for n in range(len(token)):
        length = int(enc_valid_len[n])
        valid = enc_outputs[n, :length]
        scores = torch.stack([w_v.dot(torch.tanh(w_q @ h[n] + w_k @ key)) for key in valid])
        weights = torch.softmax(scores, 0)
        x = torch.cat([weights @ valid, embedding[int(token[n])]])
        r_x, z_x, n_x = (w_ih @ x + b_ih).chunk(3)
        r_h, z_h, n_h = (w_hh @ h[n] + b_hh).chunk(3)
        new = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
        z = torch.sigmoid(z_x + z_h)
        states.append(new + z * (h[n] - new))
        rows.append(torch.cat([weights, weights.new_zeros(enc_outputs.shape[1] - length)]))
    return torch.stack(states), torch.stack(rows)
