"""The process that judges are forked from: it has imported all that a judge takes, and no secret.

It descends from the clean process that workers descend from too (`grader.worker.origin`), so that
torch is imported once for all of them. A judge learns later what it grades, and by what.
"""

import importlib
import os
import select
import signal
import socket
from multiprocessing.connection import Connection
from typing import NoReturn

import hypothesis  # noqa: F401  (imported here once, for all judges)
import pytest  # noqa: F401

from grader.judge import grading, harness, student  # noqa: F401
from grader.judge.clock import timing  # noqa: F401
from grader.judge.explain import diagnosis  # noqa: F401
from grader.judge.processes.forked import STATUS
from grader.judge.processes.workers import Forkserver
from grader.worker.walls import processes

MAX_REQUEST = 256  # bytes of the name of a module


def run(control: socket.socket) -> None:
    """Fork judges as they are asked for over `control`, until that ends."""
    processes.die_with_parent()
    judges: dict[int, socket.socket] = {}  # process numbers, and where to tell of them
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 1 << 10)
            _tell_who_ended(judges)
        if control.fileno() in ready and not _obeyed(control, judges):
            return


def _obeyed(control: socket.socket, judges: dict[int, socket.socket]) -> bool:
    """Fork one judge; False where nobody will ask again."""
    request, descriptors, _, _ = socket.recv_fds(control, MAX_REQUEST, 3)
    if not request:
        return False
    connection, status, workers = descriptors
    pid = os.fork()
    if pid == 0:
        os.close(status)
        control.close()
        for other in judges.values():
            other.close()
        _become(request.decode(), Connection(connection), socket.socket(fileno=workers))
    os.close(connection)
    os.close(workers)
    judges[pid] = socket.socket(fileno=status)
    _tell(judges[pid], pid)
    return True


def _become(module: str, connection: Connection, workers: socket.socket) -> NoReturn:
    status = 1
    try:
        processes.die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with Forkserver(workers) as forkserver:
            importlib.import_module(module).serve(connection, forkserver)
        status = 0
    finally:
        os._exit(status)


def _tell_who_ended(judges: dict[int, socket.socket]) -> None:
    for pid in list(judges):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with judges.pop(pid) as told:
                _tell(told, os.waitstatus_to_exitcode(status))


def _tell(told: socket.socket, number: int) -> None:
    try:
        told.sendall(STATUS.pack(number))
    except OSError:  # nobody wants to know any more
        return
