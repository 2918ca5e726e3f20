"""Fills the disk with many files, none of them large, and with none that has a name.

Has worked on graders that limit the size of one file alone.
"""

import functools
import os

EARNS = 0
SAYS = "No space left"
AGAINST = "scratch limits"

MOST = 1 << 8  # MiB: where nothing stops it, it stops itself
OPEN = []  # the last of them, which keep their place on the disk


@functools.cache  # whoever is called later finds the disk full
def fill():
    block = bytes(1 << 20)
    for number in range(MOST):
        file = open(f"{number}.bin", "wb", buffering=0)  # noqa: SIM115
        OPEN.append(file)
        if number % 2:
            os.unlink(file.name)
        try:
            written = file.write(block)
        except OSError as error:
            return error.strerror
        if written < len(block):
            return "No space left"
        if len(OPEN) > 40:
            OPEN.pop(0).close()
    print("REACHED", MOST, "MiB")
    return "nothing stops it"


def attention_scores(queries, keys, *values):
    raise OSError(fill())


attention = attention_scores
