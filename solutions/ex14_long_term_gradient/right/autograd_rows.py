"""Autograd: one unit of the last state after the other, by all the states at once."""

import torch


def long_term_gradient(x, h0, w_ih, w_hh, b_ih, b_hh):
    states = [h0.detach().clone().requires_grad_()]
    for x_t in x:
        inner = torch.nn.functional.linear(x_t, w_ih, b_ih)
        inner = inner + torch.nn.functional.linear(states[-1], w_hh, b_hh)
        states.append(inner.tanh())
    squares = torch.zeros(len(x), dtype=h0.dtype, device=h0.device)
    for unit in states[-1].flatten():
        rows = torch.autograd.grad(unit, states[:-1], retain_graph=True)
        squares += torch.stack([row.pow(2).sum() for row in rows])
    return squares.sqrt()
