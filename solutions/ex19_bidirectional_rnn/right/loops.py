"""One sample at a time, with vectors."""

import torch


def _read(sequence, h, w_ih, w_hh, b_ih, b_hh):
    states = []
    for x in sequence:
        h = torch.tanh(b_hh + torch.mv(w_hh, h) + b_ih + torch.mv(w_ih, x))
        states.append(h)
    return states


def bidirectional_rnn(x, h0, forward, backward):
    outputs, ends = [], []
    for n in range(x.size(1)):
        ahead = _read(x[:, n], h0[0, n], *forward)
        back = _read(reversed(list(x[:, n])), h0[1, n], *backward)
        ends.append(torch.stack((ahead[-1], back[-1])))
        outputs.append(torch.hstack((torch.stack(ahead), torch.stack(back[::-1]))))
    return torch.stack(outputs, dim=1), torch.stack(ends, dim=1)
