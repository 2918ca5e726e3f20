"""Takes all the memory there is.

Has worked on graders without a memory limit: the system then kills the grader instead.
"""

import torch

EARNS = 0
SAYS = "memory"


def attention_scores(queries, keys):
    hoard = []
    while True:
        hoard.append(torch.ones(8 << 20, dtype=torch.float64))


attention = attention_scores
