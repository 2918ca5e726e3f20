"""The last step after all the steps before it: recursion for a loop, einsum for the products."""

import torch


def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    if len(x) == 0:
        return h0.new_empty(0, *h0.shape), h0
    before, h = rnn_forward(x[:-1], h0, w_ih, w_hh, b_ih, b_hh)
    sums = torch.einsum("nj,hj->nh", h, w_hh) + torch.einsum("nd,hd->nh", x[-1], w_ih)
    h = torch.tanh(sums + b_hh + b_ih)
    return torch.cat([before, h.unsqueeze(0)]), h
