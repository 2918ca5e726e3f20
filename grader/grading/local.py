"""The engine of one machine: several judges, each with its own workers."""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Self

from grader.errors import UsageError
from grader.grading.engine import Begin, Graded, Reply, Task, without_grading
from grader.judge.processes.origin import Origin, begin
from grader.language import say
from grader.report import PropertyResult, Report, Status, Trained
from grader.systems.here import SYSTEM

TRIES = 2
LIFETIME = 100  # tasks, after which a judge is replaced, whatever has gathered in its memory
START_SECONDS = 120.0  # torch may come from a slow disk
TICK_SECONDS = 1.0


@dataclass
class _Trial:
    """A task, and how often a judge has taken it."""

    task: Task
    tries: int = 0


class LocalEngine:
    """Judges on this machine, `jobs` at a time. What they print goes to the file `log`, or with
    None to standard error. `progress` is called with each property that was tried, `tick` once in
    every second in which nothing was said.

    Judge and worker take turns. While they wait they watch the channel closely where `spins`, which
    makes a call faster where there is a core for each, and takes a core from others elsewhere; by
    default, where there are as many cores, and nobody else has them.
    """

    def __init__(
        self,
        jobs: int = 1,
        log: str | None = os.devnull,
        spins: bool | None = None,
        progress: Callable[[PropertyResult | Trained], None] = lambda _: None,
        tick: Callable[[], None] | None = None,
    ) -> None:
        self._jobs = jobs
        self._log = log
        self._progress = progress
        self._tick = tick
        self._spins = SYSTEM.has_free_cores(2 * jobs) if spins is None else spins
        self._judges: list[_Judge] = []
        self._stillborn = 0
        self._origin: Origin | None = None

    def warm_up(self) -> None:
        """Start a judge, before there is work for it."""
        self._start(1)

    def run(self, tasks: Iterable[Task]) -> Iterator[Graded]:
        """Grade the tasks, each as soon as a judge is free. See `Engine.run`."""
        waiting = deque(_Trial(task) for task in tasks)
        self._give(waiting)
        try:
            while waiting or any(judge.trial for judge in self._judges):
                done = []
                for judge in self._awaited():
                    trial = judge.trial
                    reply = judge.reply()
                    if isinstance(reply, PropertyResult | Trained):
                        self._progress(reply)
                        continue
                    judge.trial = None
                    if reply is None or reply.is_worn or judge.tasks >= LIFETIME:
                        self._discard(judge)
                    if trial is None:
                        self._begun(reply)
                    elif (report := self._settled(trial, judge, reply)) is None:
                        waiting.append(trial)
                    else:
                        script = reply.script if reply else None
                        done.append(Graded(trial.task.number, report, trial.tries, script))
                self._give(waiting)  # whoever takes the results may need a moment for each
                yield from done
        finally:
            for judge in [judge for judge in self._judges if judge.trial]:
                self._discard(judge)

    def _give(self, waiting: deque[_Trial]) -> None:
        """Start the judges that there is work for, and give it to those that are free."""
        busy = sum(judge.trial is not None for judge in self._judges)
        self._start(busy + len(waiting))
        for judge in self._judges:
            if waiting and judge.is_free:
                judge.take(waiting.popleft())

    def _start(self, wanted: int) -> None:
        """Have as many judges as are wanted, within the bounds."""
        for _ in range(min(self._jobs, wanted) - len(self._judges)):
            if self._origin is None:
                self._origin = begin()
            self._judges.append(_Judge(self._origin, Begin(os.getcwd(), self._log, self._spins)))

    def _awaited(self) -> "list[_Judge]":
        """The judges that have something to say, have ended, or are over their time."""
        awaited = [judge for judge in self._judges if not judge.is_free]
        soonest = min(judge.deadline for judge in awaited)
        while True:
            left = max(0.0, soonest - time.monotonic())
            patience = left if self._tick is None else min(TICK_SECONDS, left)
            ready = wait([judge.connection for judge in awaited], patience)
            now = time.monotonic()
            if ready or self._tick is None or soonest <= now:
                break
            self._tick()
        return [j for j in awaited if j.connection in ready or j.deadline <= now]

    def _begun(self, reply: Reply | None) -> None:
        self._stillborn = 0 if reply else self._stillborn + 1
        if self._stillborn > self._jobs:
            raise UsageError(
                "The processes that grade end before they have begun.",
                "`grade doctor` says what this machine has"
                + (f"; they wrote to {self._log}." if self._log not in (None, os.devnull) else "."),
            )

    def _settled(self, trial: _Trial, judge: "_Judge", reply: Reply | None) -> Report | None:
        """The report of a task, None where it is to be tried again."""
        if reply is not None and reply.refusal is not None:
            raise reply.refusal
        if reply is not None and reply.report is not None and not reply.is_worn:
            return reply.report
        if trial.tries < TRIES:
            return None
        if reply is not None and reply.report is not None:
            return reply.report
        return _blamed(trial.task, judge, reply)

    def _discard(self, judge: "_Judge") -> None:
        judge.close()
        self._judges.remove(judge)

    def close(self) -> None:
        """End all judges, and what they are at."""
        for judge in list(self._judges):
            self._discard(judge)
        if self._origin is not None:
            self._origin.close()
            self._origin = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _blamed(task: Task, judge: "_Judge", reply: Reply | None) -> Report:
    """The report of what was tried as often as may be: the submission's own fault where its judge
    did not live to say otherwise."""
    status, next_step = Status.FAILED, None
    if reply is not None:
        status = Status.UNGRADED
        reason = say(
            "The grader itself is at fault here, not your code; please report it: {error}",
            error=reply.fault,
        )
    elif judge.was_late:
        reason = say(
            "Your code was not graded within {seconds} seconds, each time that it was tried.",
            seconds=round(task.most_seconds),
        )
    else:
        reason = say(
            "Your code ended the process that grades it ({how}), each time that it was tried.",
            how=judge.end,
        )
    if reply is None:
        next_step = say(
            "Grade it at your own machine (grade exercise {number}), and ask your teacher.",
            number=task.exercise.number,
        )
    found = task.submission
    return without_grading(
        task.exercise, str(found.path), found.sha256, status, reason, next_step, seed=task.seed
    )


