"""What joins a judge and one worker: its process, the channel, what it prints, where it is.

Here by descriptors that are handed to a process of the worker's side; `beside` is the same without.
"""

import contextlib
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Protocol

from grader.systems.here import SYSTEM
from grader.worker.pool import Pool

# How long a worker that is to be killed has to say where it is, and each word after the first.
WHEREABOUTS_SECONDS = 0.5
PAUSE_SECONDS = 0.05


class Line(Protocol):
    """The judge's side of it. What is handed over at its start is the worker's alone."""

    pid: int
    channel: socket.socket
    pool: Pool | None  # memory that is shared with the worker, for timed calls
    shared: tuple[str, int] | None  # by what the worker finds it, and bytes, where it is told
    watched: bool  # whether somebody must look how much memory it fills

    def wait(self, *, writes: bool, seconds: float) -> tuple[bool, bool, bool]:
        """Wait until something happens: whether the channel is ready, whether something was
        printed, whether the process has ended. All False where nothing did within `seconds`."""

    def printed(self, most: int) -> bytes | None:
        """What was printed; None where that is nothing for now, empty where it is over."""

    def place(self, most: int) -> bytes:
        """What the worker says of the code that it runs, as faulthandler writes it."""

    def stop(self) -> None:
        """Have it stand still, with all that it started."""

    def go_on(self) -> None:
        """Have it go on."""

    def end(self, grace: float) -> int | None:
        """End it, with all that it started; it has `grace` seconds to do so itself. Its exit code,
        negative for a signal; None where nobody knows."""

    def hang_up(self) -> None:
        """Let go of what joins them."""


class Handed:
    """A line by descriptors that are handed over. `spawn` starts a worker that has them, `end` ends
    it."""

    shared: tuple[str, int] | None = None

    def __init__(
        self,
        spawn: Callable[..., int],
        end: Callable[[int, float], int | None],
        scratch: str,
        pool_bytes: int,
        device: int | None = None,
    ) -> None:
        self._end = end
        self._life: int | None = None
        self.channel, theirs = socket.socketpair()
        self.channel.setblocking(False)
        self._output, output = os.pipe()
        self._place, place = os.pipe()
        for pipe in (self._output, self._place, place):
            os.set_blocking(pipe, False)
        shared = SYSTEM.sealed(pool_bytes) if pool_bytes else None
        self.pool = None if shared is None else Pool(shared, pool_bytes)
        try:
            self.pid = spawn(scratch, theirs, output, place, shared, device)
            # Its end is seen at once, though a child of its may hold the channel open.
            self._life = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else None
        except BaseException:
            self.hang_up()
            raise
        finally:
            theirs.close()
            for descriptor in (output, place, *(() if shared is None else (shared,))):
                os.close(descriptor)
        self.watched = not SYSTEM.bounds_memory
        self._poll = select.poll()
        self._poll.register(self.channel, select.POLLIN)
        self._poll.register(self._output, select.POLLIN)
        if self._life is not None:
            self._poll.register(self._life, select.POLLIN)

    def wait(self, *, writes: bool, seconds: float) -> tuple[bool, bool, bool]:
        """See `Line`."""
        self._poll.modify(self.channel, select.POLLOUT if writes else select.POLLIN)
        ready = dict(self._poll.poll(seconds * 1000))
        if self._output in ready and not ready[self._output] & select.POLLIN:
            self._poll.unregister(self._output)  # the worker closed its own output
            del ready[self._output]
        return self.channel.fileno() in ready, self._output in ready, self._life in ready

    def printed(self, most: int) -> bytes | None:
        """See `Line`."""
        return SYSTEM.read(self._output, most)

    def place(self, most: int) -> bytes:
        """See `Line`."""
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGUSR1)
        poll = select.poll()
        poll.register(self._place, select.POLLIN)
        told = b""
        deadline = time.monotonic() + WHEREABOUTS_SECONDS
        # It is written piece by piece; a submission can write there too, and not have it last.
        while len(told) < most and (left := deadline - time.monotonic()) > 0:
            if not poll.poll((PAUSE_SECONDS if told else left) * 1000):
                break
            piece = SYSTEM.read(self._place, most - len(told))
            if piece is None:
                continue
            if not piece:
                break
            told += piece
        return told

    def stop(self) -> None:
        """See `Line`."""
        SYSTEM.stop(self.pid)

    def go_on(self) -> None:
        """See `Line`."""
        SYSTEM.go_on(self.pid)

    def end(self, grace: float) -> int | None:
        """See `Line`."""
        status = self._end(self.pid, grace)
        return None if status is None else os.waitstatus_to_exitcode(status)

    def hang_up(self) -> None:
        """See `Line`."""
        self.channel.close()
        os.close(self._output)
        os.close(self._place)
        if self._life is not None:
            os.close(self._life)
