"""One sequence, one step and one hidden unit at a time, with dot products."""

import torch


def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    time, batch, _ = x.shape
    sequences = []
    for n in range(batch):
        state, states = h0[n], []
        for t in range(time):
            sums = [
                w_ih[unit].dot(x[t, n]) + w_hh[unit].dot(state) + b_ih[unit] + b_hh[unit]
                for unit in range(len(b_ih))
            ]
            state = torch.stack(sums).tanh()
            states.append(state)
        sequences.append(torch.stack(states))
    output = torch.stack(sequences, dim=1)
    return output, output[-1]
