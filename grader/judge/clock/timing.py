"""The judge's clock: running time against the reference and the built-in, round by round.

Every worker gets inputs that it has never seen after the clock has started, and its outputs are
in the judge's own memory before the clock stops; that copy is what is checked, in full, against
truth that is computed afterwards. So work that is late, lazy, cached or skipped either costs time
or is wrong. While one worker is timed, all others stand still, that of the properties too.

On a device the same holds: copies to it and from it are within the clock, a no-op makes as many,
and before anybody else's turn the device is found idle (`trusted`).
"""

import contextlib
import itertools
import math
import mmap
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from grader.judge.clock import health, loops
from grader.judge.clock.task import Room, Task
from grader.judge.clock.trusted import (
    ENDED_SECONDS,
    DeviceBusy,
    DeviceFailed,
    DeviceFull,
    PoolTooSmall,
    Trusted,
    answered,
    is_full,
    of_ours,
)
from grader.judge.compare import Expected, Mismatch, agree, tensors_equal
from grader.judge.processes.workers import (
    Forkserver,
    NoDevice,
    Start,
    Worker,
    WorkerFailure,
    WorkerHung,
)
from grader.judge.reference import Reference
from grader.judge.student import Halt, Student, StudentRaised
from grader.language import say
from grader.report import Interval, OnDevice, PropertyStatus, Timing, TimingVerdict
from grader.wire import ALIGNMENT, NAMES, FrameError, leaves
from grader.worker import devices, resident
from grader.worker.invoke import Invocation, converted
from grader.worker.pool import Pool

# Of nine rounds all have to be within the limit, of thirteen all but one.
LOOKS = (9, 13, 24, 48)
# How far above the limit an answer must be to be slow: no ratio is the same on every day, and an
# answer near the limit shall not pass or fail by luck.
BAND = 1.25
# So many times the limit in every round, after so many rounds, and nothing will change it.
HOPELESS = 4.0
HOPELESS_AFTER = 4
# The same for the two calls that warm it up, against the slower of the reference's.
HOPELESS_AT_ONCE = 10.0
# Up to so many times the limit, an answer is slow only if it is so again in other processes.
CLEAR = 2.5
# The chance that the interval misses the true ratio at any look, all looks together.
ERROR = 0.02
STUDENT_PROCESSES = 2
WARM_UPS = 2
POOL_BYTES = 64 << 20
SWEEP_BYTES = 8 << 20
# Of the memory that is free, what the shared memories of all workers may take.
MOST_OF_MEMORY = 0.5
WORKERS = 6
# Rounds in which the device slowed itself down tell nothing; after so many, nothing ever will.
MOST_DISCARDED = 48
SMALLEST = "cpu"  # whose sizes are the smallest that a task has
UNKNOWN = Room(128 << 20, 128 << 20)  # what is taken where the task cannot be asked
# Nobody beats a tuned built-in tenfold by honest means.
NONSENSE = 0.1
# The student's spread makes it so where it is this much wider than the reference's, as a ratio.
SPREAD_FACTOR = 3.0
SPREAD_FLOOR = 0.25
# The bound of one round's rounding serves for all; other inputs may round somewhat worse.
BOUND_MARGIN = 4.0
STUDENT, REFERENCE, BUILTIN, NOOP = "student", "reference", "builtin", "noop"

NOOP_SOURCE = """
import torch

kept = {}


def noop(device, forms, *args):
    key = str(forms)
    if key not in kept:
        kept[key] = tuple(
            torch.zeros(shape, dtype=getattr(torch, dtype), device=device) for dtype, shape in forms
        )
    return kept[key]
"""


# --- statistics ----------------------------------------------------------------------------------


def interval(log_ratios: Sequence[float], error: float) -> Interval:
    """The median ratio with a distribution-free interval for it, from the sign test.

    Order statistics k and n+1-k, with the largest k that holds `P(Bin(n, 1/2) < k) <= error / 2`
    (David and Nagaraja, "Order Statistics", section 7.1); no assumption on the noise but that
    rounds are exchangeable.
    """
    ordered = sorted(log_ratios)
    n = len(ordered)
    k, below = 0, 0.0
    while k < n // 2 and below + math.comb(n, k) / 2**n <= error / 2:
        below += math.comb(n, k) / 2**n
        k += 1
    low, high = (ordered[k - 1], ordered[n - k]) if k else (-math.inf, math.inf)
    return Interval(math.exp(median(ordered)), math.exp(low), math.exp(high))


