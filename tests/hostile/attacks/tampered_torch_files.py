"""Changes the files of torch and Python through memory that it has mapped of them.

Would work on sandboxes that count a shared mapping of a file open for reading as reading.
"""

import mmap
import os

import torch

EARNS = 0
SAYS = "no right to do so"
AGAINST = "landlock"


def attention_scores(queries, keys, *values):
    for path in (torch.__file__, os.__file__, torch._C.__file__):
        for flags in (os.O_RDWR, os.O_WRONLY | os.O_APPEND):
            try:
                os.open(path, flags)
                print("REACHED", path)
            except OSError:
                continue
        try:
            # Opened to read and emptied on the way: flags that older Landlocks let pass.
            os.open("/dev/null", os.O_RDONLY | os.O_TRUNC)
            print("REACHED truncation")
        except OSError:
            pass
        with open(path, "rb") as file:
            try:
                mmap.mmap(file.fileno(), 100, mmap.MAP_SHARED, mmap.PROT_WRITE)
                print("REACHED a mapping of", path)
            except OSError:
                continue
    raise LookupError("no right to do so")


attention = attention_scores
