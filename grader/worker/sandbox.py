"""The walls around a worker: what the system takes away from a process that runs strangers' code.

`enter` puts them up in the worker itself, after it has been told what to load and before it loads
it, and says of each layer whether it is `active` or `unavailable: why`. A layer that is there and
cannot be put up fails the start: nothing here is tried and then forgotten.

No layer holds the marks: those are safe because the worker never has them. The layers keep a
worker from reading the solutions on the disk, and from anything beyond its own calls.
"""

import ctypes
import errno
import glob
import mmap
import os
import socket
import stat
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows
    resource = None

ACTIVE = "active"
SWITCHED_OFF = "unavailable: switched off"
LINUX = sys.platform == "linux"


@dataclass(frozen=True)
class Layer:
    """One wall: what it keeps a submission from, and what to do where it is missing.

    `needed`: `--require-sandbox` asks for it. The others do again what a needed one does, or what
    the judge does in another way.
    """

    name: str
    keeps_from: str
    remedy: str
    needed: bool = True


LAYERS = (
    Layer(
        "landlock",
        "reading anything but Python and torch, writing outside its own folder, starting programs",
        "Linux 5.13 or newer, with landlock among the kernel's lsm= modules",
    ),
    Layer("landlock_tcp", "TCP, a second time after seccomp", "Linux 6.7 or newer", needed=False),
    Layer(
        "landlock_scope",
        "signals to the judge and abstract sockets, a second time after seccomp",
        "Linux 6.12 or newer",
        needed=False,
    ),
    Layer(
        "seccomp",
        "sockets, new processes, signals to others, their memory, namespaces, mounts, io_uring",
        "install libseccomp (libseccomp2 on Debian and Ubuntu)",
    ),
    Layer("no_new_privs", "rights gained through setuid programs", "Linux 3.5 or newer"),
    Layer(
        "uid",
        "acting as the user who grades",
        "start grade as root where the code of many strangers is run",
        needed=False,
    ),
    Layer("capabilities", "root's rights, where root grades", "Linux"),
    Layer("undumpable", "other workers reading its memory", "Linux"),
    Layer("limits", "endless computing, large files, many files and threads", "a POSIX system"),
    Layer("memory", "filling the machine's memory", "Linux, computing on the CPU"),
    Layer(
        "scratch",
        "filling the disk within one call (the judge looks at the folder's size otherwise)",
        "start grade as root",
        needed=False,
    ),
    Layer("parent_death", "outliving the grader", "Linux"),
)
NAMES = tuple(layer.name for layer in LAYERS)


def missing(states: dict[str, str]) -> list[str]:
    """What `--require-sandbox` asks for and `states` lacks, each with its reason."""
    return [
        f"{layer.name} ({states.get(layer.name, 'unavailable: it was not reported')})"
        for layer in LAYERS
        if layer.needed and states.get(layer.name) != ACTIVE
    ]


class SandboxError(Exception):
    """A layer that this system has could not be put up."""


@dataclass(frozen=True)
class Plan:
    """What one worker may do.

    `hidden`: folders that it must not read, wherever they lie. `unreadable`: files that it must
    not read, those of forbidden built-ins (`grader.worker.sources`). `without`: layers to leave
    out, so that the tests can show what holds without them; the judge says so, never the worker.
    """

    scratch: str
    hidden: Sequence[str]
    device: str
    memory_bytes: int
    cpu_seconds: int
    without: Sequence[str] = ()
    unreadable: Sequence[str] = ()


MAX_FILE_BYTES = 16 << 20
MAX_OPEN_FILES = 64
MAX_THREADS = 256
MAX_SCRATCH_BYTES = 64 << 20
MAX_SCRATCH_FILES = 1000


class _Prepared:
    """What all workers have in common, found out once in the process that they are forked from."""

    seccomp: Any = None
    why_no_seccomp = "seccomp is a part of Linux"
    readable: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    tasks = 0


def prepare() -> None:
    """Find out, before any fork, what every worker will need to know."""
    _Prepared.readable = tuple(_readable())
    _Prepared.private = tuple(_our_own())
    if not LINUX:
        return
    _Prepared.tasks = _tasks_of_this_user()
    try:
        import pyseccomp

        _Prepared.seccomp = pyseccomp
    except (ImportError, RuntimeError) as error:
        _Prepared.why_no_seccomp = f"{error}; {_layer('seccomp').remedy}"


def _layer(name: str) -> Layer:
    return next(layer for layer in LAYERS if layer.name == name)


