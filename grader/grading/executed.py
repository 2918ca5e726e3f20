"""A judge that is an interpreter of its own: it has workers started, then imports what it needs.

What it grades, and by what, it learns afterwards, over the socket that it was started with.
"""

import gc
import importlib
import os
import traceback
from multiprocessing.connection import Connection
from typing import NoReturn

from grader.judge.processes.executed import Executed
from grader.systems.here import SYSTEM
from grader.worker.walls import processes


def main(module: str) -> NoReturn:
    """Be a judge: `module.serve(connection, workers)`. Never returns."""
    status = 1
    try:
        processes.die_with_parent()
        connection = Connection(SYSTEM.channel().detach())
        origin = Executed()
        workers = origin.workers()  # they import torch beside this process, not after it
        gc.disable()  # looking for garbage among all that is imported takes a fifth of the time
        from grader.judge.processes.workers import Forkserver

        judge = importlib.import_module(module)
        gc.freeze()
        gc.enable()
        with Forkserver(workers) as forkserver:
            judge.serve(connection, forkserver)
        origin.close()
        status = 0
    except Exception:  # the grader's own fault, which nobody else would see
        traceback.print_exc()
    finally:
        os._exit(status)
