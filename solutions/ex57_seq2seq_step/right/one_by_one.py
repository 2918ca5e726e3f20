"""The decoder is asked for one token after another, and the losses of a place are added up."""

import torch
import torch.nn.utils as utils
from torch.nn.functional import log_softmax


def seq2seq_train_step(encoder, decoder, batch, optimizer, max_norm):
    encoder.train(), decoder.train()
    source, source_lengths, target, lengths = batch
    state = decoder.init_state(encoder(source), source_lengths)
    token = torch.ones(len(target), 1, dtype=torch.int64)
    loss, counted = 0.0, 0
    for t in range(target.shape[1]):
        scores, state = decoder(token, state)
        token = target[:, t : t + 1]
        costs = -log_softmax(scores[:, 0], dim=-1).gather(1, token)[:, 0]
        there = lengths > t
        loss = loss + costs[there].sum() / target.shape[1]
        counted += int(there.sum())
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    utils.clip_grad_norm_(list(encoder.parameters()) + list(decoder.parameters()), max_norm)
    optimizer.step()
    return float(loss.detach()), counted