def median(values: Sequence[float]) -> float:
    """The middle of the sorted values."""
    ordered = sorted(values)
    n = len(ordered)
    return (ordered[(n - 1) // 2] + ordered[n // 2]) / 2


def spread(values: Sequence[float]) -> float:
    """The interquartile range of the logarithms: how far apart two typical rounds are."""
    ordered = sorted(math.log(value) for value in values)
    n = len(ordered)
    return ordered[(3 * n) // 4] - ordered[n // 4]


@dataclass
class Rounds:
    """Seconds by worker kind, one entry a round."""

    seconds: dict[str, list[float]] = field(
        default_factory=lambda: {kind: [] for kind in (STUDENT, REFERENCE, BUILTIN, NOOP)}
    )

    def add(self, others: "Rounds") -> None:
        """Take the rounds of others as well."""
        for kind, seconds in others.seconds.items():
            self.seconds[kind] += seconds

    def add_round(self, seconds: dict[str, float]) -> None:
        """Take one round, of every kind that was in it."""
        for kind, each in seconds.items():
            self.seconds[kind].append(each)

    def work(self, kind: str) -> list[float]:
        """Seconds without the channel's cost. At least as many as one call of the channel commonly
        differs by from another, for less cannot be told apart; and a nanosecond, so that ratios
        exist."""
        channel = min(self.seconds[NOOP])  # what is more than this is the machine's noise
        least = max(median(self.seconds[NOOP]) - channel, 1e-9)
        return [max(seconds - channel, least) for seconds in self.seconds[kind]]

    def against(self, kind: str) -> Interval:
        """How many times as long the student's work takes as that of `kind`."""
        seen = self.ratios(kind)
        found = _interval_of(seen)
        # Of too few rounds for an interval, all that was seen.
        return found if math.isfinite(found.high) else replace(found, low=min(seen), high=max(seen))

    def ratios(self, kind: str) -> list[float]:
        """How many times as long as `kind`, round by round."""
        return [
            mine / other for mine, other in zip(self.work(STUDENT), self.work(kind), strict=True)
        ]


def _interval_of(ratios: Sequence[float]) -> Interval:
    return interval([math.log(ratio) for ratio in ratios], ERROR / len(LOOKS))


def decide(rounds: Rounds, limit: float, *, last: bool) -> tuple[TimingVerdict, str | None] | None:
    """The verdict after some rounds, with a reason where one is due; None: look again later."""
    pairs = zip(rounds.seconds[STUDENT], rounds.seconds[NOOP], strict=True)
    if _interval_of([mine / noop for mine, noop in pairs]).high < 1:
        return TimingVerdict.REVIEW, say("it came back sooner than an empty call does")
    if rounds.seconds[BUILTIN] and rounds.against(BUILTIN).high < NONSENSE:
        return TimingVerdict.REVIEW, say("it is more than ten times as fast as torch's own")
    ratio = rounds.against(REFERENCE)
    if ratio.high < limit:
        return TimingVerdict.OK, None
    if ratio.low > BAND * limit:
        return TimingVerdict.SLOW, None
    if not last:
        return None
    theirs = spread(rounds.seconds[REFERENCE])
    varies = spread(rounds.seconds[STUDENT]) > SPREAD_FLOOR + SPREAD_FACTOR * theirs
    # A crowded machine may give a right answer such a spread, but not such a sum.
    if varies and slow_in_all(rounds, BAND * limit):
        return TimingVerdict.SLOW, say("its own time varies too much from call to call")
    return TimingVerdict.INCONCLUSIVE, None


def slow_in_all(rounds: Rounds, limit: float) -> bool:
    """Whether the student's calls together take longer than `limit` times the reference's.

    So it is no use to be slow in some of them only.
    """
    return sum(rounds.work(STUDENT)) > limit * sum(rounds.work(REFERENCE))


def is_hopeless(rounds: Rounds, limit: float) -> bool:
    """Whether every round so far took the student many times the limit, and enough rounds did."""
    ratios = rounds.ratios(REFERENCE)
    return len(ratios) >= HOPELESS_AFTER and min(ratios) > HOPELESS * limit


def out_of_time(rounds: Rounds, limit: float) -> tuple[TimingVerdict, str]:
    """The verdict where the student's time for the property is used up before a look."""
    is_slow = slow_in_all(rounds, BAND * limit)
    verdict = TimingVerdict.SLOW if is_slow else TimingVerdict.INCONCLUSIVE
    count = len(rounds.seconds[STUDENT])
    if count == 1:
        return verdict, say("the time was up after one round")
    return verdict, say("the time was up after {count} rounds", count=count)


# --- the protocol --------------------------------------------------------------------------------


class Clock:
    """Times one submission. `measure` is the whole protocol.

    `limit` is the greatest ratio to the reference's time that earns the points. `device`: where;
    the student's own by default. Where it `may_fall_back`, what cannot be timed there for any
    reason is timed on the processor. `resident`: on a device, inputs wait there and results stay
    there while the clock runs (`grader.worker.resident`), where the task allows it.
    """

    def __init__(
        self,
        forkserver: Forkserver,
        student: Student,
        folder: Path,
        *,
        limit: float,
        device: str | None = None,
        may_fall_back: bool = False,
        resident: bool = False,
    ) -> None:
        self._forkserver = forkserver
        self._student = student
        self._reference = student.reference
        self._folder = folder
        self._limit = limit
        self._may_fall_back = may_fall_back
        self._resident = resident
        # No seed that can be known: whoever draws the inputs beforehand answers from a table.
        self._random = random.SystemRandom()
        self._sweep = torch.zeros(SWEEP_BYTES, dtype=torch.uint8)
        self.timing: Timing | None = None
        self.untimed: str | None = None  # why there is no timing, where none could be taken
        self._use(device or student.start.device)

    def _use(self, device: str) -> None:
        """Compute on this device from now on."""
        self._device = devices.named(device)
        # Larger inputs make more to print: what fits in the grading is nothing to fail for here.
        self._start = replace(self._student.start, device=device, drops_output=True)
        self._size("cpu", POOL_BYTES)

    def _size(self, sizes: str, pool_bytes: int) -> None:
        """Draw inputs of these sizes, which shared memories of so many bytes hold."""
        self._sizes = sizes
        self._start = replace(self._start, pool_bytes=pool_bytes)
        self._standby: Trusted | None = None
        self._described: dict[str, Any] = {}
        self._health: health.Reader = health.Health
        self._form: Any = None
        self._bounds: tuple[float, ...] = ()
        # Dtypes and shapes of what the reference gave: a no-op sends back as much.
        self._forms: list[tuple[str, tuple[int, ...]]] = []
        self._left = float(self._start.limits.property_seconds)
        self._unchecked: list[tuple[tuple[Any, ...], Any]] = []
        self._peaks: dict[str, int] = {}
        self._clocks: list[int] = []
        self._processes: list[int] = []
        self._discarded = 0
        self._so_far = Rounds()

    def measure(self) -> Timing | None:
        """Time the submission, and keep the result in `timing`; None, and the reason in `untimed`,
        where no time can be taken, which is not the submission's fault.

        Mismatch where an output is wrong, StudentRaised or WorkerFailure where there is none.
        """
        self._task = Task.load(self._folder)
        if (
            self._task.through is not None
        ):  # of a class, which is handed to a function that is given
            name, of = self._task.function, self._student.reference
            called = self._task.called(of.functions[name], of.given_by)
            self._reference = Reference({name: called}, of.given_by)
        if not self._device.is_apart:
            try:
                return self._measured_on_processor()
            except DeviceFailed as problem:
                self._say_untimed(f"{problem}")
                return None
        try:
            return self._measured_on_device()
        except (NoDevice, DeviceFailed, RuntimeError) as problem:
            reason = f"{problem}"
            # Nobody shall gain by filling the device, so that the reference has no memory there.
            is_beside = isinstance(problem, DeviceFull) and problem.is_beside
            if not self._may_fall_back and not is_beside:
                self._say_untimed(reason)
                return None
        except (Mismatch, StudentRaised, WorkerFailure) as problem:
            if not self._may_fall_back:
                raise
            reason = f"{problem}"
        device = self._device.name
        self._use("cpu")
        timing = self._measured_on_processor()
        said = say("on {device} it was not to be had: {reason}", device=device, reason=reason)
        if timing is not None and timing.reason is None:
            self.timing = replace(timing, reason=said)
        return self.timing

    def _measured_on_processor(self) -> Timing | None:
        """Time it there, with more shared memory where a course asks for more than is usual."""
        try:
            return self._measured()
        except PoolTooSmall:
            return self._measured_within("cpu", self._room("cpu").pool + ALIGNMENT)

    def _measured_within(self, sizes: str, pool_bytes: int) -> Timing | None:
        """Time it with inputs of these sizes in shared memories of so many bytes; or of twice as
        many, for a size that is drawn may be more than the task could say."""
        self._size(sizes, pool_bytes)
        try:
            return self._measured()
        except PoolTooSmall:
            self._size(sizes, 2 * pool_bytes)
            return self._measured()

    def _measured_on_device(self) -> Timing | None:
        """Time it with inputs as large as the device wants them, or smaller where it lacks the
        memory for those. DeviceFailed where it does not run there."""
        problem = DeviceFull("")
        for sizes in dict.fromkeys((self._device.sizes, SMALLEST)):
            room = self._room(sizes)
            if sizes != SMALLEST and WORKERS * (room.given + room.result) > _free_memory():
                continue
            try:
                return self._measured_within(sizes, max(POOL_BYTES, room.pool + ALIGNMENT))
            except DeviceFull as full:
                problem = full
        if problem.is_students:
            raise StudentRaised("OutOfMemoryError", str(problem))
        raise problem

    def _room(self, sizes: str) -> Room:
        """How much the task's tensors take."""
        try:
            of = self._student.reference
            return self._task.room(of.functions, sizes, of.given_by)
        except Exception:  # a reference that cannot do without values
            return UNKNOWN

    def _say_untimed(self, reason: str) -> None:
        self.untimed = say(
            "The running time could not be taken on {device}: {reason}. That costs no point.",
            device=self._device.name,
            reason=reason.split("\n")[0].rstrip("."),
        )

    def _measured(self) -> Timing | None:
        self._left = float(self._start.limits.property_seconds)
        rounds, verdict, reason = self._tried()
        slow = verdict is TimingVerdict.SLOW
        if slow and rounds.against(REFERENCE).ratio < CLEAR * self._limit:
            # How the memory of a process lies may cost half as much again: are others slow too?
            self._left = float(self._start.limits.property_seconds)
            again, second, _ = self._tried()
            rounds.add(again)
            if second is not TimingVerdict.SLOW:
                verdict, reason = second, None
        self.timing = self._timing(rounds, verdict, reason)
        return self.timing

    def _tried(self) -> tuple[Rounds, TimingVerdict, str | None]:
        """The rounds of fresh workers, and what they say."""
        crowd: dict[str, list[Worker]] = {}
        try:
            with self._student.paused():
                self._begin_trusted()
                if hopeless := self._gather(crowd):
                    return hopeless, TimingVerdict.SLOW, None
                rounds, verdict, reason = self._rounds(crowd)
        except WorkerHung:
            self._check_all()  # if it is wrong as well, that comes first
            raise
        except DeviceBusy:
            return self._busy(crowd)
        except DeviceFull as full:
            full.is_beside = bool(crowd.get(STUDENT)) and not full.is_students
            raise
        else:
            if strays := self._strays(crowd[STUDENT]):
                verdict = TimingVerdict.REVIEW
                reason = say("it keeps {count} processes running beside it", count=strays)
            return rounds, verdict, reason
        finally:
            for worker in itertools.chain.from_iterable(crowd.values()):
                worker.close()
            self._forkserver.expect(0)
            if self._standby is not None:
                self._standby.close()
                self._standby = None

    def _begin_trusted(self) -> None:
        """Have somebody who is trusted on the device, where the clock is on one."""
        if not self._device.is_apart:
            return
        start = self._trusted(self._source_of_reference(), self._task.function)
        start = replace(start, pool_bytes=2 * start.pool_bytes)  # for float64, too
        self._standby = Trusted(
            self._forkserver, start, self._task, float(self._start.limits.property_seconds)
        )
        self._described = self._standby.described
        self._health = health.reader(self._device.name, self._described)

    def _busy(self, crowd: dict[str, list[Worker]]) -> tuple[Rounds, TimingVerdict, str | None]:
        """Whose work keeps the device busy: the student's, where it ends with them."""
        assert self._standby is not None
        for worker in crowd.get(STUDENT, []):
            worker.close()
        try:
            self._standby.wait(ENDED_SECONDS)
        except DeviceBusy:
            raise DeviceFailed(say("another program keeps it busy")) from None
        if not crowd.get(STUDENT):
            raise DeviceFailed(say("another program keeps it busy"))
        self._check_all()
        reason = say("it keeps the device busy after it has answered")
        return self._so_far, TimingVerdict.REVIEW, reason

    def hold(self) -> None:
        """Time the submission; Mismatch where it is too slow, or too good to be believed."""
        try:
            timing = self.measure()
        except WorkerHung:
            seconds = self._start.limits.property_seconds
            message = say(
                "Too slow to be timed: the calls that warm it up took over {seconds} seconds.",
                seconds=seconds,
            )
            submission = self._student.submission
            message += "\n" + loops.advice(submission.source, submission.where, submission.line)
            raise Halt(PropertyStatus.FAILED, message) from None
        except WorkerFailure as failure:
            raise Halt(PropertyStatus.ERROR, str(failure)) from None
        if timing is None:
            return
        if timing.verdict is TimingVerdict.REVIEW:
            raise Mismatch(timing.in_words)
        if timing.verdict is TimingVerdict.SLOW:
            submission = self._student.submission
            raise Mismatch(
                say("Your code is too slow.")
                + "\n"
                + loops.advice(submission.source, submission.where, submission.line)
            )

    def _source_of_reference(self) -> str:
        return (self._folder / "reference.py").read_text(encoding="utf-8")

    def _trusted(self, source: str, function: str) -> Start:
        """How a worker of the judge's own is started."""
        return replace(
            self._start, forbidden=[], filename="trusted.py", source=source, functions=[function]
        )

    def _gather(self, crowd: dict[str, list[Worker]]) -> Rounds | None:
        """Identical workers for all kinds, loaded, and warmed with inputs of their own.

        The calls that warmed them where no more are needed to see that the student's is too slow.
        """
        warm = self._so_far = Rounds()
        sources = {
            REFERENCE: (self._source_of_reference(), self._task.function),
            NOOP: (NOOP_SOURCE, NOOP),
        }
        if hasattr(self._task.module, BUILTIN):
            sources[BUILTIN] = (self._task.source, BUILTIN)
        starts = {kind: [self._trusted(*source)] for kind, source in sources.items()}
        starts[STUDENT] = [self._start] * STUDENT_PROCESSES
        self._forkserver.expect(sum(map(len, starts.values())))
        for kind, each in starts.items():
            crowd[kind] = []
            for start in each:
                worker = Worker(self._forkserver, start)
                crowd[kind].append(worker)
                self._answer(kind, partial(worker.load, self._left))
                for _ in range(WARM_UPS):
                    args = self._inputs()
                    seconds, output = self._timed(kind, worker, args)
                    warm.seconds[kind].append(seconds)
                    if kind == REFERENCE and not self._task.in_place:
                        self._forms = [(NAMES[t.dtype], tuple(t.shape)) for t in leaves(output)]
                    if kind == STUDENT:
                        self._unchecked.append((args, output))
                if kind == STUDENT:
                    slowest = max(warm.seconds[REFERENCE])
                    if min(warm.seconds[STUDENT]) > HOPELESS_AT_ONCE * self._limit * slowest:
                        self._check_all()  # if it is wrong as well, that comes first
                        return warm
                self._stop(kind, worker)
                self._wait_for_device()
        return None

    def _stop(self, kind: str, worker: Worker) -> None:
        """Have a worker stand still before it is another's turn; WorkerFailure where the student's
        does not."""
        began = time.perf_counter()
        is_still = worker.stop()
        if kind == STUDENT:
            self._left -= time.perf_counter() - began
            if not is_still:
                raise WorkerFailure(
                    say("After its answer your code goes on with something that cannot be stopped.")
                )

    def _wait_for_device(self) -> float:
        """Wait until the device has done what it was asked for; the seconds that it took."""
        return self._standby.wait() if self._standby is not None else 0.0

    def _inputs(self) -> tuple[Any, ...]:
        return self._task.inputs(self._random.getrandbits(48), self._sizes)

    def _ask(self, kind: str, worker: Worker, message: dict[str, Any]) -> dict[str, Any]:
        return self._answer(kind, partial(worker.request, message, self._left))

    def _answer(self, kind: str, ask: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """A reply with a value in it; what a student's raised is theirs, any other's is ours."""
        if kind != STUDENT:
            with of_ours():
                return answered(kind, ask())
        reply = ask()
        if self._device.is_apart and is_full(reply.get("raised")):
            raise DeviceFull(
                say("your code runs out of the memory of {device}", device=self._device.name),
                is_students=True,
            )
        return self._student.answer(reply)

    def _rounds(self, crowd: dict[str, list[Worker]]) -> tuple[Rounds, TimingVerdict, str | None]:
        rounds = Rounds()
        throttled = Rounds()
        while True:
            number = len(rounds.seconds[STUDENT]) + 1
            turn = number + self._discarded
            args = self._inputs()
            this: dict[str, float] = {}
            for kind in self._random.sample(list(crowd), len(crowd)):
                worker = crowd[kind][turn % len(crowd[kind])]
                worker.go_on()
                self._evict(kind, worker)
                this[kind], output = self._timed(kind, worker, args)
                self._stop(kind, worker)
                # What goes on after the answer is a part of its time, and not of anybody else's.
                waited = self._wait_for_device()
                this[kind] += waited
                if kind == STUDENT:
                    self._left -= waited
                    self._unchecked.append((args, output))
            if self._is_throttled():
                self._discarded += 1
                throttled.add_round(this)
                if is_hopeless(throttled, self._limit):
                    self._check_all()
                    return throttled, TimingVerdict.SLOW, None
                if self._discarded < MOST_DISCARDED and self._left > this[STUDENT]:
                    continue
                self._check_all()
                raise DeviceFailed(say("it slows itself down (heat or power)"))
            rounds.add_round(this)
            self._so_far = rounds
            if number in LOOKS:
                self._check_all()
                if verdict := decide(rounds, self._limit, last=number == LOOKS[-1]):
                    return rounds, *verdict
            elif is_hopeless(rounds, self._limit):
                self._check_all()
                return rounds, TimingVerdict.SLOW, None
            elif self._left < max(rounds.seconds[STUDENT]):
                self._check_all()
                return rounds, *out_of_time(rounds, self._limit)

    def _is_throttled(self) -> bool:
        """Whether the device says that it runs slower than it could; its clock is noted."""
        state = self._health()
        if state.clock is not None:
            self._clocks.append(state.clock)
        if state.processes is not None:
            self._processes.append(state.processes)
        return bool(state.throttled)

    def _evict(self, kind: str, worker: Worker) -> None:
        """Leave nothing of the last call in a cache, the device's included."""
        self._sweep.add_(1)  # meanwhile the worker is back at its channel
        if self._device.is_apart:
            self._ask(kind, worker, {"op": "evict"})

    def _timed(self, kind: str, worker: Worker, args: tuple[Any, ...]) -> tuple[float, Any]:
        """Seconds of one call, and its output as it was when the clock stopped.

        Before the clock starts the room for outputs is poisoned; after it has stopped the inputs
        are compared with what was given.
        """
        function = self._task.function if kind in (STUDENT, REFERENCE) else kind
        given = (self._device.name, self._forms, *args) if kind == NOOP else args
        if self._is_resident:
            return self._timed_resident(kind, worker, function, given)
        pool = worker.pool
        pool.bytes[pool.half : pool.half + SWEEP_BYTES].fill_(255)
        began = time.perf_counter()
        try:
            placed = pool.put(given, 0)
        except FrameError:
            raise PoolTooSmall from None
        call = {"op": "timed", "function": function, "args": placed}
        if self._task.made is not None and kind in (STUDENT, REFERENCE):
            call["made"] = self._task.made
        if self._task.through is not None and kind in (STUDENT, REFERENCE):
            call["through"] = self._task.through
        reply = self._ask(kind, worker, call)
        inputs = pool.take(placed)
        if self._task.in_place:
            output: Any = [None if t.grad is None else t.grad.clone() for t in leaves(inputs)]
        else:
            output = _copied(pool, reply.get("value"))
        seconds = time.perf_counter() - began
        self._note_peak(kind, reply)
        if kind == STUDENT:
            self._left -= seconds
            if not self._task.in_place and not tensors_equal(given, inputs):
                raise Mismatch(say("Your code changes its inputs while it is being timed."))
        return seconds, output

    def _timed_resident(
        self, kind: str, worker: Worker, function: str, given: tuple[Any, ...]
    ) -> tuple[float, Any]:
        """The same without the bus: see `grader.worker.resident`."""
        pool = worker.pool
        keys = [self._random.getrandbits(resident.KEY_BITS) for _ in range(resident.KEYS)]
        used = sum(t.nbytes + -t.nbytes % ALIGNMENT for t in leaves(given))
        if used > pool.half:
            raise PoolTooSmall
        # Masked before they are anywhere that a submission sees.
        private = Pool(mmap.mmap(-1, 2 * max(used, ALIGNMENT)), 2 * max(used, ALIGNMENT))
        placed = private.put(given, 0)
        masked = resident.mask(private.bytes[:used].view(torch.int64), keys)
        pool.bytes[:used].view(torch.int64).copy_(masked)
        publish = {"op": "publish", "args": placed, "used": used}
        self._ask(kind, worker, publish)
        self._evict(kind, worker)
        pool.bytes[pool.half : pool.half + SWEEP_BYTES].fill_(255)
        call = {"op": "resident", "function": function, "keys": keys}
        began = time.perf_counter()
        reply = self._ask(kind, worker, call)
        seconds = time.perf_counter() - began
        fetched = self._ask(kind, worker, {"op": "fetch"})
        output = _copied(pool, fetched["value"])
        self._note_peak(kind, reply)
        if kind == STUDENT:
            self._left -= seconds
            if resident.digest(leaves(output), keys) != reply["digest"]:
                raise Mismatch(
                    say("Your result is not what it was when the clock stopped: it came later.")
                )
        return seconds, output

    def _note_peak(self, kind: str, reply: dict[str, Any]) -> None:
        peak = reply.get("peak_bytes")
        if type(peak) is int:
            self._peaks[kind] = max(peak, self._peaks.get(kind, 0))

    def _check_all(self) -> None:
        """Hold what came back since the last look. The time tells nothing of what is wrong."""
        for args, output in self._unchecked:
            try:
                self._check(args, output)
            except Mismatch as mismatch:
                raise mismatch.with_line(
                    say(
                        "It shows with the larger inputs that are timed;"
                        " it is the values that are wrong here, not the time."
                    )
                ) from None
        self._unchecked.clear()

    def _check(self, args: tuple[Any, ...], output: Any) -> None:
        """Hold one output, in full, against float64 truth."""
        if self._task.within is not None:
            agree(output, self._observed(args).form, within=self._task.within)
            return
        if self._form is None:
            expected = self._observed(args)
            self._form = expected.form
            self._bounds = tuple(BOUND_MARGIN * bound for bound in expected.bounds)
            truth = expected.truth
        else:
            call = Invocation(self._task.function, args)
            truth = self._truth(converted(call, _double).args)
        agree(output, Expected(self._form, truth, self._bounds))

    @property
    def _is_resident(self) -> bool:
        """Whether inputs wait on the device: where it is asked for, and the task is a call of a
        function, which leaves its inputs alone."""
        task = self._task
        plain = not task.in_place and task.made is None and task.through is None
        return self._resident and self._device.is_apart and plain

    @property
    def _computes_beside(self) -> bool:
        """Whether truth is computed on the device: in time where inputs are as large as there."""
        is_of_a_class = self._task.made is not None or self._task.through is not None
        plain = not is_of_a_class and not self._task.in_place and self._task.within is None
        return plain and self._standby is not None and self._device.holds_doubles

    def _truth(self, args: tuple[Any, ...]) -> Any:
        """What is right, of arguments in float64."""
        if self._computes_beside:
            assert self._standby is not None
            return self._standby.value(args)
        return self._observed(args).truth

    def _observed(self, args: tuple[Any, ...]) -> Expected:
        if self._computes_beside:
            assert self._standby is not None
            return self._standby.expected(args)
        function = getattr(self._reference, self._task.function)
        if self._task.made is not None:
            return self._called(function, args)
        if not self._task.in_place:
            return function(*args)  # type: ignore[no-any-return]
        changes: Expected = function.changes(*args)
        grads = slice(1, None, 2)  # value, gradient, value, gradient, ...
        return Expected(
            [grad for _, grad in changes.form],
            [grad for _, grad in changes.truth],
            changes.bounds[grads],
        )

    def _called(self, maker: Any, args: tuple[Any, ...]) -> Expected:
        """What an object of the reference's gives."""
        assert self._task.made is not None
        self._reference.forget()
        arguments, options = self._task.made
        weights, *inputs = args
        made = maker(*arguments, **options).to(next(iter(weights.values())).dtype)
        made.load_state_dict(weights)
        found: Expected = made(*inputs)
        return found

    def _strays(self, students: list[Worker]) -> int:
        """Processes of the student's that are not the workers themselves."""
        count = self._forkserver.strays()
        for worker in students:
            for children in Path(f"/proc/{worker.pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    count += len(children.read_text().split())
        return count

    def _timing(self, rounds: Rounds, verdict: TimingVerdict, reason: str | None) -> Timing:
        has_builtin = bool(rounds.seconds[BUILTIN])
        believed = verdict is not TimingVerdict.REVIEW
        return Timing(
            device=self._start.device,
            verdict=verdict,
            limit=self._limit,
            student_ms=median(rounds.work(STUDENT)) * 1e3 if believed else None,
            reference_ms=median(rounds.work(REFERENCE)) * 1e3,
            builtin_ms=median(rounds.work(BUILTIN)) * 1e3 if has_builtin else None,
            vs_reference=rounds.against(REFERENCE) if believed else None,
            vs_builtin=rounds.against(BUILTIN) if believed and has_builtin else None,
            rounds=len(rounds.seconds[STUDENT]),
            peak_mib={kind: peak / 2**20 for kind, peak in self._peaks.items()} or None,
            reason=reason,
            on_device=self._on_device(rounds) if self._device.is_apart else None,
        )

    def _on_device(self, rounds: Rounds) -> OnDevice:
        """What a sceptic asks of a time that was taken on a device."""
        share = [
            noop / whole
            for noop, whole in zip(rounds.seconds[NOOP], rounds.seconds[REFERENCE], strict=True)
        ]
        return OnDevice(
            title=str(self._described.get("title", self._device.name)),
            transfer=round(min(1.0, median(share)), 3),
            is_smaller=self._sizes != self._device.sizes,
            clocks_mhz=(min(self._clocks), max(self._clocks)) if self._clocks else None,
            discarded=self._discarded,
            processes=max(self._processes, default=None),
        )


def _free_memory() -> float:
    """Bytes that shared memories may take; boundless where the system does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return MOST_OF_MEMORY * int(line.split()[1]) * 1024
    return math.inf


def _copied(pool: Pool, value: Any) -> Any:
    try:
        return pool.copies(value)
    except FrameError:
        message = say("Your code disturbed the channel that results travel on.")
        raise Mismatch(message) from None


def _double(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor
