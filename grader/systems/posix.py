"""What Linux and macOS have in common: groups of processes, signals, descriptors over sockets."""

import contextlib
import fcntl
import os
import resource
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from grader.systems.system import System

_LIMITS = MappingProxyType(
    {
        "cpu": "RLIMIT_CPU",
        "file": "RLIMIT_FSIZE",
        "files": "RLIMIT_NOFILE",
        "core": "RLIMIT_CORE",
        "addresses": "RLIMIT_AS",
        "data": "RLIMIT_DATA",
        "threads": "RLIMIT_NPROC",
        "queues": "RLIMIT_MSGQUEUE",
        "locked": "RLIMIT_MEMLOCK",
    }
)


class Posix(System):
    """A system with POSIX's processes."""

    sends_descriptors = True
    limits = True
    ending = (signal.SIGTERM, signal.SIGHUP)
    pausing = (signal.SIGTSTP,)
    resizing = (signal.SIGWINCH,)

    def __init__(self) -> None:
        self.most_descriptors = os.sysconf("SC_OPEN_MAX")

    def stop(self, pid: int) -> None:
        """Have a process, and all that is in its group, stand still."""
        self._signal(pid, signal.SIGSTOP)

    def go_on(self, pid: int) -> None:
        """Have what `stop` stopped go on."""
        self._signal(pid, signal.SIGCONT)

    def kill(self, pid: int) -> None:
        """End a process, and all that is in its group."""
        self._signal(pid, signal.SIGKILL)

    def _signal(self, pid: int, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)

    def exit_words(self, code: int) -> str | None:
        """The name of the signal that ended a process."""
        if code >= 0:
            return None
        named = {each.value: each.name for each in signal.Signals}  # not every real-time one is
        return named.get(-code) or f"signal {-code}"

    def wait(self, channel: socket.socket, *, writes: bool, seconds: float) -> bool:
        """Wait until a socket is ready; whether it is."""
        poll = select.poll()
        poll.register(channel, select.POLLOUT if writes else select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def limit(self, **most: int) -> str:
        """Bound this process, for good; why one limit was refused, or nothing.

        A limit that stands already is never raised. macOS refuses some with ValueError."""
        refused = []
        for name, value in most.items():
            which = getattr(resource, _LIMITS[name], None)
            if which is None:
                continue
            hard = value + (name == "cpu")  # a second to say so in, after the first signal
            _, allowed = resource.getrlimit(which)
            if allowed != resource.RLIM_INFINITY:
                value, hard = min(value, allowed), min(hard, allowed)
            try:
                resource.setrlimit(which, (value, hard))
            except (ValueError, OSError) as error:
                refused.append(f"{name}: {error}")
        return "; ".join(refused)

    def keys(self, terminal: int) -> "_Terminal":
        """Single keys of a terminal, as they are pressed."""
        return _Terminal(terminal)

    def pause(self) -> None:
        """Stand still until somebody brings this process to the foreground again."""
        os.kill(os.getpid(), signal.SIGSTOP)

    @contextlib.contextmanager
    def held(self, path: Path, *, waits: bool = True, creates: bool = False) -> Iterator[bool]:
        """Hold a file while nobody else does, by a lock that ends with this process."""
        with open(
            os.open(path, os.O_RDWR | os.O_CREAT if creates else os.O_RDONLY, 0o600), "rb"
        ) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            if not os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                raise FileNotFoundError(path)
            yield True

    def seconds_of_children(self) -> float:
        """Seconds of the processor that children have taken who have ended."""
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])

    def programs_at_work(self) -> float:
        """How many programs have wanted a core in the last minute."""
        try:
            return os.getloadavg()[0]
        except OSError:  # it cannot be had
            return 0.0

    def sealed(self, size: int) -> int:
        """The descriptor of `size` bytes of memory that the other side cannot take away again."""
        import tempfile

        # A file that nobody else opens; a worker closes its descriptor before it loads anything.
        descriptor, path = tempfile.mkstemp(prefix="grade-shared-")
        os.unlink(path)
        os.ftruncate(descriptor, size)
        return descriptor


class _Terminal:
    """A terminal without its line editing; Ctrl-C and the like go on sending signals."""

    def __init__(self, descriptor: int) -> None:
        import termios
        import tty

        self._descriptor = descriptor
        self._before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor, termios.TCSADRAIN)

    def fileno(self) -> int:
        return self._descriptor

    def read(self, most: int) -> bytes:
        try:
            return os.read(self._descriptor, most)
        except OSError:
            return b""

    def give_back(self) -> None:
        import termios

        with contextlib.suppress(termios.error):  # it is gone
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
