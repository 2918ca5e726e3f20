"""The process that workers are forked from: it holds torch, warm, and nothing secret.

It is forked from a clean process (`origin`), and ends with its judge. It forks workers, ends them
with all of their descendants, and says how they ended.
"""

import contextlib
import gc
import os
import signal
import socket
import time
from typing import NoReturn

import torch

from grader.worker import process, sandbox
from grader.worker.devices import simulator
from grader.worker.walls import disk, processes

MAX_REQUEST = 1 << 13  # the path of a scratch folder, at most


def warm_up() -> None:
    """Pay the costs of the first operations here, once, so that no worker pays them.

    One thread, always: a fork after a multi-threaded operation hangs in the child's first one.
    No backward pass: torch refuses autograd in a fork of a process that ran one.
    """
    torch.set_num_threads(1)
    for dtype in (torch.float64, torch.float32):
        a = torch.full((2, 3, 4), 0.5, dtype=dtype)
        (a @ a.transpose(-2, -1)).softmax(-1)
        a.sigmoid().tanh().exp().sin().cos().relu().sqrt().norm()
        torch.einsum("nij,nkj->nik", a, a)
        torch.nn.functional.linear(a, a[0])
        torch.stack([a, a]).sum(0).chunk(2, -1)
        torch.linalg.vector_norm(a)


def run(control: socket.socket) -> NoReturn:
    """Obey the judge at the other end of `control` until it hangs up. Never returns."""
    status = 1
    try:
        os.setsid()
        processes.adopt_orphans()
        processes.undumpable()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _let_go_of_everything_but(control)
        warm_up()
        sandbox.prepare()
        gc.collect()
        gc.freeze()
        control.sendall(str(os.getpid()).encode())
        _obey(control)
        status = 0
    finally:
        os._exit(status)


def _let_go_of_everything_but(control: socket.socket) -> None:
    kept = control.fileno()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


def _obey(control: socket.socket) -> None:
    alive: dict[int, str] = {}  # process numbers of workers, and their scratch folders
    try:
        while _obeyed(control, alive):
            pass
    finally:
        # The judge has gone, killed perhaps: nobody else is left to clean up.
        for pid, scratch in list(alive.items()):
            _end(pid, alive, grace=0)
            disk.remove(scratch)


def _obeyed(control: socket.socket, alive: dict[int, str]) -> bool:
    """Do one thing that the judge asks for; False where it has hung up."""
    request, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 5)
    if not request:
        return False
    verb, *arguments = os.fsdecode(request).split(" ", 1)
    if verb == "spawn":
        which, scratch = arguments[0].split(" ", 1)
        channel, output, place, *rest = descriptors
        shared = dict(zip(which.strip("-"), rest, strict=True))  # "p" the pool, "d" the device's
        if "d" in shared:  # the pretended one: others share nothing that passes here
            simulator.warm_up()
        pid = os.fork()
        if pid == 0:
            _become_worker(control, channel, output, place, shared)
        for descriptor in descriptors:
            os.close(descriptor)
        alive[pid] = scratch
        answer = pid
    elif verb == "strays":
        answer = _sweep(alive)
    else:
        number, grace = arguments[0].split()
        answer = _end(int(number), alive, float(grace))
    control.sendall(str(answer).encode())
    return True


def _become_worker(
    control: socket.socket, channel: int, output: int, place: int, shared: dict[str, int]
) -> NoReturn:
    status = 70
    try:
        os.setsid()
        processes.die_with_parent()
        control.close()
        given = shared.get("p"), shared.get("d")
        process.main(socket.socket(fileno=channel), output, place, *given)
        status = 0
    finally:
        os._exit(status)


def _end(pid: int, alive: dict[int, str], grace: float) -> int:
    """End a worker and its descendants; the wait status of the worker.

    It has `grace` seconds to end by itself, so that the status tells how it did.
    """
    deadline = time.monotonic() + grace
    ended, status = os.waitpid(pid, os.WNOHANG)
    while not ended and time.monotonic() < deadline:
        time.sleep(0.002)
        ended, status = os.waitpid(pid, os.WNOHANG)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    if not ended:
        _, status = os.waitpid(pid, 0)
    alive.pop(pid, None)
    _sweep(alive)
    return status


def _sweep(alive: dict[int, str]) -> int:
    """Kill what escaped its process group, and count it: orphans come to this process, the
    subreaper."""
    count = 0
    for _ in range(100):
        orphans = _children() - alive.keys()
        if not orphans:
            break
        count += len(orphans)
        for orphan in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(orphan, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(orphan, 0)
    return count


def _children() -> set[int]:
    with contextlib.suppress(OSError), open(f"/proc/self/task/{os.getpid()}/children") as children:
        return {int(pid) for pid in children.read().split()}
    return set()
