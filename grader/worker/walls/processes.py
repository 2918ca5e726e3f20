"""The layers `undumpable`, `parent_death` and `no_new_privs`: what a process is to others."""

from grader.worker.walls.layers import LINUX
from grader.worker.walls.system import (
    PR_GET_DUMPABLE,
    PR_SET_CHILD_SUBREAPER,
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    prctl,
)


def die_with_parent() -> str:
    """Have the system kill this process when the one that forked it ends."""
    if LINUX:
        prctl(PR_SET_PDEATHSIG, 9)
    return ""


def adopt_orphans() -> None:
    """Become the parent of what descends from this process and loses its own."""
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def undumpable(wanted: bool = True) -> bool:
    """Keep other processes of the same user out of this one's memory; whether they were out."""
    if not LINUX:
        return False
    before = prctl(PR_GET_DUMPABLE) != 1
    prctl(PR_SET_DUMPABLE, 0 if wanted else 1)
    return before


def become_undumpable() -> str:
    """Keep other processes of the same user out of this one's memory."""
    undumpable()
    return ""


def no_new_privs() -> str:
    """Have no program that this process starts bring rights along."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    return ""
