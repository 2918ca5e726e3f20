"""A generator of gates, rows stacked as they come; parameters filled in place."""

import torch

SHAPES = ("VH", "HH", "H") * 4 + ("HV", "V")


def get_lstm_params(vocab_size, num_hiddens, generator):
    sizes = {"V": vocab_size, "H": num_hiddens}
    params = [torch.zeros([sizes[s] for s in shape], requires_grad=True) for shape in SHAPES]
    with torch.no_grad():
        for param in params:
            if param.dim() == 2:
                wide = torch.randn(param.shape, dtype=torch.float64, generator=generator)
                param.copy_(wide / 100)
    return params


def init_lstm_state(batch_size, num_hiddens):
    hidden = torch.full((batch_size, num_hiddens), 0.0)
    return hidden, hidden.clone()


def lstm(inputs, state, params):
    gates, (w_q, b_q) = params[:12], params[12:]
    hidden, cell = state
    rows = inputs.new_empty(0, w_q.shape[1])
    for x in inputs:
        i, f, o, g = (
            torch.nn.functional.linear(x, w_x.T, b) + torch.einsum("nk,kh->nh", hidden, w_h)
            for w_x, w_h, b in zip(gates[::3], gates[1::3], gates[2::3], strict=True)
        )
        keep, add, show = (torch.special.expit(each) for each in (f, i, o))
        cell = keep * cell + add * torch.tanh(g)
        hidden = show * torch.tanh(cell)
        rows = torch.vstack((rows, torch.addmm(b_q, hidden, w_q)))
    return rows, (hidden, cell)
