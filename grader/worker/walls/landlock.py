"""The layers `landlock`, `landlock_tcp` and `landlock_scope`: which files may be opened."""

import ctypes
import errno
import glob
import os
import stat
import struct
from collections.abc import Iterable, Iterator, Sequence

from grader.worker.walls.layers import ACTIVE, SWITCHED_OFF, Plan, Prepared, SandboxError
from grader.worker.walls.paths import within
from grader.worker.walls.system import call

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_REGULAR = 1 << 5, 1 << 8
_REMOVE_DIR, _MAKE_DIR = 1 << 4, 1 << 7
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
# How many of the rights each version knows: 2 added refer, 3 truncate, 5 ioctl_dev.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_RIGHTS = 16
_TCP, _SCOPES = 0b11, 0b11

_READ = _READ_FILE | _READ_DIR
# No links, no devices, no sockets.
_SCRATCH = _READ | _WRITE_FILE | _TRUNCATE | _REMOVE_FILE | _MAKE_REGULAR | _MAKE_DIR | _REMOVE_DIR


def landlock_version() -> int | str:
    """The newest version that the kernel has, or why it has none."""
    try:
        return call("syscall", _CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    except OSError as error:
        reasons = {
            errno.ENOSYS: "this kernel has no Landlock (Linux 5.13 and newer have)",
            errno.EOPNOTSUPP: "Landlock is switched off at boot (see the lsm= parameter)",
            errno.EPERM: "this container forbids Landlock",
        }
        if error.errno not in reasons:
            raise SandboxError(f"landlock: {error}") from error
        return reasons[error.errno]


def restrict_files(plan: Plan) -> dict[str, str]:
    """Have files opened by the rules of this plan alone; the states of the three layers."""
    version = landlock_version()
    if "no_new_privs" in plan.without:
        version = "it takes no_new_privs"
    if isinstance(version, str):
        names = ("landlock", "landlock_tcp", "landlock_scope")
        why = f"unavailable: {version}"
        return {name: SWITCHED_OFF if name in plan.without else why for name in names}
    older = f"unavailable: this kernel has version {version} of Landlock"
    states = {
        "landlock": ACTIVE,
        "landlock_tcp": ACTIVE if version >= 4 else f"{older}; TCP takes 4",
        "landlock_scope": ACTIVE if version >= 6 else f"{older}; scopes take 6",
    }
    states |= {name: SWITCHED_OFF for name in states if name in plan.without}
    files = (1 << _RIGHTS.get(version, _ALL_RIGHTS)) - 1 if states["landlock"] == ACTIVE else 0
    tcp = _TCP if states["landlock_tcp"] == ACTIVE else 0
    scopes = _SCOPES if states["landlock_scope"] == ACTIVE else 0
    if not files | tcp | scopes:
        return states
    attributes = struct.pack("=3Q", files, tcp, scopes)
    size = 8 if version < 4 else 16 if version < 6 else 24
    try:
        ruleset = call("syscall", _CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
        if files:
            for path, rights in _rules(plan):
                _allow(ruleset, path, rights & files)
        call("syscall", _RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)
    except OSError as error:
        raise SandboxError(f"landlock: {error}") from error
    return states


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # a system without it
    try:
        if not stat.S_ISDIR(os.fstat(beneath).st_mode):
            rights &= _OF_FILES
        if rights:
            rule = struct.pack("=Qi", rights, beneath)
            call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(beneath)


def _rules(plan: Plan) -> Iterator[tuple[str, int]]:
    """What may be done beneath which path."""
    closed = (*plan.hidden, *plan.unreadable)
    hidden = (*Prepared.private, *(os.path.realpath(path) for path in closed))
    yield from _reading(Prepared.readable, hidden)
    for device in ("/dev/zero", "/dev/random", "/dev/urandom"):
        yield device, _READ_FILE
    yield "/dev/null", _READ_FILE | _WRITE_FILE | _TRUNCATE
    yield plan.scratch, _SCRATCH
    if plan.device != "cpu":
        for path in ("/proc", "/sys", *glob.glob("/usr/local/cuda*"), *glob.glob("/etc/nvidia*")):
            yield path, _READ
        for path in glob.glob("/dev/nvidia*"):
            yield path, _READ | _WRITE_FILE | _TRUNCATE | _IOCTL_DEVICE


def _reading(paths: Iterable[str], hidden: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Rules to read `paths`, and nothing beneath them that is hidden.

    Landlock cannot take anything out of an allowed folder: one that holds something hidden is
    allowed entry by entry, and may be listed, which imports need.
    """
    for path in paths:
        if within(path, hidden):
            continue
        if any(within(each, (path,)) for each in hidden):
            yield path, _READ_DIR
            with os.scandir(path) as entries:
                # A link leads to what is allowed under its own name, or to what must not be.
                inside = [entry.path for entry in entries if not entry.is_symlink()]
            yield from _reading(inside, hidden)
        else:
            yield path, _READ