class _Judge:
    """The driver's hold on one judge."""

    def __init__(self, origin: Origin, begin: Begin) -> None:
        self._process = origin.judge("grader.grading.judging")
        self.connection = self._process.connection
        with suppress(OSError):  # it has ended, which its reply will say
            self.connection.send(begin)
        self._has_begun = False
        self.trial: _Trial | None = None
        self.tasks = 0
        self.was_late = False
        self.deadline = time.monotonic() + START_SECONDS

    @property
    def is_free(self) -> bool:
        """Whether it waits for a task."""
        return self._has_begun and self.trial is None

    def take(self, trial: _Trial) -> None:
        """Give it a task."""
        trial.tries += 1
        self.tasks += 1
        self.trial = trial
        self.deadline = time.monotonic() + trial.task.most_seconds
        with suppress(OSError):  # it has ended, which its reply will say
            self.connection.send(trial.task)

    def reply(self) -> Reply | PropertyResult | Trained | None:
        """What it says, None where it has ended or is over its time."""
        if not self.connection.poll():
            self.was_late = True
            return None
        try:
            reply: Reply | PropertyResult | Trained = self.connection.recv()
        except (EOFError, OSError):
            return None
        self._has_begun = True
        return reply

    @property
    def end(self) -> str:
        """How it ended, in a word."""
        code = self._process.join(1)
        if code is not None and code < 0:
            with suppress(ValueError):
                return signal.Signals(-code).name
        return f"exit code {code}"

    def close(self) -> None:
        """End it; its workers end with it."""
        self.connection.close()
        if self._has_begun and not (self.was_late or self.trial):
            self._process.join(5)
        self._process.close()


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