def enter(plan: Plan) -> dict[str, str]:
    """Put up every layer around this process, for good; the state of each.

    SandboxError where one fails. The order matters: folders are opened and mounted while there
    are rights to do so, rights go before system calls go, and each layer keeps those before it.
    """
    _clean_up_python(plan.scratch)
    if not LINUX:
        return _enter_elsewhere(plan)
    uid, why_no_uid = _own_uid(plan)
    steps: list[tuple[str, Callable[[], str]]] = [
        ("limits", lambda: _limit(plan, uid)),
        ("memory", lambda: _limit_memory(plan)),
        ("scratch", lambda: _mount_scratch(plan, uid)),
        ("no_new_privs", _no_new_privs),
    ]
    states: dict[str, str] = {}
    for name, step in steps:
        states[name] = _done(name, step, plan)
    if uid is not None and states["scratch"] != ACTIVE:
        os.chown(plan.scratch, uid, uid)
    os.chdir(plan.scratch)
    states |= _landlock(plan)
    states["uid"] = why_no_uid
    states["capabilities"] = _done("capabilities", lambda: _drop_rights(uid, states), plan)
    # Both are undone by a change of the user: they come after it.
    states["undumpable"] = _done("undumpable", _undumpable, plan)
    states["parent_death"] = _done("parent_death", die_with_parent, plan)
    _verify(states, uid)  # part of what asks for that is among what seccomp takes away
    states["seccomp"] = _done("seccomp", lambda: _seccomp(plan), plan)
    _verify_seccomp(states)
    return {name: states[name] for name in NAMES}


def _done(name: str, step: Callable[[], str], plan: Plan) -> str:
    """The state of a layer after its step; a step returns why it cannot be taken, or nothing."""
    if name in plan.without:
        return SWITCHED_OFF
    try:
        why = step()
    except OSError as error:
        raise SandboxError(f"{name}: {error}") from error
    return f"unavailable: {why}" if why else ACTIVE


def _enter_elsewhere(plan: Plan) -> dict[str, str]:
    """What there is on macOS and Windows: limits, where the system has them."""
    os.chdir(plan.scratch)
    system = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform)
    states = {layer.name: f"unavailable: {system} has nothing like it" for layer in LAYERS}
    states["limits"] = _done("limits", lambda: _limit(plan, None), plan)
    return states


def _clean_up_python(scratch: str) -> None:
    """A clean environment, and nothing on the path but where Python and torch are."""
    os.environ.clear()
    os.environ.update(HOME=scratch, TMPDIR=scratch, PATH=os.defpath, LANG="C.UTF-8")
    tempfile.tempdir = None  # where this process was forked from, it may be known already
    sys.dont_write_bytecode = True
    libraries = tuple(_Prepared.readable)
    sys.path[:] = [entry for entry in sys.path if _within(os.path.realpath(entry), libraries)]


# --- Limits ---------------------------------------------------------------------------------------


def _limit(plan: Plan, uid: int | None) -> str:
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
        most = MAX_THREADS + (0 if uid is not None else _Prepared.tasks)
        limits[resource.RLIMIT_NPROC] = (most, most)
        limits[resource.RLIMIT_MSGQUEUE] = (0, 0)
        limits[resource.RLIMIT_MEMLOCK] = (0, 0)
    for which, limit in limits.items():
        _, most_allowed = resource.getrlimit(which)
        if most_allowed != resource.RLIM_INFINITY:
            limit = (min(limit[0], most_allowed), min(limit[1], most_allowed))
        resource.setrlimit(which, limit)
    return ""


def _limit_memory(plan: Plan) -> str:
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


def _tasks_of_this_user() -> int:
    """How many threads the user has now, in all of their processes."""
    user, count = os.getuid(), 0
    for process in glob.iglob("/proc/[0-9]*/task"):
        with suppress(OSError):  # it has ended meanwhile
            status = os.stat(process)
            count += (status.st_nlink - 2) * (status.st_uid == user)
    return count


# --- Processes ------------------------------------------------------------------------------------

_PR_SET_PDEATHSIG = 1
_PR_GET_DUMPABLE = 3
_PR_SET_DUMPABLE = 4
_PR_GET_SECCOMP = 21
_PR_CAPBSET_DROP = 24
_PR_SET_SECUREBITS = 28
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_GET_NO_NEW_PRIVS = 39

_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def _call(name: str, *arguments: Any) -> int:
    """Call a function of the C library. OSError where it returns -1."""
    result: int = getattr(_libc, name)(*arguments)
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _prctl(option: int, *arguments: int) -> int:
    longs = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return _call("prctl", option, *longs)


