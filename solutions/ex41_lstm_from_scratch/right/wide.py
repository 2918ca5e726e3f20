"""Recursion on the sequence in float64, einsum for products, tanh for sigmoids."""

import torch


def get_lstm_params(vocab_size, num_hiddens, generator):
    def draw(*shape):
        return torch.randn(*shape, generator=generator).mul_(1e-2).requires_grad_()

    params = []
    for _ in range(4):
        params.append(draw(vocab_size, num_hiddens))
        params.append(draw(num_hiddens, num_hiddens))
        params.append(torch.zeros(num_hiddens).requires_grad_())
    return [*params, draw(num_hiddens, vocab_size), torch.zeros(vocab_size, requires_grad=True)]


def init_lstm_state(batch_size, num_hiddens):
    return torch.zeros([2, batch_size, num_hiddens]).unbind()


def _gate(x):
    return (1 + torch.tanh(0.5 * x)) * 0.5


def _read(steps, h, c, w_x, w_h, b):
    if not len(steps):
        return [], (h, c)
    z = torch.einsum("nv,gvh->gnh", steps[0], w_x) + torch.einsum("nk,gkh->gnh", h, w_h) + b
    c = _gate(z[1]) * c + _gate(z[0]) * torch.tanh(z[3])
    h = _gate(z[2]) * torch.tanh(c)
    rest, end = _read(steps[1:], h, c, w_x, w_h, b)
    return [h, *rest], end


def lstm(inputs, state, params):
    wide = [each.double() for each in params]
    w_x, w_h, b = (torch.stack(wide[kind:12:3]) for kind in range(3))
    h, c = (part.double() for part in state)
    shown, end = _read(inputs.double(), h, c, w_x, w_h, b[:, None])
    scores = torch.einsum("tnh,hv->tnv", torch.stack(shown), wide[12]) + wide[13]
    h, c = (part.to(inputs.dtype) for part in end)
    return scores.flatten(0, 1).to(inputs.dtype), (h, c)
