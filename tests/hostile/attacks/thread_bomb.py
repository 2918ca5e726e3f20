"""Starts threads without end, with stacks as small as they get.

Has worked on graders that count processes: to the system a thread is one.
"""

import threading
import time

EARNS = 0
SAYS = "start new thread"
AGAINST = "limits"


def attention_scores(queries, keys, *values):
    threading.stack_size(32 << 10)
    for _ in range(1000):
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    print("REACHED 1000 threads")


attention = attention_scores
