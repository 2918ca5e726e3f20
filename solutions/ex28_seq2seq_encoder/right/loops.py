"""One sentence at a time, word by word, with vectors."""

import torch


def seq2seq_encode(tokens, embedding, w_ih, w_hh, b_ih, b_hh):
    size = w_hh.shape[1]
    sentences = []
    for sentence in tokens.t().tolist():
        h, states = torch.zeros_like(w_hh[0]), []
        for word in sentence:
            from_x, from_h = torch.mv(w_ih, embedding[word]) + b_ih, torch.mv(w_hh, h) + b_hh
            r = torch.sigmoid(from_x[:size] + from_h[:size])
            z = torch.sigmoid(from_x[size:-size] + from_h[size:-size])
            n = torch.tanh(from_x[-size:] + r * from_h[-size:])
            h = n - z * n + z * h
            states.append(h)
        sentences.append(torch.stack(states))
    outputs = torch.stack(sentences, dim=1)
    return outputs, outputs[-1]
