"""The step gets a closure, which zeroes, goes backward and clips; the losses stay in a list."""

import torch
from torch.nn import functional


def train_epoch(model, batches, optimizer, max_norm, state=None):
    model = model.train(True)
    losses = []

    def cut(value):
        return tuple(map(cut, value)) if type(value) is tuple else value.detach()

    for X, Y in batches:
        begun = cut(model.begin_state(X.size(0)) if state is None else state)

        def closure():
            nonlocal state
            model.zero_grad(set_to_none=False)
            scores, state = model(X, begun)  # noqa: B023
            picked = functional.log_softmax(scores, -1).gather(1, Y.t().flatten()[:, None])  # noqa: B023
            picked.mean().neg().backward()
            with torch.no_grad():
                flat = torch.cat([p.grad.flatten() for p in model.parameters()])
                scale = min(1.0, max_norm / (float(flat.norm()) + 1e-6))
                for p in model.parameters():
                    p.grad *= scale
            losses.append(-picked.detach().flatten())

        optimizer.step(closure)
    return float(torch.cat(losses).mean().exp())
