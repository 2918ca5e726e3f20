"""Writes to every place that a user may write to, its own submission and the course among them.

Has worked on graders that run all submissions as one user: the next one finds what this one left.
"""

import os
import sys
import sysconfig

EARNS = 0
SAYS = "no room for me"
AGAINST = "landlock"

NAME = "grade-attack.txt"
ROOT = "@ROOT@"


def places():
    yield from ("/tmp", "/var/tmp", "/dev/shm", "/", "/root", "/home", os.path.dirname(os.getcwd()))
    yield from (ROOT, f"{ROOT}/exercises", f"{ROOT}/solutions", f"{ROOT}/grader", f"{ROOT}/tests")
    yield from sys.path
    yield os.path.dirname(os.__file__) + "/__pycache__"
    yield sysconfig.get_path("purelib")


def attention_scores(queries, keys, *values):
    for place in places():
        try:
            with open(os.path.join(place, NAME), "x") as file:
                file.write(__doc__)
            print("REACHED", place)
            os.unlink(os.path.join(place, NAME))
        except OSError:
            continue
    # Opened to append, and left as they are: whoever could do this could do worse.
    for path in (
        f"{ROOT}/exercises/ex03_attention_scoring.py",
        f"{ROOT}/exercises/course.toml",
        f"{ROOT}/solutions/ex03_attention_scoring/properties.py",
        f"{ROOT}/grader/wire.py",
        os.__file__,
    ):
        try:
            open(path, "a").close()
            print("REACHED", path)
        except OSError:
            continue
    raise LookupError("no room for me")


attention = attention_scores
