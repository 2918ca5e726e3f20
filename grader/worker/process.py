"""A worker: one process that holds torch and one submission, and answers the judge's calls."""

import contextlib
import os
import random
import resource
import socket
import sys
import types
from typing import Any

import torch

from grader import wire
from grader.worker import loader
from grader.worker.invoke import Invocation, Outcome, converted, invoke
from grader.worker.pool import Pool, gradients_back, on_device
from grader.worker.tripwire import Tripwires

MAX_FILE_BYTES = 16 << 20
MAX_OPEN_FILES = 256


def main(channel: socket.socket, output: int, shared: int | None = None) -> None:
    """Serve one judge over `channel` until it hangs up; prints go to the descriptor `output`,
    and `shared` is memory for timed calls."""
    pool = None if shared is None else Pool(shared, os.fstat(shared).st_size)
    _detach(channel, output)
    try:
        _serve(channel, pool)
    except (EOFError, OSError):
        return  # the judge has gone, or has had enough


def _detach(channel: socket.socket, output: int) -> None:
    """Keep the channel, replace the standard descriptors, and close every other one."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    kept = channel.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    streams = {
        "stdin": os.fdopen(0, closefd=False),
        "stdout": os.fdopen(1, "w", 1, errors="replace", closefd=False),
        "stderr": os.fdopen(2, "w", 1, errors="replace", closefd=False),
    }
    for name, stream in streams.items():
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _confine(scratch: str, memory_bytes: int, cpu_seconds: int) -> None:
    """A clean environment, a folder of its own, and the system's limits."""
    os.chdir(scratch)
    os.environ.clear()
    os.environ.update(HOME=scratch, TMPDIR=scratch, PATH=os.defpath, LANG="C.UTF-8")
    sys.argv = [loader.MODULE]
    sys.path[:] = [entry for entry in sys.path if entry.startswith((sys.prefix, sys.base_prefix))]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE_BYTES, MAX_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    if memory_bytes:
        limit = _address_space() + memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _address_space() -> int:
    """Bytes of address space that this process has mapped already, most of it torch's image."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()
    return 0


def _serve(channel: socket.socket, pool: Pool | None) -> None:
    start = wire.receive(channel)
    device = start["device"]
    _confine(start["scratch"], 0 if device != "cpu" else start["memory_bytes"], start["seconds"])
    filename = start["filename"]
    # Every process of a course computes with one thread; a fork of one that did otherwise hangs.
    torch.set_num_threads = lambda nthreads: None  # noqa: ARG005
    watch = Tripwires(start["forbidden"], filename)

    module: types.ModuleType | None
    module, raised = loader.guarded(lambda: loader.load(start["source"], filename), filename)
    functions = {} if module is None else loader.describe_functions(module, start["functions"])
    _reply(channel, start["id"], {"functions": functions, "raised": raised}, watch)

    while True:
        request = wire.receive(channel)
        if request["op"] == "seed":
            random.seed(request["seed"])
            torch.manual_seed(request["seed"])
            _reply(channel, request["id"], {}, watch)
            continue
        if request["op"] == "timed":
            assert pool is not None
            value, raised = loader.guarded(
                lambda r=request: _timed(module, pool, r, device),  # type: ignore[misc]
                filename,
            )
            _reply(channel, request["id"], {"value": value, "raised": raised}, watch)
            continue
        call = Invocation(**request["call"])
        if device != "cpu":
            call = converted(call, lambda tensor: tensor.to(device))
        outcome, raised = loader.guarded(
            lambda c=call: as_plain(invoke(getattr(module, c.function), c), device),  # type: ignore[misc]
            filename,
        )
        _reply(channel, request["id"], {"outcome": outcome, "raised": raised}, watch)


def _timed(module: Any, pool: Pool, request: dict[str, Any], device: str) -> Any:
    """One call with its tensors in shared memory; where its results lie there."""
    given = pool.take(request["args"])
    args = given if device == "cpu" else on_device(given, device)
    value = getattr(module, request["function"])(*args)
    if device != "cpu":
        torch.cuda.synchronize()
        gradients_back(given, args)
    return pool.put(value, pool.half)


def as_plain(outcome: Outcome, device: str) -> dict[str, Any]:
    """`outcome` as plain values for the wire; where there is a choice, on which device it is."""
    devices = [] if device == "cpu" else sorted({t.device.type for t in wire.leaves(outcome.value)})
    changes = outcome.changes
    return {
        "value": outcome.value,
        "devices": devices,
        "gradients": outcome.gradients,
        "changes": None
        if changes is None
        else [[change.value, change.grad_object, change.grad] for change in changes],
        "backwards": outcome.backwards,
    }


def _reply(channel: socket.socket, number: int, content: dict[str, Any], watch: Tripwires) -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the student may have closed or replaced it
            stream.flush()
    content["id"] = number
    content["tripped"] = [list(trip) for trip in watch.tripped]
    try:
        frame = wire.pack(content)
    except wire.FrameError as error:
        frame = wire.pack({"id": number, "tripped": content["tripped"], "unsendable": str(error)})
    except BaseException as error:  # an object of the student's that raises when looked at
        raised = loader.describe_error(error, "")
        frame = wire.pack({"id": number, "tripped": content["tripped"], "raised": raised})
    channel.sendall(frame)
