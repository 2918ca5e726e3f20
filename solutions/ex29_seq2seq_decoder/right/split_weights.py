"""A product each for the word and for the context, and a logsumexp."""

import torch
from torch.nn.functional import embedding as lookup


def seq2seq_decode_step(token, h, context, embedding, w_ih, w_hh, b_ih, b_hh, w_out, b_out):
    hidden, width = h.shape[1], embedding.shape[1]
    i = torch.addmm(b_ih, lookup(token, embedding), w_ih[:, :width].t())
    i = i + context.mm(w_ih[:, width:].t())
    j = torch.addmm(b_hh, h, w_hh.t())
    gates = torch.sigmoid(i[:, : 2 * hidden] + j[:, : 2 * hidden])
    n = torch.tanh(i[:, 2 * hidden :] + gates[:, :hidden] * j[:, 2 * hidden :])
    h = n + gates[:, hidden:] * (h - n)
    scores = torch.addmm(b_out, h, w_out.t())
    return scores - torch.logsumexp(scores, dim=1, keepdim=True), h
