"""Nudges the states by a millionth and looks."""

import torch


def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
    states = [h0]
    for x_t in x:
        states.append(torch.tanh(x_t @ w_ih.T + b_ih + states[-1] @ w_hh.T + b_hh))
    norms = []
    for t in range(len(x)):
        h = states[t] + 1e-6 * torch.eye(h0.shape[1], dtype=h0.dtype, device=h0.device)
        for x_t in x[t:]:
            h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        norms.append(((h - states[-1]) / 1e-6).norm())
    return torch.stack(norms)
