"""Do the same for several exercises, side by side in processes of their own."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.util import Finalize
from typing import Any, TypeVar

import torch

from grader import language, wire
from grader.course.model import Exercise
from grader.judge.processes.workers import Forkserver
from grader.systems.here import SYSTEM

T = TypeVar("T")
Task = Callable[[Exercise, Forkserver], T]


def each(task: Task[T], exercises: Sequence[Exercise], jobs: int = 1) -> Iterator[T]:
    """What `task` gives for each exercise, in their order; `jobs` at a time.

    `task` is a function of a module. With one job an iterator that it gives is handed on as it is;
    with several it arrives as a list, when all of it is there.
    """
    if jobs > 1 and len(exercises) > 1:
        # Spawned: a fork of a process that has computed with torch may hang in the child.
        context = multiprocessing.get_context("spawn")
        count = min(jobs, len(exercises))
        spins = wire.SPIN_SECONDS if SYSTEM.has_free_cores(2 * count) else 0.0
        told = language.current(), spins
        with ProcessPoolExecutor(count, context, _begin, told) as pool:
            yield from pool.map(partial(_done, task), exercises)
        return
    _use_one_thread()
    with Forkserver() as forkserver:
        for exercise in exercises:
            yield task(exercise, forkserver)


_forkserver: Forkserver | None = None  # of a process that helps


def _begin(speaking: str, spins: float) -> None:
    global _forkserver
    _use_one_thread()
    language.use(speaking)
    wire.SPIN_SECONDS = spins  # judge and worker would take the cores from one another
    _forkserver = Forkserver()
    Finalize(None, _forkserver.close, exitpriority=0)


def _use_one_thread() -> None:
    """Have torch compute with one thread, as it does in a judge of students' work: several wait for
    each other in a loop, and where another program has a core that takes five times as long."""
    torch.set_num_threads(1)


def _done(task: Task[Any], exercise: Exercise) -> Any:
    assert _forkserver is not None
    result = task(exercise, _forkserver)
    return list(result) if isinstance(result, Iterator) else result
