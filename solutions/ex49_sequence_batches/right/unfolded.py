"""Windows by `unfold`, and batches by torch's own loader."""

import torch
from torch.utils.data import DataLoader


def random_batches(corpus, batch_size, num_steps, generator):
    start = torch.randint(num_steps, (1,), generator=generator).item()
    text = torch.tensor(corpus[start:])
    if len(text) <= num_steps:
        return iter(())
    windows = text.unfold(0, num_steps + 1, num_steps)
    loader = DataLoader(windows, batch_size, shuffle=True, drop_last=True, generator=generator)
    return ((batch[:, :-1], batch[:, 1:]) for batch in loader)


def consecutive_batches(corpus, batch_size, num_steps, offset=0):
    text = torch.tensor(corpus[offset:])
    length = (len(text) - 1) // batch_size
    if length < num_steps:
        return
    rows = text.unfold(0, length + 1, length)[:batch_size]  # each with one token more
    for window in rows.unfold(1, num_steps + 1, num_steps).unbind(1):
        yield window[:, :-1].clone(), window[:, 1:].clone()
