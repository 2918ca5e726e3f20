"""Changes owners, rights, times and attributes of files that it may not write to.

Would work on sandboxes that look at what is opened alone: Landlock does not look at chmod.
"""

import os

EARNS = 0
SAYS = "no right to do so"
AGAINST = "seccomp"

ROOT = "@ROOT@"


def attention_scores(queries, keys, *values):
    for path in (f"{ROOT}/exercises/ex03_attention_scoring.py", f"{ROOT}/solutions", ROOT):
        status = os.stat(path)
        for change in (
            # Each sets what is set already: whoever could do this could do worse.
            lambda path=path, status=status: os.chmod(path, status.st_mode & 0o7777),
            lambda path=path, status=status: os.chown(path, status.st_uid, status.st_gid),
            lambda path=path, s=status: os.utime(path, ns=(s.st_atime_ns, s.st_mtime_ns)),
            lambda path=path: os.truncate(path, os.path.getsize(path)),
        ):
            try:
                change()
                print("REACHED", path)
            except OSError:
                continue
    raise LookupError("no right to do so")


attention = attention_scores
