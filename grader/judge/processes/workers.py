"""The judge's hold on its workers: start them, speak with them within limits, and end them."""

import contextlib
import os
import select
import signal
import socket
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self, cast

from grader import wire
from grader.course.model import Limits
from grader.errors import UsageError
from grader.judge.processes import replies
from grader.judge.processes.executed import Stocked
from grader.judge.processes.line import Handed, Line
from grader.judge.processes.origin import Origin, begin
from grader.language import retold, say
from grader.systems.here import SYSTEM
from grader.worker import devices
from grader.worker.pool import Pool
from grader.worker.walls import disk, layers, paths

GRACE_SECONDS = 1.0
# The forkserver answers within milliseconds, once it is warm; one that does not is being held up.
PATIENCE_SECONDS = 30.0
START_SECONDS = 120.0  # torch may come from a slow disk
# How often a scratch folder is looked at that no file system of its own bounds.
LOOK_SECONDS = 0.2
# What other programs take of the machine is not the submission's; but no more than so many times
# its limit, so that one that crowds itself out ends too. Seconds under the least end the wait.
MOST_FORGIVEN = 2.0
LEAST_FORGIVEN = 0.02
CHUNK = 1 << 16


class WorkerFailure(Exception):
    """A worker that can serve no longer; the message is for the student."""


class WorkerDied(WorkerFailure):
    """The process ended, by itself or by a signal."""


