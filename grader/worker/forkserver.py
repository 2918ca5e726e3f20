"""The process that workers are forked from: it holds torch, warm, and nothing secret.

It is forked from a clean process (`origin`), and ends with its judge. What it does for that judge
stands in `serving`.
"""

import functools
import os
import signal
import socket
from functools import partial
from typing import NoReturn

from grader.systems.here import SYSTEM
from grader.worker import process, sandbox, warmth
from grader.worker.devices import simulator
from grader.worker.serving import Serving
from grader.worker.walls import processes


@functools.cache
def prepare() -> None:
    """What each of these processes begins with: done once, where they are forked from."""
    warmth.warm_up()


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
        prepare()
        sandbox.prepare()  # again, for what runs beside it now
        control.sendall(str(os.getpid()).encode())
        Serving(partial(_forked, control), warm=warmth.warm_optimizers).obey(control)
        status = 0
    finally:
        os._exit(status)


def _let_go_of_everything_but(control: socket.socket) -> None:
    kept = control.fileno()
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.closerange(3, kept)
    os.closerange(kept + 1, SYSTEM.most_descriptors)


def _forked(control: socket.socket, descriptors: list[int], which: str) -> int:
    """Fork a worker that serves the first of the descriptors."""
    channel, output, place, *rest = descriptors
    shared = dict(zip(which, rest, strict=True))
    if "d" in shared:  # the pretended one: others share nothing that passes here
        simulator.warm_up()
    pid = os.fork()
    if pid == 0:
        _become_worker(control, channel, output, place, shared)
    return pid


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
