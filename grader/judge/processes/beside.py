"""Workers that the judge keeps ahead itself: for systems that can hand no descriptors over.

A worker is an interpreter that holds its end of the channel from its start, and prints into a pipe
that the judge looks into. Where it is in the submission it cannot be asked.
"""

import os
import subprocess

from grader.judge.processes.executed import Stocked, worker_beside
from grader.judge.processes.line import Line
from grader.judge.processes.workers import Forkserver, WorkerDied
from grader.language import say
from grader.systems.here import SYSTEM
from grader.worker.pool import Pool
from grader.worker.stock import Idle, Stock


class Beside(Forkserver):
    """Workers of this process's own; see `Forkserver`."""

    def __init__(self, control: Stocked | None = None) -> None:
        self._stock = control if isinstance(control, Stock) else Stock(worker_beside)
        self._lines: list[Straight] = []
        self._closed = False

    @property
    def pid(self) -> int:
        """The number of this process, once it has a worker ready."""
        self._stock.first()
        return os.getpid()

    def join(self, scratch: str, pool_bytes: int, device: int | None = None) -> Line:
        """Take a worker that waits; what joins it to this process."""
        del scratch, device  # nothing can be handed over
        try:
            line = Straight(self._stock.take(), pool_bytes)
        except OSError as error:
            self.close()
            raise WorkerDied(say("The grader's helper process was killed by your code.")) from error
        self._lines = [each for each in self._lines if not each.has_ended] + [line]
        return line

    def expect(self, count: int) -> None:
        """Have `count` workers ready soon, and nothing started beside them until that is over."""
        self._stock.expect(count)

    def warm_optimizers(self) -> None:
        """Nothing: each worker imports them itself."""

    def strays(self) -> int:
        """How many processes are left of workers; what a worker starts ends with it."""
        return 0

    def close(self) -> None:
        """End every worker."""
        if self._closed:
            return
        self._closed = True
        for line in self._lines:
            line.end(0)
        self._stock.clear()

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""
        return not self._closed


class Straight:
    """A line to an interpreter of this process's own: see `Line`."""

    watched = True

    def __init__(self, idle: Idle, pool_bytes: int) -> None:
        self._process = idle.process
        self._output = idle.output
        self._is_over = False
        self.pid = idle.process.pid
        self.channel = idle.channel
        self.channel.setblocking(False)
        SYSTEM.readable(self._output)
        self.pool: Pool | None = None
        self.shared: tuple[str, int] | None = None
        self.has_ended = False
        if pool_bytes:
            shared = SYSTEM.share(pool_bytes)
            self.pool = Pool(shared.memory, pool_bytes)
            self.shared = shared.ticket, pool_bytes

    def wait(self, *, writes: bool, seconds: float) -> tuple[bool, bool, bool]:
        """See `Line`."""
        ready = SYSTEM.wait(self.channel, writes=writes, seconds=seconds)
        return ready, not self._is_over, not ready and self._process.poll() is not None

    def printed(self, most: int) -> bytes | None:
        """See `Line`."""
        told = SYSTEM.read(self._output, most)
        self._is_over = told == b""
        return told

    def place(self, most: int) -> bytes:
        """Nothing: it cannot be asked."""
        del most
        return b""

    def stop(self) -> None:
        """See `Line`."""
        SYSTEM.stop(self.pid)

    def go_on(self) -> None:
        """See `Line`."""
        SYSTEM.go_on(self.pid)

    def end(self, grace: float) -> int | None:
        """See `Line`."""
        if not self.has_ended:
            self.has_ended = True
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                SYSTEM.kill(self.pid)
                self._process.wait()
            if self.shared is not None:
                SYSTEM.forget(self.shared[0])
        return self._process.returncode

    def hang_up(self) -> None:
        """See `Line`."""
        self.channel.close()
        os.close(self._output)
