"""What the layers of the sandbox are: what each keeps out, and what one worker may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.systems.here import SYSTEM

ACTIVE = "active"
SWITCHED_OFF = "unavailable: switched off"
LINUX = SYSTEM.name == "Linux"
NO_PROC = "/proc is not mounted here"


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


LAYERS: tuple[Layer, ...] = (
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
    Layer("memory", "filling the machine's memory", "Linux with /proc, computing on the CPU"),
    Layer(
        "scratch",
        "filling the disk within one call (the judge looks at the folder's size otherwise)",
        "start grade as root, where it may mount",
        needed=False,
    ),
    Layer("parent_death", "outliving the grader", "Linux"),
    *(
        (
            Layer(
                "seatbelt",
                "reading what is yours, writing outside its own folder, networks, other programs",
                "macOS with Seatbelt (sandbox-exec)",
            ),
        )
        if SYSTEM.name == "macOS"
        else ()
    ),
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


class Prepared:
    """What all workers have in common, found out once in the process that they are forked from."""

    seccomp: Any = None
    why_no_seccomp = "seccomp is a part of Linux"
    readable: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    tasks = 0


def layer_named(name: str) -> Layer:
    """The layer of that name."""
    return next(layer for layer in LAYERS if layer.name == name)
