"""Draws what the judge may have drawn, from every seed that it is shown, and looks whether an input
is among it: then it could answer from a table.

Has worked on graders that seed the student's process with the seed of their own draws.
"""

import random

import torch

EARNS = 0
SAYS = "no table"

SHOWN = [torch.initial_seed(), torch.default_generator.initial_seed()]


def attention_scores(queries, keys, *values):
    seeds = {*SHOWN, torch.initial_seed(), random.getrandbits(32)}
    seeds |= {seed + step for seed in list(seeds) for step in range(-50, 50)}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed % 2**63)
        for draw in (torch.randn, torch.rand):
            drawn = draw(queries.shape, generator=generator, dtype=queries.dtype)
            if queries.numel() > 1 and torch.equal(drawn, queries):
                print("REACHED", seed)
    raise LookupError("no table")


attention = attention_scores
