"""Takes all the memory there is.

Has worked on graders without a memory limit: the system then kills the grader instead.
"""

import torch

EARNS = 0
SAYS = "memory"


def attention_scores(queries, keys, *values):
    hoard = []
    while True:
        hoard.append(torch.empty(1 << 28))


attention = attention_scores
