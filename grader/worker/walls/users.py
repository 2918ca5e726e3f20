"""The layers `uid` and `capabilities`: a user of a worker's own, without root's rights."""

import ctypes
import errno
import os
import stat
import struct
from contextlib import suppress
from pathlib import Path

from grader.worker.walls.landlock import landlock_version
from grader.worker.walls.layers import ACTIVE, NO_PROC, SWITCHED_OFF, Plan, Prepared
from grader.worker.walls.system import PR_CAPBSET_DROP, PR_SET_SECUREBITS, call, prctl

_FIRST_UID = 0x6000_0000
# In a container that maps no more: the range that systemd gives to users that come and go.
_FEW_UIDS = range(61184, 65520)
_CAP_CHOWN, CAP_DAC_READ_SEARCH, _CAP_SETGID, _CAP_SETUID = 0, 2, 6, 7
_TO_CHANGE_USER = 1 << _CAP_CHOWN | 1 << _CAP_SETGID | 1 << _CAP_SETUID
_CAPABILITY_VERSION = 0x20080522
# Root is a user like any other, keeping nothing and raising nothing, and all of that locked.
_SECUREBITS = 0b1110_1111


def own_uid(plan: Plan) -> tuple[int | None, str]:
    """A user that no other worker has, and the state of that layer."""
    if "uid" in plan.without:
        return None, SWITCHED_OFF
    if os.geteuid() != 0:
        return None, "unavailable: only root can give a worker a user of its own"
    if "capabilities" in plan.without:
        return None, "unavailable: the capabilities that a change of user drops are to be kept"
    if capabilities()[0] & _TO_CHANGE_USER != _TO_CHANGE_USER:
        return None, "unavailable: this container's root may not change its user"
    if not os.path.exists("/proc/self/uid_map"):
        return None, f"unavailable: {NO_PROC}"
    pid = os.getpid()
    for uid in (_FIRST_UID + pid, _FEW_UIDS[pid % len(_FEW_UIDS)]):
        if all(_is_mapped(uid, f"/proc/self/{kind}_map") for kind in ("uid", "gid")):
            break
    else:
        return None, "unavailable: this container has no users to spare"
    if not _can_keep_reading(plan) and (closed := _closed_to_others(plan)):
        return None, f"unavailable: {closed} is open to root alone, and Python needs it"
    return uid, ACTIVE


def _is_mapped(number: int, path: str) -> bool:
    rows = [list(map(int, line.split())) for line in Path(path).read_text().splitlines()]
    return any(first <= number < first + count for first, _, count in rows)


def _can_keep_reading(plan: Plan) -> bool:
    """Whether the right to read every file may stay: Landlock then says which files those are."""
    if {"landlock", "no_new_privs"} & set(plan.without):
        return False
    return not isinstance(landlock_version(), str)


def _closed_to_others(plan: Plan) -> str:
    """The first folder above what a worker needs that another user cannot enter, or nothing."""
    for path in (*Prepared.readable, plan.scratch):
        for folder in reversed([*Path(path).parents]):
            if not folder.stat().st_mode & stat.S_IXOTH:
                return str(folder)
    return ""


def drop_rights(uid: int | None, states: dict[str, str]) -> str:
    """Become the user `uid`, where there is one, with no capability.

    Where the interpreter lies in a folder of root's own, the right to read stays, under Landlock,
    which lets it reach the interpreter's files and no others.
    """
    if os.geteuid() != 0 and not any(capabilities()):
        return ""  # nothing to drop: execve is refused, and with it any way to get some
    with suppress(OSError):  # a container may forbid this; what counts comes last, and is verified
        for capability in range(64):
            try:
                prctl(PR_CAPBSET_DROP, capability)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                break
        prctl(PR_SET_SECUREBITS, _SECUREBITS)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    keep = 1 << CAP_DAC_READ_SEARCH if uid is not None and states["landlock"] == ACTIVE else 0
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    call("capset", header, struct.pack("=6I", keep, keep, 0, 0, 0, 0))
    return ""


def capabilities() -> tuple[int, int, int]:
    """What this process holds: effective, permitted, inheritable."""
    found = ctypes.create_string_buffer(24)
    call("capget", struct.pack("=Ii", _CAPABILITY_VERSION, 0), found)
    low, high = struct.unpack("=3I", found.raw[:12]), struct.unpack("=3I", found.raw[12:])
    effective, permitted, inheritable = (
        one | other << 32 for one, other in zip(low, high, strict=True)
    )
    return effective, permitted, inheritable