def die_with_parent() -> str:
    """Have the system kill this process when the one that forked it ends."""
    if LINUX:
        _prctl(_PR_SET_PDEATHSIG, 9)
    return ""


def adopt_orphans() -> None:
    """Become the parent of what descends from this process and loses its own."""
    if LINUX:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def undumpable(wanted: bool = True) -> bool:
    """Keep other processes of the same user out of this one's memory; whether they were out."""
    if not LINUX:
        return False
    before = _prctl(_PR_GET_DUMPABLE) != 1
    _prctl(_PR_SET_DUMPABLE, 0 if wanted else 1)
    return before


def _undumpable() -> str:
    undumpable()
    return ""


def _no_new_privs() -> str:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return ""


# --- Users and capabilities -----------------------------------------------------------------------

_FIRST_UID = 0x6000_0000
# In a container that maps no more: the range that systemd gives to users that come and go.
_FEW_UIDS = range(61184, 65520)
_CAP_CHOWN, _CAP_DAC_READ_SEARCH, _CAP_SETGID, _CAP_SETUID = 0, 2, 6, 7
_TO_CHANGE_USER = 1 << _CAP_CHOWN | 1 << _CAP_SETGID | 1 << _CAP_SETUID
_CAPABILITY_VERSION = 0x20080522
# Root is a user like any other, keeping nothing and raising nothing, and all of that locked.
_SECUREBITS = 0b1110_1111


def _own_uid(plan: Plan) -> tuple[int | None, str]:
    """A user that no other worker has, and the state of that layer."""
    if "uid" in plan.without:
        return None, SWITCHED_OFF
    if os.geteuid() != 0:
        return None, "unavailable: only root can give a worker a user of its own"
    if "capabilities" in plan.without:
        return None, "unavailable: the capabilities that a change of user drops are to be kept"
    if _capabilities()[0] & _TO_CHANGE_USER != _TO_CHANGE_USER:
        return None, "unavailable: this container's root may not change its user"
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
    return not isinstance(_landlock_version(), str)


def _closed_to_others(plan: Plan) -> str:
    """The first folder above what a worker needs that another user cannot enter, or nothing."""
    for path in (*_Prepared.readable, plan.scratch):
        for folder in reversed([*Path(path).parents]):
            if not folder.stat().st_mode & stat.S_IXOTH:
                return str(folder)
    return ""


def _drop_rights(uid: int | None, states: dict[str, str]) -> str:
    """Become the user `uid`, where there is one, with no capability.

    Where the interpreter lies in a folder of root's own, the right to read stays, under Landlock,
    which lets it reach the interpreter's files and no others.
    """
    if os.geteuid() != 0 and not any(_capabilities()):
        return ""  # nothing to drop: execve is refused, and with it any way to get some
    with suppress(OSError):  # a container may forbid this; what counts comes last, and is verified
        for capability in range(64):
            try:
                _prctl(_PR_CAPBSET_DROP, capability)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                break
        _prctl(_PR_SET_SECUREBITS, _SECUREBITS)
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    keep = 1 << _CAP_DAC_READ_SEARCH if uid is not None and states["landlock"] == ACTIVE else 0
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    _call("capset", header, struct.pack("=6I", keep, keep, 0, 0, 0, 0))
    return ""


def _capabilities() -> tuple[int, int, int]:
    """What this process holds: effective, permitted, inheritable."""
    found = ctypes.create_string_buffer(24)
    _call("capget", struct.pack("=Ii", _CAPABILITY_VERSION, 0), found)
    low, high = struct.unpack("=3I", found.raw[:12]), struct.unpack("=3I", found.raw[12:])
    effective, permitted, inheritable = (
        one | other << 32 for one, other in zip(low, high, strict=True)
    )
    return effective, permitted, inheritable


# --- A folder to write to -------------------------------------------------------------------------

_CLONE_NEWNS = 0x0002_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REC, _MS_PRIVATE = 1, 2, 4, 8, 1 << 14, 1 << 18


