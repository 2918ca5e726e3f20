"""Linux: forks are safe, memory is bounded, and shared memory lies in no file."""

import fcntl
import os
from pathlib import Path

from grader.systems.posix import Posix

_AT_REST = (b"T", b"t", b"Z", b"X")  # stopped, traced, dead


class Linux(Posix):
    """Linux, with what its kernel has beside POSIX (`grader.worker.walls`)."""

    name = "Linux"
    forks = True
    bounds_memory = True

    def stands_still(self, pid: int) -> bool:
        """Whether no thread of it runs: one that is in a long system call, such as for memory, goes
        on to the end of that.

        Source: Linux, Documentation/filesystems/proc.rst, /proc/<pid>/stat, field 3."""
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                status = Path(f"/proc/{pid}/task/{task}/stat").read_bytes()
                if status.rpartition(b") ")[2][:1] not in _AT_REST:
                    return False
        except OSError:  # it has ended, or /proc is not to be had
            return True
        return True

    def memory_of(self, pid: int) -> int | None:
        """None: the system itself bounds it."""
        del pid
        return None

    def sealed(self, size: int) -> int:
        """The descriptor of `size` bytes of memory that the other side cannot take away again."""
        descriptor = os.memfd_create("grade", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, size)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
        return descriptor
