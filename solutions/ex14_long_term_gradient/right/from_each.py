"""A product of its own for every t, from the left, with torch.diag, and the state as a vector."""

import torch


def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
    h, steps = h0[0], []
    for x_t in x[:, 0]:
        h = (w_ih @ x_t + w_hh @ h + (b_ih + b_hh)).tanh()
        steps.append(torch.diag(1 - h * h) @ w_hh)
    norms = x.new_empty(len(steps))
    for t in range(len(steps)):
        product = steps[t]
        for step in steps[t + 1 :]:
            product = step @ product
        norms[t] = torch.norm(product)
    return norms
