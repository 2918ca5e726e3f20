"""What any system offers that Python runs on: the ground that each one's own file builds on.

Nothing here takes a module or a function that some system lacks (`tests/test_systems.py` holds
that). A process that is to stand still, or to end with its children, is psutil's to find.
"""

import contextlib
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# How long a look at a channel alone takes where nothing can wait for several things at once.
LOOK_SECONDS = 0.02
MOST_DESCRIPTORS = 1 << 11


@dataclass(frozen=True)
class Shared:
    """Memory that two processes share: mapped here, and by what the other one finds it."""

    memory: mmap.mmap
    ticket: str


class Keys(Protocol):
    """A terminal that gives each key at once, and does not show it."""

    def fileno(self) -> int:
        """What to wait for."""

    def read(self, most: int) -> bytes:
        """The keys that were pressed; empty where the terminal has gone."""

    def give_back(self) -> None:
        """Leave the terminal as it was."""


class System:
    """A system of which nothing more is known."""

    name = "this system"
    # A process that holds torch may be forked, and its child computes.
    forks = False
    # Descriptors travel over sockets, and signals stop and end whole groups of processes.
    sends_descriptors = False
    # The system itself ends a process that takes too long, and bounds what one maps.
    limits = False
    bounds_memory = False
    most_descriptors = MOST_DESCRIPTORS
    # Signals by which a person ends a program at a terminal, stops it, and changes its size.
    ending: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    pausing: tuple[signal.Signals, ...] = ()
    resizing: tuple[signal.Signals, ...] = ()

    # Processes

    def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        channel: socket.socket,
        output: int = subprocess.DEVNULL,
        errors: int | None = subprocess.STDOUT,
    ) -> "subprocess.Popen[bytes]":
        """Start a program that holds the other end of a socket and nothing else of this process's;
        it takes it by `channel`. What it prints goes to the descriptor `output`.

        A Ctrl-C is for whoever started it."""
        return subprocess.Popen(
            command,
            stdin=channel.fileno(),
            stdout=output,
            stderr=errors,
            cwd=os.path.abspath(os.sep),
            env=dict(environment),
            start_new_session=True,
        )

    def channel(self) -> socket.socket:
        """In a program that `start` has started: its end of the socket."""
        channel = socket.socket(fileno=os.dup(0))
        self.without_input()
        return channel

    def without_input(self) -> None:
        """Have nothing to read at standard input."""
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.close(nothing)

    def interpreter(self) -> tuple[str, dict[str, str]]:
        """The program that runs Python, and the variables that it takes."""
        return sys.executable, {}

    def stop(self, pid: int) -> None:
        """Have a process, and all that it started, stand still."""
        self._each(pid, lambda process: process.suspend())

    def stands_still(self, pid: int) -> bool:
        """Whether a process that was stopped computes no more; True where nobody can tell."""
        del pid
        return True

    def go_on(self, pid: int) -> None:
        """Have what `stop` stopped go on."""
        self._each(pid, lambda process: process.resume())

    def kill(self, pid: int) -> None:
        """End a process, and all that it started."""
        self._each(pid, lambda process: process.kill())

    def _each(self, pid: int, action: Callable[[Any], None]) -> None:
        import psutil

        with contextlib.suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            for each in (process, *process.children(recursive=True)):
                with contextlib.suppress(psutil.Error, OSError):
                    action(each)

    def memory_of(self, pid: int) -> int | None:
        """Bytes of memory that a process fills now; None where nobody needs to look."""
        import psutil

        try:
            return int(psutil.Process(pid).memory_info().rss)
        except (psutil.Error, OSError):
            return None

    def exit_words(self, code: int) -> str | None:
        """What an exit code says of a crash; None for one that the program gave itself."""
        return f"signal {-code}" if code < 0 else None

    # Pipes and sockets

    def readable(self, descriptor: int) -> None:
        """Have `read` of this pipe come back at once."""
        os.set_blocking(descriptor, False)

    def read(self, descriptor: int, most: int) -> bytes | None:
        """What a pipe holds, `most` bytes of it; None where that is nothing for now."""
        try:
            return os.read(descriptor, most)
        except BlockingIOError:
            return None

    def wait(self, channel: socket.socket, *, writes: bool, seconds: float) -> bool:
        """Wait until a socket is ready, a moment at most; whether it is."""
        given = [channel]
        seconds = min(seconds, LOOK_SECONDS)
        ready = select.select([] if writes else given, given if writes else [], [], seconds)
        return bool(ready[0] or ready[1])

    # Memory

    def sealed(self, size: int) -> int:
        """The descriptor of `size` bytes of memory that whoever is handed it cannot take away."""
        raise NotImplementedError(f"{size} bytes: {self.name} hands no descriptors over")

    def share(self, size: int) -> Shared:
        """New memory of `size` bytes, for this process and the one that `attach`es it."""
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="grade-shared-")
        try:
            os.ftruncate(descriptor, size)
            return Shared(mmap.mmap(descriptor, size), path)
        finally:
            os.close(descriptor)

    def attach(self, ticket: str, size: int) -> mmap.mmap:
        """The memory that another process shares by this ticket."""
        descriptor = os.open(ticket, os.O_RDWR)
        try:
            return mmap.mmap(descriptor, size)
        finally:
            os.close(descriptor)

    def forget(self, ticket: str) -> None:
        """Leave no trace of shared memory that nobody will attach any more."""
        with contextlib.suppress(OSError):
            os.unlink(ticket)

    # The terminal

    def keys(self, terminal: int) -> "Keys | None":
        """Single keys of a terminal, as they are pressed; None where they cannot be had."""
        del terminal
        return None

    def pause(self) -> None:
        """Stand still until somebody brings this process to the foreground again."""

    # Files

    @contextlib.contextmanager
    def held(self, path: Path, *, waits: bool = True, creates: bool = False) -> Iterator[bool]:
        """Hold a file while nobody else does; False at once where somebody does, unless it `waits`.
        FileNotFoundError where there is none, unless it `creates` one, or where it moved meanwhile.

        Where nothing is known that holds a file, nobody is kept out."""
        del path, waits, creates
        yield True

    # Limits

    def limit(self, **most: int) -> str:
        """Bound this process; why it cannot be, or nothing. `most`: cpu (seconds), file (bytes),
        files, core, addresses (bytes), and on Linux threads, queues, locked."""
        del most
        return f"{self.name} has no limits for a process"

    def confine(self, profile: str) -> str:
        """Hold this process to a profile of macOS's; why it cannot be held, or nothing."""
        del profile
        return f"{self.name} has nothing like it"

    def seconds_of_children(self) -> float:
        """Seconds of the processor of children who have ended; 0 where nobody counts."""
        return 0.0

    def programs_at_work(self) -> float:
        """How many programs have wanted a core in the last minute; 0 where nobody counts."""
        return 0.0

    def has_free_cores(self, count: int) -> bool:
        """Whether the machine has so many cores, and not as many programs that want them."""
        cores = os.cpu_count() or 1
        return count <= cores and self.programs_at_work() < cores

    def seconds_spent(self) -> float:
        """Seconds of the processor that this process has taken."""
        times = os.times()
        return times.user + times.system
