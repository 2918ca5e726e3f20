"""Writes each state into its place of one tensor made in advance."""

from torch.nn.functional import linear


def rnn_forward(x, h0, w_ih, w_hh, b_ih, b_hh):
    output = x.new_empty(x.shape[0], *h0.shape)
    h = h0
    for t, x_t in enumerate(x):
        h = (linear(x_t, w_ih, b_ih) + linear(h, w_hh, b_hh)).tanh()
        output[t] = h
    return output, h
