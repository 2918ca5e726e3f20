"""All gates drawn and computed as one: a tuple of nn.Parameter, one product for all steps."""

import torch
from torch import nn


def get_lstm_params(vocab_size, num_hiddens, generator):
    drawn = torch.empty(4, vocab_size + num_hiddens, num_hiddens, device=generator.device)
    drawn.normal_(std=0.01, generator=generator)
    last = torch.empty(num_hiddens, vocab_size, device=generator.device)
    last.normal_(0, 0.01, generator=generator)
    found = []
    for gate in drawn:
        found += [gate[:vocab_size].clone(), gate[vocab_size:].clone(), last.new_zeros(num_hiddens)]
    return tuple(nn.Parameter(each) for each in [*found, last, last.new_zeros(vocab_size)])


def init_lstm_state(batch_size, num_hiddens):
    return tuple(torch.zeros(2, batch_size, num_hiddens))


def lstm(inputs, state, params):
    *gates, w_q, b_q = params
    w_x, w_h = torch.cat(gates[0::3], dim=1), torch.cat(gates[1::3], dim=1)
    from_inputs = inputs @ w_x + torch.cat(gates[2::3])
    hidden, cell = state
    shown = []
    for step in from_inputs:
        i, f, o, c = torch.addmm(step, hidden, w_h).split(cell.shape[-1], dim=1)
        cell = torch.addcmul(f.sigmoid() * cell, i.sigmoid(), c.tanh())
        hidden = o.sigmoid() * cell.tanh()
        shown.append(hidden)
    scores = torch.stack(shown) @ w_q + b_q
    return scores.reshape(-1, scores.shape[-1]), (hidden, cell)