class WorkerHung(WorkerFailure):
    """No answer within the time limit; `line` is where in the submission it was, as far as the
    worker itself could be asked."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class WorkerFlooded(WorkerFailure):
    """More printed, or written to its folder, than the limits allow."""


class WorkerBrokeProtocol(WorkerFailure):
    """The reply is no frame, or not the answer to what was asked."""


class NoDevice(UsageError):
    """The device that is asked for cannot be used."""


class Lost(BaseException):
    """What is asked of a worker that is played back is not what it was asked."""


@dataclass(frozen=True)
class Heard:
    """One request and what was heard of it: header and body of the reply, or the failure.

    `seconds` that it took on the clock of the limits; `printed`: from which byte to which."""

    parcel: wire.Parcel
    reply: tuple[bytearray, bytearray] | None
    failure: Exception | None
    seconds: float
    printed: tuple[int, int]


class Forkserver:
    """The process that workers come from: they are forked from it or, where that is unsafe, it has
    started them ahead (`grader.judge.processes.origin` says which). Nothing secret was ever in its
    memory.

    It descends from a clean process: from one of its own, or with `control` from that which the
    judge itself descends from. Use it as a context manager, or `close` it: its workers end with it.
    Where no process can hand workers over, this is a `Beside`, which does without.
    """

    def __new__(cls, *_: object, **__: object) -> Self:
        """One that this system can have."""
        if cls is Forkserver and not SYSTEM.sends_descriptors:
            from grader.judge.processes.beside import Beside

            return cast(Self, super().__new__(Beside))
        return super().__new__(cls)

    def __init__(self, control: Stocked | None = None) -> None:
        self._origin: Origin | None = None
        if control is None:
            self._origin = begin()
            control = self._origin.workers()
        assert isinstance(control, socket.socket)
        self._control = control
        self._closed = False
        self._has_optimizers = False
        self._number: int | None = None  # of its process; it tells it once it is warm

    @property
    def pid(self) -> int:
        """Its process number. UsageError where it could not begin."""
        if self._number is None:
            self._control.settimeout(START_SECONDS)
            try:
                self._number = int(self._control.recv(64))
            except (OSError, ValueError):
                self.close()
                raise UsageError(
                    say("The process that workers are started from did not begin."),
                    say("What this system has: {command}", command="grade doctor"),
                ) from None
            self._control.settimeout(PATIENCE_SECONDS)
        return self._number

    def spawn(
        self,
        scratch: str,
        channel: socket.socket,
        output: int,
        place: int,
        pool: int | None = None,
        device: int | None = None,
    ) -> int:
        """Fork a worker that serves `channel`; its process number.

        `scratch`: its folder, which goes with the judge, should that be killed. `output`: where it
        prints to, `place`: where it says where it is; `pool`: for timed calls, the memory that it
        shares; `device`: what the device's processes share."""
        shared = {kind: each for kind, each in (("p", pool), ("d", device)) if each is not None}
        try:
            self._resume()
            request = b"spawn %s " % ("".join(shared) or "-").encode() + os.fsencode(scratch)
            descriptors = [channel.fileno(), output, place, *shared.values()]
            socket.send_fds(self._control, [request], descriptors)
            self._control.settimeout(START_SECONDS)  # an executed one may import torch first
            number = int(self._control.recv(64))
            self._control.settimeout(PATIENCE_SECONDS)
            return number
        except (OSError, ValueError) as error:
            self.close()
            message = say("The grader's helper process was killed by your code.")
            raise WorkerDied(message) from error

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

    def join(self, scratch: str, pool_bytes: int, device: int | None = None) -> Line:
        """Start a worker; what joins it to this process. WorkerDied where it cannot begin.

        `device`: what the processes on its device share, where they do."""
        return Handed(self.spawn, self.end, scratch, pool_bytes, device)

    def expect(self, count: int) -> None:
        """Have `count` workers ready soon, and start none beside them until that is over: 0."""
        with contextlib.suppress(OSError, ValueError):  # whoever asks for one finds out
            self._resume()
            self._control.sendall(f"expect {count}".encode())
            int(self._control.recv(64))

    def warm_optimizers(self) -> None:
        """Have workers forked with what torch imports for a process's first optimizer, which takes
        it a second; executed ones import it themselves."""
        if self._has_optimizers:
            return
        with contextlib.suppress(OSError, ValueError):  # whoever asks for a worker finds out
            self._resume()
            self._control.sendall(b"optimizers")
            int(self._control.recv(64))
            self._has_optimizers = True

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
            if self._number is not None:
                os.kill(self._number, signal.SIGCONT)
            self._control.settimeout(PATIENCE_SECONDS)
            self._control.shutdown(socket.SHUT_WR)
            while self._control.recv(64):  # it hangs up when its workers are gone
                pass
        self._control.close()
        if self._origin is not None:
            self._origin.close()

    @property
    def is_alive(self) -> bool:
        """Whether it still serves."""
        if self._closed:
            return False
        # It speaks only when it is spoken to, but for its number.
        ready, _, _ = select.select([self._control], [], [], 0)
        return not ready or bool(self._control.recv(1, socket.MSG_PEEK))

    def _resume(self) -> None:
        """Let it go on, should a worker have stopped it."""
        if self._closed:
            raise OSError("the forkserver has ended")
        os.kill(self.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Start:
    """What a worker is told first: the submission, and what of it the judge will call.

    `hidden`: folders that it must not read. `without`: layers of the sandbox to leave out, for
    tests of what holds without them. `require_sandbox`: UsageError where a needed one is missing.
    `drops_output`: what is printed is read and forgotten, however much it is.
    """

    source: str
    filename: str
    functions: list[str]
    forbidden: list[str]
    device: str
    limits: Limits
    pool_bytes: int = 0
    classes: tuple[tuple[str, tuple[str, ...]], ...] = ()  # each with its methods
    given: tuple[str, str] | None = None  # text and name of the file that gives objects
    modules: tuple[tuple[str, str, str, int], ...] = ()  # name, file, text, offset of its lines
    packages: tuple[str, ...] = ()  # that the course counts on, by the names of their modules
    hidden: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    require_sandbox: bool = False
    drops_output: bool = False


class Worker:
    """One worker with one submission in it."""

    def __init__(self, forkserver: Forkserver, start: Start) -> None:
        self._forkserver = forkserver
        self._limits = start.limits
        self.is_new = True  # no random seed was set in it yet
        self.number = 0  # of the last request, since random seeds were set
        self.log: list[Heard] | None = None  # of the requests, where somebody keeps one
        self._tape: deque[Heard] = deque()  # to be heard again before the worker is asked
        self._played = 0.0  # seconds that took which is on the tape
        self._printed_end: int | None = None  # where what was played last had printed to
        self._forgiven = 0.0
        self._judge_waited = kept_waiting(os.getpid())
        self._printed = bytearray()
        self._drops_output = start.drops_output
        self._ended = False
        self.sandbox: dict[str, str] = {}  # the state of each layer, once it has loaded
        self._looked = time.monotonic()
        self._scratch = tempfile.mkdtemp(prefix="grade-")
        device = devices.named(start.device)
        try:
            self._line = forkserver.join(self._scratch, start.pool_bytes, device.share())
        except WorkerDied:
            self._clean_up()
            raise
        self.pid = self._line.pid
        self._channel = self._line.channel
        self._memory: int | None = None  # what it filled before it loaded anything
        self._require_sandbox = start.require_sandbox
        seconds = start.limits.submission_seconds + start.limits.property_seconds
        self._plan = layers.Plan(
            scratch=self._scratch,
            hidden=paths.worth_hiding(start.hidden),
            device=device.walls,
            memory_bytes=start.limits.memory_mib << 20,
            cpu_seconds=seconds,
            without=start.without,
        )
        self._text = start.source, start.filename
        self._start = {
            "source": start.source,
            "filename": start.filename,
            "modules": [list(module) for module in start.modules],
            "functions": start.functions,
            "classes": {name: list(methods) for name, methods in start.classes},
            "given": None if start.given is None else list(start.given),
            "forbidden": start.forbidden,
            "device": start.device,
            "spins": wire.SPIN_SECONDS,  # as the judge does
        }

    @property
    def pool(self) -> Pool:
        """The memory that is shared with the worker; there where the start asked for it."""
        assert self._line.pool is not None
        return self._line.pool

    def stop(self) -> None:
        """Have the worker, and all that it started, stand still."""
        self._line.stop()

    def go_on(self) -> None:
        """Have them go on."""
        self._line.go_on()

    @property
    def printed(self) -> str:
        """What the student's code has printed so far."""
        return self._printed.decode("utf-8", "replace")

    @property
    def printed_bytes(self) -> int:
        """How much that is, before the next request."""
        return self._tape[0].printed[0] if self._tape else len(self._printed)

    def printed_since(self, start: int, most: int) -> str:
        """What it has printed beyond the first `start` bytes, at most `most` bytes of it."""
        end = start + most
        if self._printed_end is not None:
            end = min(end, self._printed_end)
        else:
            with contextlib.suppress(WorkerFlooded, OSError):
                self._drain()
        return self._printed[start:end].decode("utf-8", "replace")

    def load(self, timeout: float) -> dict[str, Any]:
        """Put up the sandbox and load the submission; which functions it has, or what it raised.

        UsageError where the system lacks a layer that is asked for, or one cannot be put up;
        NoDevice where the device does not begin.
        """
        began = self.now()
        self.confine(timeout)
        return self.request(self._start, timeout - (self.now() - began))

    def confine(self, timeout: float) -> None:
        """Put up the sandbox and begin with the device, before anything of the student's is there.
        UsageError and NoDevice as for `load`."""
        order: dict[str, Any] = {
            "op": "confine",
            "plan": asdict(self._plan),
            "device": self._start["device"],
        }
        if self._line.shared is not None:
            order["shared"] = [*self._line.shared]
        reply = self.request(order | {"forbidden": self._start["forbidden"]}, timeout)
        if "failed" in reply:
            self.close()
            raise UsageError(
                f"The sandbox cannot be put up: {reply['failed']}.",
                "`grade doctor` shows what this system has.",
            )
        if "no_device" in reply:
            self.close()
            raise NoDevice(
                say(
                    "The device {device} cannot be used here: {reason}.",
                    device=self._start["device"],
                    reason=reply["no_device"].strip().split("\n")[0].rstrip("."),
                ),
                say("Leave --device out, or say --device cpu."),
            )
        self.sandbox = reply["sandbox"]
        lacking = layers.missing(self.sandbox)
        if self._require_sandbox and lacking:
            self.close()
            raise UsageError(
                f"The sandbox that is asked for is not complete here: {'; '.join(lacking)}.",
                "`grade doctor` says what to do; without --require-sandbox it is graded all the"
                " same.",
            )

    def request(
        self,
        message: dict[str, Any],
        timeout: float,
        meanwhile: Callable[[], None] = lambda: None,
        heard: Callable[[wire.Parcel, tuple[bytearray, bytearray]], None] | None = None,
    ) -> dict[str, Any]:
        """Send `message`, wait for the answer. WorkerFailure where there is none; the worker is
        ended then. `meanwhile` is called as soon as the worker has its work, `heard` with what was
        sent and what came, before anybody looks at it."""
        try:
            parcel = wire.parcel(message)
            header, body = self.exchange(parcel, timeout, meanwhile)
            if heard is not None:
                heard(parcel, (header, body))
            return replies.checked(wire.unpack(header, body), message, self.number, self._line.pool)
        except wire.FrameError as error:
            self.close()
            problem = say(
                "Your code disturbed the channel that results travel on: {error}.", error=error
            )
            raise WorkerBrokeProtocol(problem) from None
        except WorkerFailure:
            self.close()
            raise

    def exchange(
        self, parcel: wire.Parcel, timeout: float, meanwhile: Callable[[], None] = lambda: None
    ) -> tuple[bytearray, bytearray]:
        """Send a parcel with the next number; header and body of the reply, as they came: nobody
        has looked at them yet. WorkerFailure or FrameError where there is none."""
        self.number += 1
        if self._tape:
            return self._heard_again(parcel, timeout, meanwhile)
        self._printed_end = None
        began, printed = self.now(), len(self._printed)
        deadline = began + timeout
        reply: tuple[bytearray, bytearray] | None = None
        failure: Exception | None = None
        try:
            self._send(parcel.frame(self.number), deadline)
            meanwhile()
            header, body = wire.lengths(self._receive(wire.PREFIX.size, deadline))
            if header + body <= wire.SMALL:
                rest = self._receive(header + body, deadline)
                reply = rest[:header], rest[header:]
            else:
                reply = self._receive(header, deadline), self._receive(body, deadline)
            self._drain()
            self._look()
            return reply
        except (WorkerFailure, wire.FrameError) as error:
            failure = error
            raise
        finally:
            if self.log is not None and (reply or failure):
                ends = printed, len(self._printed)
                heard = None if failure else reply
                self.log.append(Heard(parcel, heard, failure, self.now() - began, ends))

    def rewind(self, log: Iterable[Heard]) -> None:
        """Have the requests of `log` answered as they were, from now on; then it is asked again."""
        self._tape = deque(log)

    @property
    def is_rewound(self) -> bool:
        """Whether there is still something on the tape."""
        return bool(self._tape)

    def _heard_again(
        self, parcel: wire.Parcel, timeout: float, meanwhile: Callable[[], None]
    ) -> tuple[bytearray, bytearray]:
        """What was heard of the next request on the tape. Lost where it is another."""
        heard = self._tape.popleft()
        if heard.parcel != parcel:
            raise Lost
        meanwhile()
        self._printed_end = heard.printed[1]
        self._played += min(heard.seconds, timeout)
        if heard.seconds > timeout and not isinstance(heard.failure, WorkerHung):
            self._tape.clear()
            raise WorkerHung(say("Your code did not come back within the time limit."))
        if heard.failure is not None:
            raise heard.failure
        assert heard.reply is not None
        return heard.reply

    def now(self) -> float:
        """Seconds on the clock of the time limits, which stands still for what `_forgive` finds."""
        return time.monotonic() - self._forgiven + self._played

    def _forgive(self) -> bool:
        """Take off the time that worker and judge stood ready and other programs had the cores.

        Whether it was worth mentioning. A verdict must not depend on what else the machine does.
        """
        waited = kept_waiting(self.pid) + kept_waiting(os.getpid()) - self._judge_waited
        waited -= busy_beside(self.pid)  # nobody is forgiven the waiting that they cause
        waited = min(waited, MOST_FORGIVEN * self._limits.submission_seconds)
        more = waited - self._forgiven
        if more < LEAST_FORGIVEN:
            return False
        self._forgiven = waited
        return True

    def _send(self, frame: bytes, deadline: float) -> None:
        view = memoryview(frame)
        while view:
            try:
                view = view[self._channel.send(view) :]
            except BlockingIOError:
                self._wait(deadline, writes=True)
            except OSError:
                raise self._death() from None

    def _receive(self, count: int, deadline: float) -> bytearray:
        data = bytearray(count)
        view = memoryview(data)
        patience = time.monotonic() + wire.SPIN_SECONDS
        while view:
            try:
                got = self._channel.recv_into(view)
            except BlockingIOError:
                if time.monotonic() > patience:
                    self._wait(deadline)
                continue
            except OSError:
                got = 0
            if not got:
                raise self._death()
            view = view[got:]
        return data

    def _wait(self, deadline: float, *, writes: bool = False) -> None:
        """Wait until the channel is ready, taking up what is printed meanwhile."""
        while True:
            left = deadline - self.now()
            if left <= 0:
                if self._forgive():
                    continue
                raise WorkerHung(
                    say("Your code did not come back within the time limit."), self._whereabouts()
                )
            ready, printed, ended = self._line.wait(writes=writes, seconds=min(left, LOOK_SECONDS))
            self._look()
            if printed:
                self._drain()
            if ready:
                return
            if ended:
                raise self._death()

    def _whereabouts(self) -> int | None:
        """The line of the submission that is being run, asked of the worker itself."""
        return replies.line_of(self._line.place(replies.MOST_OF_A_PLACE), *self._text)

    def _look(self) -> None:
        """See now and then that folder and memory stay small, where nothing else does."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        if self._line.watched:
            self._look_at_memory()
        if self.sandbox.get("scratch") == layers.ACTIVE:
            return
        if excess := disk.too_much_in(self._scratch):
            excess = retold(
                excess,
                "folders that cannot be looked into",
                "more than {count} files",
                "more than {size} MiB to its folder",
            )
            raise WorkerFlooded(say("Your code wrote {excess}.", excess=excess))

    def _look_at_memory(self) -> None:
        filled = SYSTEM.memory_of(self.pid)
        if filled is None:
            return
        if self._memory is None:
            self._memory = filled
        if filled - self._memory > self._plan.memory_bytes:
            size = self._limits.memory_mib
            raise WorkerFlooded(say("Your code took more than {size} MiB of memory.", size=size))

    def _drain(self) -> None:
        while chunk := self._line.printed(CHUNK):
            if self._drops_output:  # one piece at a time: who prints without end has no more
                return
            self._printed += chunk
            if len(self._printed) > self._limits.output_kib << 10:
                size = self._limits.output_kib
                raise WorkerFlooded(say("Your code printed more than {size} KiB.", size=size))

    def _death(self) -> WorkerDied:
        """How the process ended, in words."""
        with contextlib.suppress(WorkerFlooded):
            self._drain()
        code = self._end(GRACE_SECONDS)
        if code is None:
            return WorkerDied(say("Your code killed the process that it ran in."))
        crashed = SYSTEM.exit_words(code)
        if crashed is None:
            return WorkerDied(
                say("Your code ended the whole process (exit code {code}).", code=code)
            )
        if crashed == "SIGXCPU":
            return WorkerDied(say("Your code used up all the processor time that it may have."))
        if -code not in {each.value for each in signal.Signals} and code < 0:
            crashed = say("signal {number}", number=-code)
        return WorkerDied(
            say("Your code crashed the process that it ran in ({name}).", name=crashed)
        )

    def _end(self, grace: float) -> int | None:
        self._ended = True
        self._line.hang_up()
        code = self._line.end(grace)
        self._clean_up()
        return code

    def _clean_up(self) -> None:
        disk.remove(self._scratch)

    def close(self) -> None:
        """End the process with everything that it started, and remove its folder."""
        if not self._ended:
            self._end(grace=0)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._ended


def kept_waiting(pid: int) -> float:
    """Seconds that a process stood ready to run without a core; 0 where the system keeps no count.

    Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/<pid>/schedstat.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def busy_beside(pid: int) -> float:
    """Seconds of processor time that a process spent in other threads than its first, and in
    children; 0 where the system keeps no count.

    Source: Linux, Documentation/filesystems/proc.rst, /proc/<pid>/stat, fields 14 to 17.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        mine = int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0
    return max(0.0, spent - mine)
