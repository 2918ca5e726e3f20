"""Dies by a signal that has no name.

Would work on graders that cannot put every way to die into words.
"""

import os

EARNS = 0
SAYS = "crashed the process"


def attention_scores(queries, keys, *values):
    os.kill(os.getpid(), 40)


attention = attention_scores
