"""Iterators written out, of which each keeps its place; the order by drawing one after another."""

import torch


class Windows:
    """Batches of windows that begin where `begins` says, batch by batch."""

    def __init__(self, corpus, num_steps, begins):
        self.corpus, self.num_steps = corpus, num_steps
        self.begins = iter(begins)

    def __iter__(self):
        return self

    def __next__(self):
        begins = next(self.begins)
        cut = [[self.corpus[b + s] for s in range(self.num_steps + 1)] for b in begins]
        return [
            torch.tensor([row[:-1] for row in cut]),
            torch.tensor([row[1:] for row in cut]),
        ]


def random_batches(corpus, batch_size, num_steps, generator):
    def below(n):
        return torch.randint(0, n, (), generator=generator).item()

    def begins():
        left = list(range(below(num_steps), len(corpus) - num_steps, num_steps))
        while len(left) >= batch_size:
            yield [left.pop(below(len(left))) for _ in range(batch_size)]

    return Windows(corpus, num_steps, begins())


def consecutive_batches(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    return Windows(
        corpus,
        num_steps,
        (
            range(offset + k * num_steps, offset + k * num_steps + batch_size * length, length)
            for k in range(length // num_steps)
        ),
    )
