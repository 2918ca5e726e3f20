"""Writes the states into tensors of its own; the gates' biases added first."""

import torch


def deep_gru(x, h0, layers):
    steps, batch, _ = x.shape
    hidden = h0.shape[2]
    h_n = torch.empty_like(h0)
    for level, (w_ih, w_hh, b_ih, b_hh) in enumerate(layers):
        w_r, w_z, w_n = w_hh.split(hidden)
        both = torch.cat((b_hh[: 2 * hidden], b_hh.new_zeros(hidden)))
        inputs = torch.addmm(b_ih + both, x.reshape(steps * batch, -1), w_ih.t())
        inputs = inputs.reshape(steps, batch, 3 * hidden)
        output = x.new_empty(steps, batch, hidden)
        h = h0[level]
        for t in range(steps):
            r_x, z_x, n_x = inputs[t].split(hidden, dim=1)
            z = torch.sigmoid(z_x + h.mm(w_z.t()))
            n = h.mm(w_n.t()) + b_hh[2 * hidden :]
            n = torch.tanh(n_x + n * (torch.tanh((r_x + h.mm(w_r.t())) / 2) + 1) / 2)
            h = torch.addcmul(n - z * n, z, h)
            output[t] = h
        h_n[level] = h
        x = output
    return x, h_n
