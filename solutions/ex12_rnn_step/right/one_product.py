"""One product of [x, h, 1] with all parameters side by side, and a tanh made of a sigmoid."""

import torch


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    weights = torch.hstack((w_ih, w_hh, (b_ih + b_hh).unsqueeze(1)))
    inputs = torch.hstack((x, h, x.new_ones(len(x), 1)))
    return 2 * torch.sigmoid(2 * (inputs @ weights.mT)) - 1
