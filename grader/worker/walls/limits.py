"""The layers `limits` and `memory`: how much of the machine a process may take."""

import glob
import math
import mmap
import os
import sys
from contextlib import suppress

from grader.systems.here import SYSTEM
from grader.worker.walls.layers import LINUX, NO_PROC, Plan, Prepared

MAX_FILE_BYTES = 16 << 20
MAX_OPEN_FILES = 64
MAX_THREADS = 256


def limit_use(plan: Plan, uid: int | None) -> str:
    """Bound what this process may use of the processor, of files, and of threads."""
    # The system counts from the start of this process, which may have imported torch since.
    cpu = math.ceil(SYSTEM.seconds_spent()) + plan.cpu_seconds
    limits = {"core": 0, "file": MAX_FILE_BYTES, "files": MAX_OPEN_FILES, "cpu": cpu}
    if LINUX:
        # The limit counts all threads of a user; a user of its own has no others.
        most = MAX_THREADS + (0 if uid is not None else Prepared.tasks)
        limits |= {"threads": most, "queues": 0, "locked": 0}
    return _limited(**limits)


def limit_memory(plan: Plan) -> str:
    """Bound what this process may map beyond what it has mapped already, torch's image above all.

    CUDA reserves terabytes of addresses that it never fills; there the data alone is bounded.
    """
    which = "addresses" if plan.device == "cpu" else "data"
    try:
        mapped = _mapped_bytes()
    except FileNotFoundError:
        return NO_PROC
    return _limited(**{which: mapped + plan.memory_bytes})


def _limited(**most: int) -> str:
    """Bound this process; why it cannot be, or nothing. OSError where Linux refuses."""
    why = SYSTEM.limit(**most)
    if why and LINUX:
        raise OSError(why)
    return why


def limit_addresses(more: int) -> None:
    """Bound the memory of this process, and of its children, to `more` bytes than it has now.

    Nothing is bounded where the system cannot, or where CUDA may be used: it reserves terabytes of
    addresses that it never fills."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if SYSTEM.bounds_memory and not (cuda is not None and cuda.is_available()):
        with suppress(FileNotFoundError):  # /proc is not mounted
            SYSTEM.limit(addresses=_mapped_bytes() + more)


def _mapped_bytes() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * mmap.PAGESIZE


def tasks_of_this_user() -> int:
    """How many threads the user has now, in all of their processes."""
    user, count = os.getuid(), 0
    for process in glob.iglob("/proc/[0-9]*/task"):
        with suppress(OSError):  # it has ended meanwhile
            status = os.stat(process)
            count += (status.st_nlink - 2) * (status.st_uid == user)
    return count
