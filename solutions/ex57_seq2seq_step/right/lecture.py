"""As the lecture writes it: weights of a mask, the losses per sample, and their sum."""

import torch
from torch import nn

BOS = 1


def masked_loss(pred, label, valid_len):
    weights = torch.ones_like(label)
    positions = torch.arange(weights.size(1))[None, :]
    weights[~(positions < valid_len[:, None])] = 0
    unweighted = nn.CrossEntropyLoss(reduction="none")(pred.permute(0, 2, 1), label)
    return (unweighted * weights).mean(dim=1)


def seq2seq_train_step(encoder, decoder, batch, optimizer, max_norm):
    for net in (encoder, decoder):
        net.train()
    optimizer.zero_grad()
    X, X_valid_len, Y, Y_valid_len = batch
    bos = torch.tensor([BOS] * Y.shape[0]).reshape(-1, 1)
    dec_input = torch.cat([bos, Y[:, :-1]], 1)
    dec_state = decoder.init_state(encoder(X), X_valid_len)
    Y_hat, _ = decoder(dec_input, dec_state)
    l = masked_loss(Y_hat, Y, Y_valid_len)  # noqa: E741
    l.sum().backward()
    params = list(encoder.parameters()) + list(decoder.parameters())
    norm = torch.sqrt(sum(torch.sum(p.grad**2) for p in params))
    if norm > max_norm:
        for param in params:
            param.grad[:] *= max_norm / norm
    num_tokens = Y_valid_len.sum()
    optimizer.step()
    return float(l.sum()), num_tokens.item()
