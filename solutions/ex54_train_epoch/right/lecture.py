"""As the lecture writes it: a function for clipping, a sum and a count, the state cut off in
place."""

import math

import torch
from torch import nn


def grad_clipping(net, theta):
    params = [p for p in net.parameters() if p.requires_grad]
    norm = torch.sqrt(sum(torch.sum(p.grad**2) for p in params))
    if norm > theta:
        for param in params:
            param.grad[:] *= theta / norm


def train_epoch(model, batches, optimizer, max_norm, state=None):
    loss = nn.CrossEntropyLoss()
    model.train()
    metric = [0.0, 0]
    for X, Y in batches:
        if state is None:
            state = model.begin_state(batch_size=X.shape[0])
        elif isinstance(state, tuple):
            for s in state:
                s.detach_()
        else:
            state.detach_()
        y = Y.T.reshape(-1)
        y_hat, state = model(X, state)
        l = loss(y_hat, y.long()).mean()  # noqa: E741
        optimizer.zero_grad()
        l.backward()
        grad_clipping(model, max_norm)
        optimizer.step()
        metric[0] += float(l) * y.numel()
        metric[1] += y.numel()
    return math.exp(metric[0] / metric[1])
