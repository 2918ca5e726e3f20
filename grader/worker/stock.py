"""A few workers started ahead: whoever needs one does not wait until torch is there.

What starts one differs from system to system; how many there are, and when, does not. While many
are expected at once (the clock takes six) they start side by side, and nothing is started beside
those that are timed.
"""

import contextlib
import os
import socket
import subprocess
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

AHEAD = 1  # beside the one that is in use
MOST_AT_ONCE = 8
TRIES = 3
START_SECONDS = 120.0  # torch may come from a slow disk
READY = b"r"


@dataclass
class Idle:
    """An interpreter that was started, and says READY over `channel` once it holds torch.

    `output`: the descriptor that what it prints is read from; -1 where somebody else reads it."""

    process: "subprocess.Popen[bytes]"
    channel: socket.socket
    output: int = -1
    is_ready: bool = False


class Stock:
    """Workers that were started ahead by `start`."""

    def __init__(self, start: Callable[[], Idle]) -> None:
        self._start = start
        self._idle: deque[Idle] = deque()
        self._expected = 0
        self._fill()

    def _fill(self) -> None:
        while len(self._idle) < max(AHEAD, self._expected):
            self._idle.append(self._start())

    def first(self) -> None:
        """Wait until one is ready."""
        for _ in range(TRIES):
            if not self._idle:
                self._idle.append(self._start())
            if self._is_ready(self._idle[0]):
                return
            self._drop(self._idle.popleft())
        raise OSError("the interpreters that are to be workers end before they have begun")

    def take(self) -> Idle:
        """One that is ready; it is the taker's from now on."""
        self.first()
        taken = self._idle.popleft()
        if self._expected:
            self._expected -= 1
        else:
            self._fill()
        return taken

    def expect(self, count: int) -> None:
        """Have `count` more ready soon, and none started beside them; 0 when that is over."""
        self._expected = min(count, MOST_AT_ONCE)
        self._fill()

    def pids(self) -> set[int]:
        """The processes that wait here."""
        return {each.process.pid for each in self._idle}

    def clear(self) -> None:
        """End those that wait."""
        while self._idle:
            self._drop(self._idle.popleft())

    def _drop(self, idle: Idle) -> None:
        idle.channel.close()
        if idle.output >= 0:
            os.close(idle.output)
        with contextlib.suppress(ProcessLookupError):
            idle.process.kill()
        idle.process.wait()

    @staticmethod
    def _is_ready(idle: Idle) -> bool:
        if idle.is_ready:
            return True
        idle.channel.settimeout(START_SECONDS)
        with contextlib.suppress(OSError):
            idle.is_ready = idle.channel.recv(1) == READY
        return idle.is_ready
