"""A judge: a process that grades one task after another (see `grader.grading.prefork`)."""

import contextlib
import os
import traceback
from multiprocessing.connection import Connection

from grader import language, wire
from grader.errors import UsageError
from grader.grading.engine import Begin, Reply, Task
from grader.judge import grading
from grader.judge.processes.workers import Forkserver
from grader.worker.walls import limits

# Beyond torch's image; what an exercise takes is a tenth of it. A submission that makes a judge
# want more has its verdict, and the machine goes on.
MEMORY = 4 << 30  # bytes


def serve(connection: Connection, forkserver: Forkserver) -> None:
    """Grade what comes over `connection` until it ends.

    First comes how to begin. Where somebody waits to see it, each property is told when it is done.
    """
    try:
        begin: Begin = connection.recv()
        os.chdir(begin.folder)
        _print_to(begin.log)
        if not begin.spins:
            wire.SPIN_SECONDS = 0.0
        limits.limit_addresses(MEMORY)
        connection.send(Reply())
        while True:
            task: Task = connection.recv()
            reply = _graded(task, forkserver, connection)
            connection.send(reply)
            if reply.is_worn:
                return
    except (EOFError, ConnectionError):
        return


def _graded(task: Task, forkserver: Forkserver, connection: Connection) -> Reply:
    report = refusal = fault = script = None
    try:
        language.use(task.language)
        with contextlib.closing(
            grading.Grading(
                task.exercise,
                task.submission,
                seed=task.seed,
                device=task.device,
                speed=task.speed,
                require_sandbox=task.require_sandbox,
                forkserver=forkserver,
                progress=connection.send,
                only=None if task.debugs else task.only,  # the script is of one of all that fails
            )
        ) as found:
            report = found.finish()
            if task.debugs and found.verdict is None:
                script = found.script(task.only)
    except UsageError as error:
        refusal = error
    except Exception as error:
        traceback.print_exc()
        fault = f"{type(error).__name__}: {error}"
    return Reply(report, refusal, fault, is_worn=not forkserver.is_alive, script=script)


def _print_to(log: str | None) -> None:
    """Have what is printed go to the file `log`, by default to standard error."""
    if log is None:
        os.dup2(2, 1)
        return
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    os.close(descriptor)
