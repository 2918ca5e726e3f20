"""The process that executed workers come from: it keeps a few ahead, and nothing secret.

It holds no torch. Its judge commands it as it commands a forkserver; its workers are interpreters
of their own (`grader.worker.executed`), which are handed their descriptors when they are wanted.
"""

import os
import socket
from functools import partial
from typing import NoReturn

from grader.systems import clean
from grader.systems.here import SYSTEM
from grader.worker.serving import Serving
from grader.worker.stock import Idle, Stock
from grader.worker.walls import processes

WORKER = "grader.worker.executed"


def main() -> NoReturn:
    """Obey the judge at the other end of standard input until it hangs up. Never returns."""
    status = 1
    try:
        processes.adopt_orphans()
        processes.undumpable()
        with SYSTEM.channel() as control:
            stock = Stock(_started)
            try:
                stock.first()
                control.sendall(str(os.getpid()).encode())
                Serving(partial(_handed, stock), stock.expect, stock.pids).obey(control)
            finally:
                stock.clear()
        status = 0
    except ConnectionError:
        status = 0
    finally:
        os._exit(status)


def _started() -> Idle:
    """Start an interpreter that will be a worker."""
    ours, theirs = socket.socketpair()
    with theirs:
        return Idle(SYSTEM.start(clean.command(WORKER), clean.environment(), theirs), ours)


def _handed(stock: Stock, descriptors: list[int], which: str) -> int:
    """Make a worker of one that waits; its process number."""
    idle = stock.take()
    with idle.channel as channel:
        socket.send_fds(channel, [b"s" + which.encode()], descriptors)
    idle.process.returncode = 0  # how it ends `serving` asks, and nobody else may
    return idle.process.pid
