"""A judge: a process that imports torch once and grades one task after another.

Judges are forks of one process that has imported everything and holds nothing secret, so that each
starts within milliseconds and shares its memory. Every judge makes its forkserver before it is told
of any task.
"""

import os
import signal
import sys
import traceback
from multiprocessing.connection import Connection

import hypothesis  # noqa: F401  (imported here once, for all judges)
import pytest  # noqa: F401
import torch

from grader import language, wire
from grader.classroom.engine import Reply, Task
from grader.errors import UsageError
from grader.judge import diagnosis, grading, harness, student, timing  # noqa: F401
from grader.judge.workers import Forkserver
from grader.worker import sandbox

torch.set_num_threads(1)


def serve(connection: Connection, log: str, spins: bool) -> None:
    """Grade what comes over `connection` until it ends; what is printed goes to the file `log`.

    `spins`: whether judge and worker may keep a core each while they wait for each other.
    """
    sandbox.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides when to stop
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.argv[1:] = []  # the seed may stand there, and workers are forks of this process
    _print_to(log)
    if not spins:
        wire.SPIN_SECONDS = 0.0
    with Forkserver() as forkserver:
        connection.send(Reply())
        while True:
            try:
                task: Task = connection.recv()
            except EOFError:
                return
            reply = _graded(task, forkserver)
            connection.send(reply)
            if reply.is_worn:
                return


def _graded(task: Task, forkserver: Forkserver) -> Reply:
    report = refusal = fault = None
    try:
        language.use(task.language)
        report = grading.grade(
            task.exercise,
            task.submission,
            seed=task.seed,
            device=task.device,
            speed=task.speed,
            require_sandbox=task.require_sandbox,
            forkserver=forkserver,
        )
    except UsageError as error:
        refusal = error
    except Exception as error:
        traceback.print_exc()
        fault = f"{type(error).__name__}: {error}"
    return Reply(report, refusal, fault, is_worn=not forkserver.is_alive)


def _print_to(log: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
