"""One sample and one hidden unit at a time, with dot products."""

import torch


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    hidden = h.size(1)
    states = []
    for sample, state in zip(x, h, strict=True):
        for unit in range(hidden):
            rows = unit, hidden + unit, 2 * hidden + unit
            r_x, z_x, n_x = (torch.dot(w_ih[row], sample) + b_ih[row] for row in rows)
            r_h, z_h, n_h = (torch.dot(w_hh[row], state) + b_hh[row] for row in rows)
            z = torch.sigmoid(z_x + z_h)
            candidate = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
            states.append(candidate + z * (state[unit] - candidate))
    return torch.stack(states).reshape(h.shape)
