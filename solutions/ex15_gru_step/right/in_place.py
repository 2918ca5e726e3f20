"""In-place work on tensors of its own, slices for blocks, the logistic function written out."""

import torch


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    size = h.shape[-1]
    total = torch.addmm(b_ih, x, w_ih.mT)
    past = torch.addmm(b_hh, h, w_hh.mT)
    total[:, : 2 * size] += past[:, : 2 * size]
    gates = (torch.tanh(total[:, : 2 * size] / 2) + 1) / 2
    total[:, 2 * size :] += gates[:, :size] * past[:, 2 * size :]
    candidate = torch.tanh(total[:, 2 * size :])
    state = gates[:, size:] * h
    state += (1 - gates[:, size:]) * candidate
    return state
