"""The engine of a Ray cluster: judges on its nodes, each with its own workers.

The driver alone keeps results. A judge is an actor that grades one task at a time; when its process
or its node is lost, the task goes to another.
"""

import contextlib
import math
import os
import re
import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from grader.errors import UsageError
from grader.grading import keys, node
from grader.grading.engine import Graded, Task, without_grading
from grader.grading.local import START_SECONDS, TRIES, environment
from grader.grading.node import Answer, Identity, NodeJudge
from grader.language import say
from grader.report import Report, Status

LOSSES = 3  # of judges with the same task, before it is given up
STILLBORN = 3  # judges that end before they have begun, one after the other
CONNECT_SECONDS = 5.0
PATIENCE_SECONDS = 30.0
INSTALL = "Install the same versions of grade, torch and Python on each node as here."
JOIN = "It needs Ray's and Python's versions from here; with tokens, set RAY_AUTH_MODE=token."
START_ONE = "Start one with `ray start --head`; without --address, grade starts one of its own."


@dataclass
class _Trial:
    """A task, and how many judges were lost with it."""

    task: Task
    losses: int = 0


@dataclass
class _Judge:
    """The driver's hold on one judge. `node` is where it must be, where that is not all the same;
    `trial` is None while it begins, and while it is free."""

    actor: Any
    node: str | None
    host: str = ""
    trial: _Trial | None = None
    deadline: float = math.inf


@dataclass(frozen=True)
class _Needs:
    """What the tasks of a run ask of a node. Whoever is timed has the GPU, or else the node, to
    itself."""

    cuda: bool
    timing: bool

    @property
    def whole_node(self) -> bool:
        """Whether a judge takes all processors of a node."""
        return self.timing and not self.cuda


