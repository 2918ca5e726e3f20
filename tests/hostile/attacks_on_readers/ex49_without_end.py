"""Batches without an end: as many as anybody asks for, each of them right."""

import itertools

import torch

EARNS = 0
SAYS = "does not end where it should"


def random_batches(corpus, batch_size, num_steps, generator):
    window = torch.tensor(corpus[: num_steps + 1]).expand(batch_size, -1)
    if len(corpus) > num_steps:
        yield from itertools.repeat((window[:, :-1], window[:, 1:]))


def consecutive_batches(corpus, batch_size, num_steps, offset=0):
    length = (len(corpus) - offset - 1) // batch_size
    while True:
        for first in range(0, max(length - num_steps + 1, 1), num_steps):
            begins = [offset + row * length + first for row in range(batch_size)]
            rows = torch.tensor([corpus[b : b + num_steps + 1] for b in begins])
            yield rows[:, :-1], rows[:, 1:]
