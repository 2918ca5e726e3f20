"""A trusted process on the device that is timed on: whether the device is idle, and what is right.

To stop a process does not stop what it has asked a device for. So between two turns it is asked
here, by a process of the judge's own, how long next to nothing takes: longer than usual as long as
somebody's work is still going on.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from grader.judge.clock.task import Task
from grader.judge.compare import Expected
from grader.judge.processes.workers import Forkserver, Start, Worker, WorkerFailure, WorkerHung
from grader.judge.reference import Convert, expected
from grader.language import say
from grader.wire import leaves
from grader.worker.invoke import Invocation, converted

ASKED = 15  # times, to know what is usual
# What the machine's own noise makes of next to nothing: so many times the usual, and some more.
UNUSUAL = 5.0
NOISE_SECONDS = 0.002
PATIENCE_SECONDS = 3.0
# What a process had asked for ends with it, or soon after.
ENDED_SECONDS = 10.0


class DeviceBusy(Exception):
    """The device does not come to rest, though all who were timed stand still."""


class DeviceFailed(Exception):
    """What is trusted does not run on the device; the message says why."""


class DeviceFull(DeviceFailed):
    """There is not enough memory on the device. `is_students`: the student's answer said so, where
    the reference had enough. `is_beside`: somebody else lacked it, with the student's processes
    there, which may hold it."""

    def __init__(self, message: str, *, is_students: bool = False) -> None:
        super().__init__(message)
        self.is_students = is_students
        self.is_beside = False


class PoolTooSmall(RuntimeError):
    """What a trusted call takes or gives does not fit into the shared memory."""

    def __init__(self) -> None:
        super().__init__("it takes more shared memory than it says")


def is_full(raised: dict[str, Any] | None) -> bool:
    """Whether what a worker raised says that the memory of its device was not enough."""
    return raised is not None and raised["type"] == "OutOfMemoryError"


def answered(kind: str, reply: dict[str, Any]) -> dict[str, Any]:
    """A reply of a trusted worker with a value in it. DeviceFull, PoolTooSmall, or RuntimeError for
    any other thing that it raised."""
    raised = reply.get("raised")
    if raised is not None:
        if is_full(raised):
            raise DeviceFull(str(raised["message"]).split("\n")[0])
        if raised["type"] == "FrameError":
            raise PoolTooSmall
        raise RuntimeError(f"the {kind} raised {raised['type']}: {raised['message']}")
    return reply


@contextlib.contextmanager
def of_ours() -> Iterator[None]:
    """Have the end of a process that nobody's submission is in be the device's fault, or the
    grader's, and never a student's: DeviceFailed."""
    try:
        yield
    except WorkerHung:  # it shares the student's time
        raise
    except WorkerFailure as failure:
        reason = say("a process of the grader's own ended there ({failure})", failure=str(failure))
        raise DeviceFailed(reason) from None


class Trusted:
    """The reference in a process of its own on the device of `start`, for a task."""

    def __init__(self, forkserver: Forkserver, start: Start, task: Task, seconds: float) -> None:
        self._task = task
        self._seconds = seconds
        self._worker = Worker(forkserver, start)
        try:
            with of_ours():
                answered("reference", self._worker.load(seconds))
            reply = self._ask({"op": "describe"})
            self.described: dict[str, Any] = reply["described"]
            times = sorted(self._idle() for _ in range(ASKED))
            self._usual = UNUSUAL * times[len(times) // 2] + NOISE_SECONDS
        except BaseException:
            self._worker.close()
            raise

    def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        with of_ours():
            return answered("reference", self._worker.request(message, self._seconds))

    def _idle(self) -> float:
        return float(self._ask({"op": "idle"})["seconds"])

    def wait(self, patience: float | None = None) -> float:
        """Wait until the device is idle; the seconds that it took, 0 where it was so at once.

        DeviceBusy where it takes longer than `patience`."""
        most = PATIENCE_SECONDS if patience is None else patience
        began = time.perf_counter()
        took = 0.0
        while self._idle() > self._usual:
            took = time.perf_counter() - began
            if took > most:
                raise DeviceBusy
        return took

    def expected(self, args: tuple[Any, ...]) -> Expected:
        """What is right for these arguments, computed on the device, in float32 and float64."""

        def run(convert: Convert) -> Any:
            return self.value(converted(Invocation(self._task.function, args), convert).args)

        return expected(self.value(args), list(leaves(args)), run)

    def value(self, args: tuple[Any, ...]) -> Any:
        """What the reference gives for these arguments on the device."""
        pool = self._worker.pool
        placed = pool.put(args, 0)
        call = {"op": "timed", "function": self._task.function, "args": placed}
        return pool.copies(self._ask(call).get("value"))

    def close(self) -> None:
        """End it."""
        self._worker.close()
