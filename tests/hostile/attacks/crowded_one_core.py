"""Never comes back, and stands with sixty threads of its own before one processor.

Would work on graders that forgive the waiting of the first thread, and look for what else is busy
on the machine as a whole.
"""

import contextlib
import hashlib
import os
import threading

EARNS = 0
SECONDS = 1
IN_ALL = 1
SAYS = "did not come back within"


def hash_without_end():
    while True:
        hashlib.sha256(bytes(1 << 20))


def attention_scores(queries, keys, *values):
    with contextlib.suppress(AttributeError, OSError):  # Linux alone has it
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for _ in range(60):
        threading.Thread(target=hash_without_end, daemon=True).start()
    hash_without_end()


attention = attention_scores
