"""Fills the disk with many files, none of them large, and with none that has a name.

Has worked on graders that limit the size of one file alone.
"""

import os

EARNS = 0
SAYS = ""
AGAINST = "scratch limits"

MOST = 1 << 9  # half a GiB: where nothing stops it, it stops itself


def attention_scores(queries, keys, *values):
    kept, block = [], bytes(1 << 20)
    for number in range(MOST):
        file = open(f"{number}.bin", "wb", buffering=0)  # noqa: SIM115
        kept.append(file)
        if number % 2:
            os.unlink(file.name)
        if file.write(block) < len(block):
            raise OSError("No space left")
        if len(kept) > 100:
            kept.pop(0).close()
    print("REACHED", MOST, "MiB")


attention = attention_scores
