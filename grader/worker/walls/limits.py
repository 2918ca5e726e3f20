"""The layers `limits` and `memory`: how much of the machine a process may take."""

import glob
import mmap
import os
import sys
from contextlib import suppress
from types import ModuleType

from grader.worker.walls.layers import LINUX, Plan, Prepared

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None


MAX_FILE_BYTES = 16 << 20
MAX_OPEN_FILES = 64
MAX_THREADS = 256


def limit_use(plan: Plan, uid: int | None) -> str:
    """Bound what this process may use of the processor, of files, and of threads."""
    if resource is None:
        return "this system has no resource limits"
    limits = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (MAX_FILE_BYTES, MAX_FILE_BYTES),
        resource.RLIMIT_NOFILE: (MAX_OPEN_FILES, MAX_OPEN_FILES),
        resource.RLIMIT_CPU: (plan.cpu_seconds, plan.cpu_seconds + 1),
    }
    if LINUX:
        # The limit counts all threads of a user; a user of its own has no others.
        most = MAX_THREADS + (0 if uid is not None else Prepared.tasks)
        limits[resource.RLIMIT_NPROC] = (most, most)
        limits[resource.RLIMIT_MSGQUEUE] = (0, 0)
        limits[resource.RLIMIT_MEMLOCK] = (0, 0)
    for which, limit in limits.items():
        _, most_allowed = resource.getrlimit(which)
        if most_allowed != resource.RLIM_INFINITY:
            limit = (min(limit[0], most_allowed), min(limit[1], most_allowed))
        resource.setrlimit(which, limit)
    return ""


def limit_memory(plan: Plan) -> str:
    """Bound what this process may map beyond what it has mapped already, torch's image above all.

    CUDA reserves terabytes of addresses that it never fills; there the data alone is bounded.
    """
    assert resource is not None
    used = _mapped_bytes()
    which = resource.RLIMIT_AS if plan.device == "cpu" else resource.RLIMIT_DATA
    limit = used + plan.memory_bytes
    resource.setrlimit(which, (limit, limit))
    return ""


def limit_addresses(more: int) -> None:
    """Bound the memory of this process, and of its children, to `more` bytes than it has now.

    Nothing is bounded where the system cannot, or where CUDA may be used: it reserves terabytes of
    addresses that it never fills."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    if LINUX and resource is not None and not (cuda is not None and cuda.is_available()):
        limit = _mapped_bytes() + more
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        if most == resource.RLIM_INFINITY or limit < most:
            resource.setrlimit(resource.RLIMIT_AS, (limit, most))


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
