"""Takes a step of both directions at once, with batched products; exponentials for tanh."""

import torch


def _tanh(x):
    return 2 * torch.sigmoid(2 * x) - 1


def bidirectional_rnn(x, h0, forward, backward):
    w_ih, w_hh, b_ih, b_hh = (torch.stack(pair) for pair in zip(forward, backward, strict=True))
    both = torch.stack((x, x.flip(0)), dim=1)
    inputs = torch.einsum("tknd,khd->tknh", both, w_ih) + (b_ih + b_hh)[:, None]
    states = [h0]
    for step in inputs:
        states.append(_tanh(torch.baddbmm(step, states[-1], w_hh.mT)))
    ahead, back = torch.stack(states[1:]).unbind(1)
    return torch.cat((ahead, back[list(range(len(x) - 1, -1, -1))]), dim=2), states[-1]
