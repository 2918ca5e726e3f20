"""In-place work on a tensor of its own, with torch.nn.functional.linear."""

from torch.nn.functional import linear


def rnn_step(x, h, w_ih, w_hh, b_ih, b_hh):
    state = linear(h, w_hh, b_hh)
    state += linear(x, w_ih, b_ih)
    return state.tanh_()