class RayEngine:
    """Judges on a Ray cluster, as many at a time as it has processors (GPUs, where the tasks
    compute there), and no more than `jobs`. What they print is appended to the file `log`; `tell`
    is called with what the person who waits should know."""

    def __init__(
        self,
        address: str | None = None,
        jobs: int | None = None,
        log: str = os.devnull,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """UsageError within seconds where there is no cluster at the address."""
        self._most = jobs or sys.maxsize
        self._log = Path(log)
        self._tell = tell
        self._free: list[_Judge] = []
        self._busy: dict[Any, _Judge] = {}  # by the reference to what each will say
        self._files: dict[tuple[Path, str], tuple[str, Any]] = {}  # of exercises: digest, reference
        self._needs = _Needs(cuda=False, timing=False)
        self._stillborn = 0
        self._waited = False
        self._log.touch()
        # Otherwise Ray prints to the screen whatever happens in the cluster, and knows no option.
        ray._private.worker.print_to_stdstream = self._note
        _connect(address)
        self._class = ray.remote(NodeJudge)

    def run(self, tasks: Iterable[Task]) -> Iterator[Graded]:
        """Grade the tasks, each as soon as a judge is free. See `Engine.run`."""
        waiting = deque(_Trial(task) for task in self._placed(tasks))
        try:
            self._give(waiting)
            while waiting or any(judge.trial for judge in self._busy.values()):
                done = []
                for judge, answer in self._answers():
                    trial, judge.trial = judge.trial, None
                    if isinstance(answer, Answer | Identity):
                        self._free.append(judge)
                    if trial is None:
                        self._begun(judge, answer)
                    elif (graded := self._settled(trial, judge, answer)) is None:
                        waiting.append(trial)
                    else:
                        done.append(graded)
                self._give(waiting)  # whoever takes the results may need a moment for each
                yield from done
        finally:
            self._end_judges()

    def _placed(self, tasks: Iterable[Task]) -> list[Task]:
        """The tasks, with the device that they will have here."""
        given = list(tasks)
        there = ray.cluster_resources().get("GPU", 0) >= 1
        if not there and any(task.device not in ("auto", "cpu") for task in given):
            raise UsageError(
                "No node of the Ray cluster has a GPU.",
                "Leave --device out, or start a node that has one.",
            )
        # What is not timed is computed by the processor, where nobody asks for another device.
        placed = [
            replace(task, device="cpu")
            if task.device == "auto" and not (there and task.speed)
            else task
            for task in given
        ]
        self._needs = _Needs(
            cuda=any(task.device != "cpu" for task in placed),
            timing=any(task.speed for task in placed),
        )
        return placed

    def _give(self, waiting: deque[_Trial]) -> None:
        """Start the judges that there is work and room for, and give it to those that are free."""
        while waiting and self._free:
            self._hand(self._free.pop(), waiting.popleft())
        beginning = sum(judge.trial is None for judge in self._busy.values())
        for place, options in self._places():
            if beginning >= len(waiting) or len(self._busy) + len(self._free) >= self._most:
                return
            # What is tried again is for the driver to decide.
            actor = self._class.options(max_restarts=0, max_task_retries=0, **options)
            judge = _Judge(actor.remote(spins=None if self._needs.whole_node else False), place)
            self._busy[judge.actor.identity.remote()] = judge
            beginning += 1

    def _places(self) -> Iterator[tuple[str | None, dict[str, Any]]]:
        """Where there is room for another judge, and what it asks for there."""
        judges = [*self._busy.values(), *self._free]
        nodes = {n["NodeID"]: n["Resources"] for n in ray.nodes() if n["Alive"]}
        if self._needs.whole_node:
            for name in nodes.keys() - {judge.node for judge in judges}:
                if (cores := int(nodes[name].get("CPU", 0))) >= 1:
                    there = NodeAffinitySchedulingStrategy(name, soft=False)
                    yield name, {"num_cpus": cores, "scheduling_strategy": there}
            return
        what = "GPU" if self._needs.cuda else "CPU"
        room = sum(int(resources.get(what, 0)) for resources in nodes.values())
        for _ in range(room - len(judges)):
            yield None, {"num_cpus": 1, "num_gpus": int(self._needs.cuda)}

    def _hand(self, judge: _Judge, trial: _Trial) -> None:
        task = trial.task
        name = task.exercise.course, task.exercise.slug
        if name not in self._files:
            self._files[name] = keys.of_exercise(task.exercise), ray.put(node.packed(task))
        judge.trial = trial
        judge.deadline = time.monotonic() + TRIES * (START_SECONDS + task.most_seconds)
        self._busy[judge.actor.grade.remote(task, *self._files[name])] = judge

    def _answers(self) -> Iterator[tuple[_Judge, Answer | Identity | RayError]]:
        """The judges that have something to say, and those that are lost, with the error."""
        ready, _ = ray.wait(list(self._busy), timeout=PATIENCE_SECONDS)
        if not ready and not self._waited and all(j.trial is None for j in self._busy.values()):
            self._waited = True
            self._tell("Waiting for a free place on the Ray cluster.")
        now = time.monotonic()
        for reference in [r for r, judge in self._busy.items() if judge.deadline <= now]:
            if reference not in ready:  # its own limits should have ended it long ago
                ray.kill(self._busy[reference].actor)
                ready.append(reference)
        for reference in ready:
            judge = self._busy.pop(reference)
            try:
                yield judge, ray.get(reference)
            except RayError as error:
                ray.kill(judge.actor)
                yield judge, error

    def _begun(self, judge: _Judge, answer: Answer | Identity | RayError) -> None:
        """A judge is there, or was lost before. UsageError where its node has another engine."""
        if isinstance(answer, Identity):
            self._stillborn = 0
            judge.host = answer.host
            _check(answer)
            return
        self._stillborn += 1
        if "No module named 'grader" in str(answer):
            raise UsageError("A node of the Ray cluster lacks this version of grade.", INSTALL)
        if self._stillborn >= STILLBORN:
            raise UsageError(
                f"The processes that grade end before they have begun. {_cause(answer)}",
                "`grade doctor`, run on a node, says what it has.",
            )

    def _settled(
        self, trial: _Trial, judge: _Judge, answer: Answer | Identity | RayError
    ) -> Graded | None:
        """The result of a task, None where it is to be tried again."""
        if isinstance(answer, Answer):
            self._write(answer.log)
            if answer.refusal is not None:
                problem = f"On the node {judge.host}: {answer.refusal.problem}"
                raise UsageError(problem, answer.refusal.advice)
            assert answer.graded is not None
            return replace(answer.graded, tries=answer.graded.tries + trial.losses)
        trial.losses += 1
        cause = _cause(answer)
        is_over = trial.losses >= LOSSES
        then = "has no verdict" if is_over else "is tried again"
        self._tell(f"Lost the judge on {judge.host} ({cause}); what it was at {then}.")
        if not is_over:
            return None
        return Graded(trial.task.number, _given_up(trial, cause), trial.losses)

    def _note(self, news: dict[str, Any], *_: object, **__: object) -> None:
        self._write("\n".join([*news["lines"], ""]))

    def _write(self, text: str) -> None:
        with self._log.open("a", encoding="utf-8") as log:
            log.write(text)

    def _end_judges(self) -> None:
        """End all judges, and what they are at."""
        for judge in [*self._busy.values(), *self._free]:
            ray.kill(judge.actor)
        self._busy.clear()
        self._free.clear()

    def close(self) -> None:
        """Leave the cluster, and end it where it was started here."""
        ray.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _given_up(trial: _Trial, cause: str) -> Report:
    """The report of a task that was lost too often: no verdict, for it may be no fault of its."""
    reason = say(
        "The machine that graded this was lost {count} times ({cause}).",
        count=trial.losses,
        cause=cause,
    )
    task, found = trial.task, trial.task.submission
    return without_grading(
        task.exercise,
        str(found.path),
        found.sha256,
        Status.UNGRADED,
        reason,
        seed=task.seed,
    )


def _cause(error: object) -> str:
    """What Ray says of a loss, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if any("low on memory" in line for line in lines):
        return "its node ran low on memory"
    # Of many that name the actor, the last gives the reason, and its first clause is for people.
    return re.split(r"[.:] ", lines[-1].removesuffix("."))[0] if lines else type(error).__name__


def _check(there: Identity) -> None:
    """UsageError where a node would not find what this machine finds."""
    here = node.identity()
    if there == here:
        return
    if there.engine != here.engine:
        differs = f"{there.engine}, and this machine {here.engine}"
    else:
        differs = f"another {there.engine} than this machine: its files differ"
    raise UsageError(f"The node {there.host} of the Ray cluster has {differs}.", INSTALL)


def _connect(address: str | None) -> None:
    """Join the cluster at the address, or the one that Ray finds, or start one here."""
    there = find(address)
    at = f" at {there}" if there else ""
    # A class is nobody's statistics; and whatever lies in the working directory is not to be
    # imported on the nodes.
    path = os.pathsep.join(each for each in sys.path if each)
    with environment(PYTHONPATH=path, RAY_USAGE_STATS_ENABLED="0"), contextlib.chdir("/"):
        try:
            ray.init(there, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        except (RuntimeError, ValueError, OSError, ImportError) as error:
            raise UsageError(
                f"The Ray cluster{at} cannot be joined. {' '.join(str(error).split())}",
                JOIN,
            ) from None


def find(address: str | None) -> str | None:
    """What to tell Ray: the address, None for the cluster that it finds, or "local" to start one.

    UsageError where nobody listens at the address; Ray itself would try for minutes.
    """
    if address := address or os.environ.get("RAY_ADDRESS"):
        if refusal := _refusal(address):
            raise UsageError(f"There is no Ray cluster at {address}: {refusal}.", START_ONE)
        return address
    # What `ray start` has noted down stays there when the cluster is gone.
    noted: str | None = ray._private.services.find_bootstrap_address(None)
    return None if noted and not _refusal(noted) else "local"


def _refusal(address: str) -> str | None:
    """Why nobody answers there; None where somebody does, or the address is a word of Ray's."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon or not port.isdecimal():
        return None
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        return getattr(error, "strerror", None) or str(error)
    return None
