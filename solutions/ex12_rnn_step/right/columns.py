"""Samples as columns, so that the formula can be read as it is printed."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    from_input = torch.addmm(b_ih[:, None], w_ih, x.T)
    from_state = torch.addmm(b_hh[:, None], w_hh, h.T)
    return torch.tanh(from_input + from_state).T
