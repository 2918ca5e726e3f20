"""The judge's hold on its workers: start them, speak with them within limits, and end them."""

import contextlib
import fcntl
import os
import select
import shutil
import signal
import socket
import tempfile
import time
from dataclasses import dataclass
from typing import Any, Self

from grader import wire
from grader.course import Limits
from grader.worker.pool import Pool

GRACE_SECONDS = 1.0
# The forkserver answers within milliseconds, once it is warm; one that does not is being held up.
PATIENCE_SECONDS = 30.0
CHUNK = 1 << 16


class WorkerFailure(Exception):
    """A worker that can serve no longer; the message is for the student."""


class WorkerDied(WorkerFailure):
    """The process ended, by itself or by a signal."""


class WorkerHung(WorkerFailure):
    """No answer within the time limit."""


class WorkerFlooded(WorkerFailure):
    """More printed than the output limit allows."""


class WorkerBrokeProtocol(WorkerFailure):
    """The reply is no frame, or not the answer to what was asked."""


class Forkserver:
    """The process that workers are forked from. Start it before anything secret is loaded.

    It is a fork of the calling process, which must hold no thread but its main one. Use it as a
    context manager, or `close` it: its workers end with it.
    """

    def __init__(self) -> None:
        import torch

        from grader.worker import forkserver

        torch.set_num_threads(1)
        self._control, theirs = socket.socketpair()
        self._control.settimeout(PATIENCE_SECONDS)
        self._closed = False
        self._pid = os.fork()
        if self._pid == 0:
            self._control.close()
            forkserver.run(theirs)
        theirs.close()

    def spawn(self, channel: socket.socket, *descriptors: int) -> int:
        """Fork a worker that serves `channel`; its process number.

        `descriptors`: where it prints to and, for timed calls, the memory that it shares."""
        try:
            self._resume()
            socket.send_fds(self._control, [b"spawn"], [channel.fileno(), *descriptors])
            return int(self._control.recv(64))
        except (OSError, ValueError) as error:
            self.close()
            raise WorkerDied("The grader's helper process was killed by your code.") from error

    def end(self, pid: int, grace: float) -> int | None:
        """End a worker and all that descends from it; its wait status, None where it is lost."""
        try:
            self._resume()
            self._control.sendall(f"end {pid} {grace}".encode())
            return int(self._control.recv(64))
        except (OSError, ValueError):
            self.close()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            return None

    def strays(self) -> int:
        """Kill what the workers' code left running beside them; how many processes that were."""
        try:
            self._resume()
            self._control.sendall(b"strays")
            return int(self._control.recv(64))
        except (OSError, ValueError):
            self.close()
            return 0

    def close(self) -> None:
        """End it and every worker of its."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            self._resume()
            self._control.shutdown(socket.SHUT_WR)
            while self._control.recv(64):  # it hangs up when its workers are gone
                pass
        self._control.close()
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)

    @property
    def is_alive(self) -> bool:
        """Whether it still serves; it cannot be started again once secrets are loaded."""
        if self._closed:
            return False
        ended, _ = os.waitpid(self._pid, os.WNOHANG)
        return not ended

    def _resume(self) -> None:
        """Let it go on, should a worker have stopped it."""
        if self._closed:
            raise OSError("the forkserver has ended")
        os.kill(self._pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Start:
    """What a worker is told first: the submission, and what of it the judge will call."""

    source: str
    filename: str
    functions: list[str]
    forbidden: list[str]
    device: str
    limits: Limits
    pool_bytes: int = 0


class Worker:
    """One worker with one submission in it."""

    def __init__(self, forkserver: Forkserver, start: Start) -> None:
        self._forkserver = forkserver
        self._limits = start.limits
        self.is_new = True  # no random seed was set in it yet
        self._number = 0
        self._printed = bytearray()
        self._ended = False
        self._scratch = tempfile.mkdtemp(prefix="grade-")
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        self._output, output = os.pipe()
        os.set_blocking(self._output, False)
        shared = [_shared_memory(start.pool_bytes)] if start.pool_bytes else []
        self._pool = Pool(shared[0], start.pool_bytes) if shared else None
        try:
            self.pid = forkserver.spawn(theirs, output, *shared)
        except WorkerDied:
            self._hang_up()
            self._clean_up()
            raise
        finally:
            theirs.close()
            for descriptor in (output, *shared):
                os.close(descriptor)
        self._start = {
            "source": start.source,
            "filename": start.filename,
            "functions": start.functions,
            "forbidden": start.forbidden,
            "device": start.device,
            "scratch": self._scratch,
            "memory_bytes": start.limits.memory_mib << 20,
            "seconds": start.limits.submission_seconds + start.limits.property_seconds,
        }

    @property
    def pool(self) -> Pool:
        """The memory that is shared with the worker; there where the start asked for it."""
        assert self._pool is not None
        return self._pool

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the worker and all that it started, as far as it is in its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    @property
    def printed(self) -> str:
        """What the student's code has printed so far."""
        return self._printed.decode("utf-8", "replace")

    def load(self, timeout: float) -> dict[str, Any]:
        """Load the submission; which functions it has, or what it raised."""
        return self.request(self._start, timeout)

    def request(self, message: dict[str, Any], timeout: float) -> dict[str, Any]:
        """Send `message`, wait for its answer. WorkerFailure ends the worker; say so first."""
        self._number += 1
        deadline = time.monotonic() + timeout
        try:
            self._send(wire.pack({**message, "id": self._number}, layout=True), deadline)
            header, body = wire.lengths(self._receive(wire.PREFIX.size, deadline))
            received = self._receive(header, deadline)
            reply = wire.unpack(received, self._receive(body, deadline))
            self._drain()
            if not isinstance(reply, dict) or not _is_number(reply.get("id"), self._number):
                raise wire.FrameError("the reply does not answer the call")
            return reply
        except wire.FrameError as error:
            self.close()
            raise WorkerBrokeProtocol(
                f"Your code disturbed the channel that results travel on: {error}."
            ) from None
        except WorkerFailure:
            self.close()
            raise

    def _send(self, frame: bytes, deadline: float) -> None:
        view = memoryview(frame)
        while view:
            try:
                view = view[self._channel.send(view) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except OSError:
                raise self._death() from None

    def _receive(self, count: int, deadline: float) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        while view:
            try:
                got = self._channel.recv_into(view)
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError:
                got = 0
            if not got:
                raise self._death()
            view = view[got:]
        return data

    def _wait(self, event: int, deadline: float) -> None:
        """Wait until the channel is ready, taking up what is printed meanwhile."""
        poll = select.poll()
        poll.register(self._channel, event)
        poll.register(self._output, select.POLLIN)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WorkerHung("Your code did not come back within the time limit.")
            ready = dict(poll.poll(left * 1000))
            if ready.get(self._output, 0) & select.POLLIN:
                self._drain()
            elif self._output in ready:  # the worker closed its own output
                poll.unregister(self._output)
            if self._channel.fileno() in ready:
                return

    def _drain(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._output, CHUNK):
                self._printed += chunk
                if len(self._printed) > self._limits.output_kib << 10:
                    raise WorkerFlooded(
                        f"Your code printed more than {self._limits.output_kib} KiB."
                    )

    def _death(self) -> WorkerDied:
        """How the process ended, in words."""
        with contextlib.suppress(WorkerFlooded):
            self._drain()
        status = self._end(GRACE_SECONDS)
        if status is None:
            return WorkerDied("Your code killed the process that it ran in.")
        if os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            return WorkerDied(f"Your code ended the whole process (exit code {code}).")
        number = os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            return WorkerDied("Your code used up all the processor time that it may have.")
        named = {each.value: each.name for each in signal.Signals}  # not every real-time one is
        name = named.get(number, f"signal {number}")
        return WorkerDied(f"Your code crashed the process that it ran in ({name}).")

    def _end(self, grace: float) -> int | None:
        self._ended = True
        self._hang_up()
        status = self._forkserver.end(self.pid, grace)
        self._clean_up()
        return status

    def _hang_up(self) -> None:
        self._channel.close()
        os.close(self._output)

    def _clean_up(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    def close(self) -> None:
        """End the process with everything that it started, and remove its folder."""
        if not self._ended:
            self._end(grace=0)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._ended


def _shared_memory(size: int) -> int:
    """The descriptor of `size` bytes of memory that the other side cannot take away again."""
    descriptor = os.memfd_create("grade", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    return descriptor


def _is_number(value: Any, number: int) -> bool:
    return type(value) is int and value == number  # compared with a tensor, an int gives a tensor
