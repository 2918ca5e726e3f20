"""All batches at once, in a list; rows by reshaping, the order by sorting random numbers."""

import torch


def _batches(X, Y, batch_size):
    whole = len(X) // batch_size * batch_size
    if not whole:
        return []  # where `split` gives an empty piece
    return list(zip(X[:whole].split(batch_size), Y[:whole].split(batch_size), strict=True))


def random_batches(corpus, batch_size, num_steps, generator):
    text = torch.tensor(corpus)[int(torch.rand(1, generator=generator) * num_steps) :]
    count = (text.numel() - 1) // num_steps if text.numel() else 0
    order = torch.argsort(torch.rand(count, generator=generator, dtype=torch.float64))
    X = text[: count * num_steps].reshape(count, num_steps)[order]
    Y = text[1 : 1 + count * num_steps].reshape(count, num_steps)[order]
    return _batches(X, Y, batch_size)


def consecutive_batches(corpus, batch_size, num_steps, offset=0):
    text = torch.tensor(corpus)[offset:]
    count = (len(text) - 1) // batch_size * batch_size
    X = text[:count].reshape(batch_size, -1) if count else text.new_zeros(batch_size, 0)
    Y = text[1 : count + 1].reshape(batch_size, -1) if count else X
    batches = X.shape[1] // num_steps
    return [
        (X[:, k * num_steps :][:, :num_steps], Y[:, k * num_steps :][:, :num_steps])
        for k in range(batches)
    ]
