"""What this machine has: the versions, the device, and each layer of the sandbox.

Nothing is guessed: a worker is started as for a submission, and says what became of its walls.
"""

import os
import platform
from dataclasses import dataclass

from grader.course.model import Limits
from grader.errors import UsageError
from grader.judge.processes.workers import Forkserver, Start, Worker, WorkerFailure

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Findings:
    """What was found. `layers` has the state of each; it is empty, and `problem` says why, where
    no worker can be started."""

    python: str
    torch: str
    device: str
    layers: dict[str, str]
    problem: str | None = None


def examine() -> Findings:
    """Start a worker and see."""
    import torch

    layers: dict[str, str] = {}
    problem = None
    if not hasattr(os, "fork"):
        problem = f"No worker can be started: {platform.system()} has no fork."
    else:
        with Forkserver() as forkserver:
            start = Start("", "nothing.py", [], [], "cpu", Limits())
            try:
                worker = Worker(forkserver, start)
                try:
                    worker.confine(PATIENCE_SECONDS)
                    layers = worker.sandbox
                finally:
                    worker.close()
            except (WorkerFailure, UsageError) as failure:
                problem = str(failure)
    return Findings(
        python=f"{platform.python_version()} on {platform.system()} {platform.release()}",
        torch=str(torch.__version__),
        device=torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        layers=layers,
        problem=problem,
    )
