"""The layer `scratch`: the folder that a worker may write to, bounded and removed."""

import ctypes
import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from grader.worker.walls.layers import Plan
from grader.worker.walls.system import call

MAX_SCRATCH_BYTES = 64 << 20
MAX_SCRATCH_FILES = 1000


_CLONE_NEWNS = 0x0002_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 1 << 14, 1 << 18


def mount_scratch(plan: Plan, uid: int | None) -> str:
    """Put a small file system in the scratch folder's place, which nobody else sees, and which
    goes with this process.

    Another goes over /proc: its files cannot be read as it is, but how many threads a brother has
    could be asked for, and with that brothers could speak. CUDA needs what is there."""
    if os.geteuid() != 0:
        return "only root can mount"
    owner = 0 if uid is None else uid
    options = f"size={MAX_SCRATCH_BYTES},nr_inodes={MAX_SCRATCH_FILES},mode=700,uid={owner}"
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    try:
        _step(_NO_NAMESPACE, "unshare", _CLONE_NEWNS)
        # Before anything else is mounted: nothing of it shall be seen outside this process.
        private = ctypes.c_ulong(_MS_REC | _MS_PRIVATE)
        _step(_NOT_PRIVATE, "mount", None, b"/", None, private, None)
        folder = os.fsencode(plan.scratch)
        _step(_NO_TMPFS, "mount", b"grade", folder, b"tmpfs", flags, options.encode())
        if plan.device == "cpu" and os.path.isdir("/proc"):
            empty = b"size=4096,nr_inodes=1,mode=0"
            sealed = ctypes.c_ulong(flags.value | _MS_RDONLY)
            _step(_NO_TMPFS, "mount", b"grade", b"/proc", b"tmpfs", sealed, empty)
    except _CannotBeHad as error:
        return str(error)
    return ""


class _CannotBeHad(Exception):
    """This system does not have a step of the layer to give; the words for it."""


# What a system says that has no such thing to give. Any other error is a fault, and ends the start.
_FORBIDDEN = dict.fromkeys((errno.EPERM, errno.EACCES), "this container forbids mounting")
_FULL = {errno.ENOSPC: "this system gives out no more mounts"}
_NO_NAMESPACE = _FORBIDDEN | {
    errno.EINVAL: "this kernel has no namespaces of mounts",
    errno.ENOSYS: "this kernel has no namespaces of mounts",
    errno.ENOSPC: "this system gives out no more namespaces of mounts",
    errno.EUSERS: "this system gives out no more namespaces of mounts",
}
_NOT_PRIVATE = _FORBIDDEN | {
    errno.EINVAL: "this is a chroot whose root is no mount: others would see what is mounted in it"
}
_NO_TMPFS = _FORBIDDEN | _FULL | {errno.ENODEV: "this kernel has no tmpfs"}


def _step(reasons: Mapping[int, str], name: str, *arguments: Any) -> None:
    """Call a function of the C library. _CannotBeHad for an error that `reasons` has words for."""
    try:
        call(name, *arguments)
    except OSError as error:
        if (why := reasons.get(error.errno or 0)) is None:
            raise
        raise _CannotBeHad(why) from error


def too_much_in(folder: str) -> str | None:
    """What is too much in a scratch folder that no file system of its own bounds, or None."""
    pending, files, size = [folder], 0, 0
    while pending:
        try:
            entries = list(os.scandir(pending.pop()))
        except FileNotFoundError:
            continue
        except OSError:  # closed, or too deep
            return "folders that cannot be looked into"
        for entry in entries:
            files += 1
            with suppress(FileNotFoundError):
                size += _size(entry.stat(follow_symlinks=False))
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            if files > MAX_SCRATCH_FILES:
                return f"more than {MAX_SCRATCH_FILES} files"
            if size > MAX_SCRATCH_BYTES:
                return f"more than {MAX_SCRATCH_BYTES >> 20} MiB to its folder"
    return None


def _size(status: os.stat_result) -> int:
    """Bytes on the disk; on Windows, which does not say, those of the file."""
    blocks: int | None = getattr(status, "st_blocks", None)
    return status.st_size if blocks is None else blocks * 512


def remove(folder: str) -> None:
    """Remove a scratch folder, however deep, closed or crowded its worker has left it.

    Folders inside are emptied into their parent one after the other: no recursion, no long path.
    """
    with suppress(FileNotFoundError):
        number = 0
        while entries := list(os.scandir(folder)):
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    os.unlink(entry.path)
                    continue
                os.chmod(entry.path, 0o700)
                for name in os.listdir(entry.path):
                    inner = os.path.join(entry.path, name)
                    if not os.path.islink(inner) and os.path.isdir(inner):
                        os.chmod(inner, 0o700)  # a folder that moves must be writable itself
                    number += 1
                    os.rename(inner, os.path.join(folder, f".grade-{os.getpid()}-{number}"))
                os.rmdir(entry.path)
        os.rmdir(folder)