def _mount_scratch(plan: Plan, uid: int | None) -> str:
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
        _call("unshare", _CLONE_NEWNS)
        _call("mount", None, b"/", None, ctypes.c_ulong(_MS_REC | _MS_PRIVATE), None)
        _call("mount", b"grade", os.fsencode(plan.scratch), b"tmpfs", flags, options.encode())
        if plan.device == "cpu":
            empty = b"size=4096,nr_inodes=1,mode=0"
            _call(
                "mount",
                b"grade",
                b"/proc",
                b"tmpfs",
                ctypes.c_ulong(flags.value | _MS_RDONLY),
                empty,
            )
    except PermissionError:
        return "this container forbids mounting"
    return ""


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
                size += entry.stat(follow_symlinks=False).st_blocks * 512
            if entry.is_dir(follow_symlinks=False):
                pending.append(entry.path)
            if files > MAX_SCRATCH_FILES:
                return f"more than {MAX_SCRATCH_FILES} files"
            if size > MAX_SCRATCH_BYTES:
                return f"more than {MAX_SCRATCH_BYTES >> 20} MiB to its folder"
    return None


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


# --- Landlock -------------------------------------------------------------------------------------

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


def _landlock_version() -> int | str:
    """The newest version that the kernel has, or why it has none."""
    try:
        return _call("syscall", _CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    except OSError as error:
        reasons = {
            errno.ENOSYS: "this kernel has no Landlock (Linux 5.13 and newer have)",
            errno.EOPNOTSUPP: "Landlock is switched off at boot (see the lsm= parameter)",
            errno.EPERM: "this container forbids Landlock",
        }
        if error.errno not in reasons:
            raise SandboxError(f"landlock: {error}") from error
        return reasons[error.errno]


def _landlock(plan: Plan) -> dict[str, str]:
    version = _landlock_version()
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
        ruleset = _call("syscall", _CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
        if files:
            for path, rights in _rules(plan):
                _allow(ruleset, path, rights & files)
        _call("syscall", _RESTRICT_SELF, ruleset, 0)
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
            _call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(beneath)


def _rules(plan: Plan) -> Iterator[tuple[str, int]]:
    """What may be done beneath which path."""
    closed = (*plan.hidden, *plan.unreadable)
    hidden = (*_Prepared.private, *(os.path.realpath(path) for path in closed))
    yield from _reading(_Prepared.readable, hidden)
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
        if _within(path, hidden):
            continue
        if any(_within(each, (path,)) for each in hidden):
            yield path, _READ_DIR
            with os.scandir(path) as entries:
                # A link leads to what is allowed under its own name, or to what must not be.
                inside = [entry.path for entry in entries if not entry.is_symlink()]
            yield from _reading(inside, hidden)
        else:
            yield path, _READ


def libraries() -> tuple[str, ...]:
    """The folders that code of Python, torch and other libraries comes from."""
    return (*_Prepared.readable, *(e for e in sys.path if e not in _Prepared.readable))


def worth_hiding(folders: Iterable[str]) -> tuple[str, ...]:
    """Those of the folders that lie among what a worker may read, or hold it. It has no way to the
    others, and is not told of them."""
    readable = _readable()
    real = (os.path.realpath(folder) for folder in folders)
    return tuple(f for f in real if _within(f, readable) or any(_within(r, (f,)) for r in readable))


def _within(path: str, folders: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _readable() -> list[str]:
    """Where Python, torch, and the libraries that they load are."""
    found = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    found += [f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix)]
    found += [e for e in sys.path if Path(e).name in ("site-packages", "dist-packages")]
    if torch := sys.modules.get("torch"):
        found.append(str(Path(str(torch.__file__)).parent.parent))
    found += ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache"]
    found += ["/etc/localtime", "/usr/share/zoneinfo", "/usr/share/locale"]
    real = sorted({os.path.realpath(path) for path in found if os.path.exists(path)})
    return [path for path in real if not _within(path, [other for other in real if other != path])]


def _our_own() -> list[str]:
    """The grader itself, and the course that it brings, wherever it is installed."""
    folders = {os.path.join(entry, "grader") for entry in sys.path}
    folders.add(str(Path(__file__).parent.parent))
    return sorted(os.path.realpath(folder) for folder in folders if os.path.isdir(folder))


# --- seccomp --------------------------------------------------------------------------------------

# What Python and torch need, found by tracing them; whatever is not here is refused, those calls
# too that nobody has invented yet. Names that a libseccomp or a machine lacks are passed over.
#
# Left out on purpose, though they look harmless, because through them workers could tell each
# other something, or slow each other down: locks, leases and watches on files, `sysinfo` and
# `statfs` (free memory, free disk), `sync`, `mincore`, `membarrier`, and whatever takes the number
# of another process.
_ALLOWED = """
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 sendfile
    copy_file_range lseek close close_range dup dup2 dup3 fsync fdatasync ftruncate fallocate
    stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat
    getdents getdents64 getcwd chdir fchdir umask
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    pipe pipe2 eventfd eventfd2 poll ppoll select pselect6
    epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
    brk munmap mprotect mremap msync
    futex gettid set_tid_address set_robust_list rseq sched_yield exit exit_group
    arch_prctl riscv_flush_icache riscv_hwprobe
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait
    sigaltstack restart_syscall pause alarm setitimer getitimer
    time gettimeofday nanosleep times getrusage getcpu getrandom uname getrlimit setrlimit
    getpid getppid getpgrp getuid geteuid getgid getegid getgroups getresuid getresgid
    recvfrom getsockname getpeername
"""
# Said to be missing: libraries then take an older way, one whose arguments can be looked at or
# that is as good. The last ones are newer than many a libseccomp; they have one number everywhere.
_MISSING = {
    "clone3": None,
    "openat2": None,
    "membarrier": None,
    "get_mempolicy": None,
    "futex_waitv": 449,
    "futex_wake": 454,
    "futex_wait": 455,
    "futex_requeue": 456,
    "mseal": 462,
}

_INT = 0xFFFF_FFFF
_POINTER = 0xFFFF_FFFF_FFFF_FFFF
_CLONE_THREAD = 0x0001_0000
_NAMESPACES = 0x7E02_0000
_MAP_HUGETLB = 0x0004_0000
_F_DUPFD_CLOEXEC = 1030
_PLAIN_FCNTL = (0, 1, 2, 3, _F_DUPFD_CLOEXEC)  # duplicates and flags: no locks, leases, owners
_F_SETFL, _O_ASYNC = 4, 0x2000
# TCGETS and TCGETS2 (isatty), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX and FIOCLEX.
_PLAIN_IOCTLS = (0x5401, 0x802C_542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# To read what was set here, and the names of threads, of memory, and vector lengths on Arm.
_PLAIN_PRCTLS = (2, 3, 15, 16, 21, 39, 42, 51, 56, 64, 0x5356_4D41)
# Without DONTNEED: it takes files that all workers share out of the system's cache.
_PLAIN_FADVICE = (0, 1, 2, 3)
# Neither what merges equal pages of all processes, nor what pushes them out to the disk.
_PLAIN_MADVICE = (0, 1, 2, 3, 4, 8, 9, 10, 11, 14, 15, 16, 17, 22, 23)
_OWN = -1  # stands for the number of this process


@dataclass(frozen=True)
class _Permission:
    """Calls that may be made where, for one of `values`, each argument has those bits under its
    mask. `bits`: argument's index, mask; `values`: one number for each of them."""

    names: str
    bits: tuple[tuple[int, int], ...]
    values: tuple[tuple[int, ...], ...]


def _when(names: str, argument: int, mask: int, *values: int) -> _Permission:
    return _Permission(names, ((argument, mask),), tuple((value,) for value in values))


_PERMISSIONS = (
    # Threads, but no processes.
    _when("clone", 0, _CLONE_THREAD | _NAMESPACES, _CLONE_THREAD),
    # Signals, limits and places on the processor: its own. Threads are named by 0.
    _when("kill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", 0, _INT, _OWN),
    _when("sched_getaffinity sched_setaffinity getpgid getsid", 0, _INT, 0, _OWN),
    _when("prlimit64", 0, _INT, 0),
    # Clocks that all share, and its own; those of other processes have negative numbers.
    _when("clock_gettime clock_getres clock_nanosleep", 0, _INT & ~0xF, 0),
    # Opening a file to read may empty it, and Landlock learnt that as late as version 3.
    _when("open", 1, os.O_TRUNC, 0),
    _when("open", 1, os.O_ACCMODE, os.O_WRONLY, os.O_RDWR),
    _when("openat", 2, os.O_TRUNC, 0),
    _when("openat", 2, os.O_ACCMODE, os.O_WRONLY, os.O_RDWR),
    _when("fcntl", 1, _INT, *_PLAIN_FCNTL),
    _Permission("fcntl", ((1, _INT), (2, _O_ASYNC)), ((_F_SETFL, 0),)),
    _when("ioctl", 1, _INT, *_PLAIN_IOCTLS),
    _when("prctl", 0, _INT, *_PLAIN_PRCTLS),
    _when("fadvise64", 3, _INT, *_PLAIN_FADVICE),
    _when("madvise", 2, _INT, *_PLAIN_MADVICE),
    # Huge pages that somebody has set aside are a store that all share.
    _when("mmap", 3, _MAP_HUGETLB, 0),
    _when("sendto", 4, _POINTER, 0),  # the channel to the judge is connected
)
# CUDA's, from what is known of its driver: it shares memory by memfd, asks for the machine's memory
# and nodes, and speaks through ioctl with devices whose numbers are of the type F (nvidia) or have
# no type (nvidia-uvm). Landlock says which devices those are. No GPU has tried this list so far.
_ALLOWED_FOR_CUDA = """
    memfd_create sysinfo statfs fstatfs mincore mlock munlock get_mempolicy set_mempolicy mbind
    sched_get_priority_max sched_get_priority_min
"""
_PERMISSIONS_FOR_CUDA = (
    _when("ioctl", 1, 0xFF00, 0x4600),
    _when("ioctl", 1, _INT & ~0xFF, 0),
    _when("ioctl", 1, _INT & ~0xF, 0x3000_0000),
)


def _seccomp(plan: Plan) -> str:
    """Refuse every system call but those above, by number and by argument where the argument is
    a plain number. Calls of another machine's table end the process."""
    library = _Prepared.seccomp
    if library is None:
        return _Prepared.why_no_seccomp
    cuda = plan.device != "cpu"
    allowed = _ALLOWED.split() + (_ALLOWED_FOR_CUDA.split() if cuda else [])
    rules = library.SyscallFilter(library.ERRNO(errno.EPERM))

    def number(name: str) -> int:
        # -1 is a call that this libseccomp does not know; below are those of other machines.
        found: int = library.resolve_syscall(library.Arch.NATIVE, name)
        return found

    for name, known in _MISSING.items():
        if name not in allowed and (found := max(number(name), known or -1)) >= 0:
            rules.add_rule(library.ERRNO(errno.ENOSYS), found)
    for name in allowed:
        if (found := number(name)) >= 0:
            rules.add_rule(library.ALLOW, found)
    pid = os.getpid()
    for permission in (*_PERMISSIONS, *(_PERMISSIONS_FOR_CUDA if cuda else ())):
        for name in permission.names.split():
            if (found := number(name)) < 0:
                continue
            for values in permission.values:
                bits = zip(permission.bits, values, strict=True)
                rules.add_rule(
                    library.ALLOW,
                    found,
                    *(
                        library.Arg(index, library.MASKED_EQ, mask, pid if value == _OWN else value)
                        for (index, mask), value in bits
                    ),
                )
    with suppress(OSError):  # older ones end the thread alone
        rules.set_attr(library.Attr.ACT_BADARCH, library.KILL_PROCESS)
    with suppress(OSError):  # older ones look for a number one by one
        rules.set_attr(library.Attr.CTL_OPTIMIZE, 2)
    try:
        rules.load()
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOSYS):
            return "this kernel has no seccomp filters"
        raise
    return ""


# --- Trust, but look ------------------------------------------------------------------------------


_HOLLOW = "it was put up and does not hold"


def _verify(states: dict[str, str], uid: int | None) -> None:
    """SandboxError where a layer that is said to be active does not hold."""
    kept = 1 << _CAP_DAC_READ_SEARCH if states["landlock"] == ACTIVE and uid is not None else 0
    holds: dict[str, Callable[[], bool]] = {
        "landlock": lambda: _refused(lambda: os.listdir("/")),
        "no_new_privs": lambda: _prctl(_PR_GET_NO_NEW_PRIVS) == 1,
        "uid": lambda: os.getresuid() == (uid, uid, uid) and os.getresgid() == (uid, uid, uid),
        "capabilities": lambda: all(held & ~kept == 0 for held in _capabilities()),
        "undumpable": lambda: _prctl(_PR_GET_DUMPABLE) == 0,
    }
    for name, check in holds.items():
        if states[name] == ACTIVE and not check():
            raise SandboxError(f"{name}: {_HOLLOW}")


def _verify_seccomp(states: dict[str, str]) -> None:
    holds = states["seccomp"] != ACTIVE or (
        _prctl(_PR_GET_SECCOMP) == 2 and _refused(socket.socket) and _refused(_unknown_call)
    )
    if not holds:
        raise SandboxError(f"seccomp: {_HOLLOW}")


def _unknown_call() -> None:
    """A call of a number that no kernel has: one with no filter says so in other words."""
    _call("syscall", 4095)


def _refused(action: Callable[[], Any]) -> bool:
    try:
        action()
    except PermissionError:
        return True
    return False
