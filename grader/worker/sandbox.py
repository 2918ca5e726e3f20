"""The walls around a worker: what the system takes away from a process that runs strangers' code.

`enter` puts them up in the worker itself, after it has been told what to load and before it loads
it, and says of each layer whether it is `active` or `unavailable: why`. A layer that is there and
cannot be put up fails the start: nothing here is tried and then forgotten.

No layer holds the marks: those are safe because the worker never has them. The layers keep a
worker from reading the solutions on the disk, and from anything beyond its own calls.
"""

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from grader.systems.here import SYSTEM
from grader.worker.walls import seatbelt
from grader.worker.walls.disk import mount_scratch
from grader.worker.walls.landlock import restrict_files
from grader.worker.walls.layers import (
    ACTIVE,
    LAYERS,
    LINUX,
    NAMES,
    SWITCHED_OFF,
    Plan,
    Prepared,
    SandboxError,
    layer_named,
)
from grader.worker.walls.limits import limit_memory, limit_use, tasks_of_this_user
from grader.worker.walls.paths import own_folders, readable_folders, within
from grader.worker.walls.processes import become_undumpable, die_with_parent, no_new_privs
from grader.worker.walls.seccomp import restrict_calls
from grader.worker.walls.system import (
    PR_GET_DUMPABLE,
    PR_GET_NO_NEW_PRIVS,
    PR_GET_SECCOMP,
    call,
    prctl,
)
from grader.worker.walls.users import CAP_DAC_READ_SEARCH, capabilities, drop_rights, own_uid


def prepare() -> None:
    """Find out, before any fork, what every worker will need to know."""
    Prepared.readable = tuple(readable_folders())
    Prepared.private = tuple(own_folders())
    if not LINUX:
        return
    Prepared.tasks = tasks_of_this_user()
    try:
        import pyseccomp

        Prepared.seccomp = pyseccomp
    except (ImportError, RuntimeError) as error:
        Prepared.why_no_seccomp = f"{error}; {layer_named('seccomp').remedy}"


def enter(plan: Plan) -> dict[str, str]:
    """Put up every layer around this process, for good; the state of each.

    SandboxError where one fails. The order matters: folders are opened and mounted while there
    are rights to do so, rights go before system calls go, and each layer keeps those before it.
    """
    _clean_up_python(plan.scratch)
    if not LINUX:
        return _enter_elsewhere(plan)
    uid, why_no_uid = own_uid(plan)
    steps: list[tuple[str, Callable[[], str]]] = [
        ("limits", lambda: limit_use(plan, uid)),
        ("memory", lambda: limit_memory(plan)),
        ("scratch", lambda: mount_scratch(plan, uid)),
        ("no_new_privs", no_new_privs),
    ]
    states: dict[str, str] = {}
    for name, step in steps:
        states[name] = _done(name, step, plan)
    if uid is not None and states["scratch"] != ACTIVE:
        os.chown(plan.scratch, uid, uid)
    os.chdir(plan.scratch)
    states |= restrict_files(plan)
    states["uid"] = why_no_uid
    states["capabilities"] = _done("capabilities", lambda: drop_rights(uid, states), plan)
    # Both are undone by a change of the user: they come after it.
    states["undumpable"] = _done("undumpable", become_undumpable, plan)
    states["parent_death"] = _done("parent_death", die_with_parent, plan)
    _verify(states, uid)  # part of what asks for that is among what seccomp takes away
    states["seccomp"] = _done("seccomp", lambda: restrict_calls(plan), plan)
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
    """What there is on macOS and Windows."""
    os.chdir(plan.scratch)
    states = {layer.name: f"unavailable: {SYSTEM.name} has nothing like it" for layer in LAYERS}
    states["memory"] = f"unavailable: {SYSTEM.name} has no such limit; the judge looks at its size"
    states["limits"] = _done("limits", lambda: limit_use(plan, None), plan)
    if "seatbelt" in states:
        states["seatbelt"] = _done("seatbelt", lambda: seatbelt.restrict(plan), plan)
    return states


def _clean_up_python(scratch: str) -> None:
    """A clean environment, and nothing on the path but where Python and torch are."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    os.environ.clear()
    os.environ.update(kept, HOME=scratch, TMPDIR=scratch, PATH=os.defpath, LANG="C.UTF-8")
    tempfile.tempdir = None  # where this process was forked from, it may be known already
    sys.dont_write_bytecode = True
    libraries = tuple(Prepared.readable)
    sys.path[:] = [entry for entry in sys.path if within(os.path.realpath(entry), libraries)]


_HOLLOW = "it was put up and does not hold"


def _verify(states: dict[str, str], uid: int | None) -> None:
    """SandboxError where a layer that is said to be active does not hold."""
    kept = 1 << CAP_DAC_READ_SEARCH if states["landlock"] == ACTIVE and uid is not None else 0
    holds: dict[str, Callable[[], bool]] = {
        "landlock": lambda: _refused(lambda: os.listdir("/")),
        "no_new_privs": lambda: prctl(PR_GET_NO_NEW_PRIVS) == 1,
        "uid": lambda: os.getresuid() == (uid, uid, uid) and os.getresgid() == (uid, uid, uid),
        "capabilities": lambda: all(held & ~kept == 0 for held in capabilities()),
        "undumpable": lambda: prctl(PR_GET_DUMPABLE) == 0,
    }
    for name, check in holds.items():
        if states[name] == ACTIVE and not check():
            raise SandboxError(f"{name}: {_HOLLOW}")


def _verify_seccomp(states: dict[str, str]) -> None:
    holds = states["seccomp"] != ACTIVE or (
        prctl(PR_GET_SECCOMP) == 2 and _refused(socket.socket) and _refused(_unknown_call)
    )
    if not holds:
        raise SandboxError(f"seccomp: {_HOLLOW}")


def _unknown_call() -> None:
    """A call of a number that no kernel has: one with no filter says so in other words."""
    call("syscall", 4095)


def _refused(action: Callable[[], Any]) -> bool:
    try:
        action()
    except PermissionError:
        return True
    return False
