"""A worker: one process that holds torch and one submission, and answers the judge's calls."""

import faulthandler
import mmap
import os
import random
import signal
import socket
import sys
import types
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

import torch

from grader import wire
from grader.systems.here import SYSTEM
from grader.worker import (
    devices,
    effects,
    guard,
    loader,
    objects,
    resident,
    sandbox,
    sources,
    state,
)
from grader.worker.devices.device import Device
from grader.worker.invoke import NOTHING_ELSE, Invocation, Outcome, converted, invoke, said
from grader.worker.pool import Pool, gradients_back, on_device
from grader.worker.tripwire import Tripwires
from grader.worker.walls import layers, paths

_GENERATOR = torch.default_generator  # bound before any submission is loaded


def main(
    channel: socket.socket,
    output: int | None = None,
    place: int | None = None,
    shared: int | None = None,
    device: int | None = None,
) -> None:
    """Serve one judge over `channel` until it hangs up; prints go to the descriptor `output` (None:
    where they go already), where the code is goes to `place` when SIGUSR1 asks, and `shared` is
    memory for timed calls. `device` is what all processes that compute on a device share, where it
    has such a thing."""
    pool = None if shared is None else Pool(shared, os.fstat(shared).st_size)
    ours = None if device is None else mmap.mmap(device, os.fstat(device).st_size)
    _detach(channel, output, place)
    try:
        is_ready, named = _confine(channel, ours)
        if not is_ready:
            return
        pool = named or pool
        serve = guard.apart(_serve)
        guard.vanish()
        guard.watch(paths.libraries())
        serve(channel, pool)
    except (EOFError, OSError):
        return  # the judge has gone, or has had enough


def _detach(channel: socket.socket, output: int | None, place: int | None) -> None:
    """Keep the channel and `place`, replace the standard descriptors, and close every other one."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    if output is not None:
        os.dup2(output, 1)
        os.dup2(output, 2)
    below = 2
    for kept in sorted({channel.fileno(), channel.fileno() if place is None else place}):
        os.closerange(below + 1, kept)
        below = kept
    os.closerange(below + 1, SYSTEM.most_descriptors)
    if place is not None:
        # Of C, and so at once, also where a single operation of torch's does not come to its end.
        faulthandler.register(signal.SIGUSR1, place, all_threads=False)
    streams = {
        "stdin": os.fdopen(0, closefd=False),
        "stdout": os.fdopen(1, "w", 1, errors="replace", closefd=False),
        "stderr": os.fdopen(2, "w", 1, errors="replace", closefd=False),
    }
    for name, stream in streams.items():
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _confine(channel: socket.socket, shared: mmap.mmap | None) -> tuple[bool, Pool | None]:
    """Put up the sandbox that the judge asks for, make the device ready within it, and say what
    became of them. Whether there is something to serve with; the memory for timed calls, where the
    order names it.

    The judge hears it before it sends the submission: a student's code can change none of it.
    """
    order = wire.receive(channel)
    pool = None
    if "shared" in order:
        ticket, size = order["shared"]
        pool = Pool(SYSTEM.attach(ticket, size), size)
    sys.argv = [loader.MODULE]
    sys.orig_argv = [sys.executable]
    reply = {"id": order["id"]}
    try:
        plan = layers.Plan(**order["plan"])
        withheld = (*plan.unreadable, *sources.withhold(order["forbidden"]))
        reply["sandbox"] = sandbox.enter(replace(plan, unreadable=withheld))
    except Exception as error:
        channel.sendall(wire.pack(reply | {"failed": f"{error}"}))
        raise
    # Every process of a course computes with one thread; a fork of one that did otherwise hangs.
    effects.begin()
    try:
        devices.named(order["device"]).begin(shared)
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"[: loader.MAX_MESSAGE]
        channel.sendall(wire.pack({"id": order["id"], "no_device": problem}))
        return False, None
    channel.sendall(wire.pack(reply))
    return True, pool


def _serve(channel: socket.socket, pool: Pool | None) -> None:
    start = wire.receive(channel)
    device = start["device"]
    on = devices.named(device)
    filename = start["filename"]
    results = effects.Results()
    modules = start["modules"]
    files = {file: offset for _, file, _, offset in modules} | {filename: 0}
    watch = Tripwires(start["forbidden"], files)

    module: types.ModuleType | None
    given = objects.from_torch if start["given"] is None else objects.given_by(*start["given"])
    module, raised = loader.guarded(lambda: loader.load(start["source"], filename, modules), files)
    functions: dict[str, Any] = {}
    if module is not None:
        functions = loader.describe_functions(module, start["functions"])
        functions |= loader.describe_classes(module, start["classes"])
    _reply(channel, start["id"], {"functions": functions, "raised": raised}, watch)
    held: dict[int, Any] = {}
    story, told = -1, effects.Results()
    stay: _Stay | None = None

    while True:
        state.reset(device)
        on.settle()
        request = wire.receive(channel, start["spins"])
        if request["op"] == "seed":
            random.seed(request["seed"])
            _seed_torch(request["seed"], on)
            story = -1  # stories are numbered anew
            _reply(channel, request["id"], {}, watch)
            continue
        if request["op"] == "timed":
            assert pool is not None
            value, raised = loader.guarded(
                lambda r=request: _timed(module, pool, r, on, given),  # type: ignore[misc]
                files,
            )
            content = {"value": value, "raised": raised, "peak_bytes": on.peak()}
            _reply(channel, request["id"], content, watch)
            if raised is not None and on.is_lost():
                return
            continue
        if request["op"] in ("publish", "resident", "fetch"):
            assert pool is not None
            stay = stay or _Stay(module, pool, on)
            act = partial(getattr(stay, request["op"]), request)
            content, raised = loader.guarded(act, files)
            empty = _Stay.NOTHING[request["op"]]
            _reply(channel, request["id"], (content or empty) | {"raised": raised}, watch)
            if raised is not None and on.is_lost():
                return
            continue
        if request["op"] == "evict":
            _, raised = loader.guarded(on.clear, files)
            _reply(channel, request["id"], {"raised": raised}, watch)
            continue
        if request["op"] == "idle":
            _reply(channel, request["id"], {"seconds": on.idle()}, watch)
            continue
        if request["op"] == "describe":
            _reply(channel, request["id"], {"described": on.described()}, watch)
            continue
        if request["op"] == "step":
            step = objects.Step(**request["step"])
            if request["story"] != story:
                story, over, held = request["story"], held, {}
                told = effects.Results()
                # What the student's objects do when they end, they do within the time limit.
                loader.guarded(over.clear, files)
            left: list[str] = []
            outcome, raised = loader.guarded(
                lambda s=step, h=held, t=told, x=left: _stepped(  # type: ignore[misc]
                    module, s, h, given, device, t, x
                ),
                files,
                left,
            )
            _reply(channel, request["id"], {"outcome": outcome, "raised": raised}, watch)
            if raised is not None and on.is_lost():
                return
            continue
        call, left = Invocation(**request["call"]), []
        outcome, raised = loader.guarded(
            lambda c=call, x=left: as_plain(_called(module, c, device, results, x), device),  # type: ignore[misc]
            files,
            left,
        )
        was_sent = _reply(channel, request["id"], {"outcome": outcome, "raised": raised}, watch)
        if outcome is not None and was_sent:  # so it is of bounded size
            results.keep(outcome["value"])  # while the judge looks at it
        if raised is not None and on.is_lost():
            return


def _seed_torch(seed: int, device: Device) -> None:
    """Seed the generators that calls draw from."""
    # Not by `torch.manual_seed`, which notes where it was asked, for every device that is not.
    _GENERATOR.manual_seed(seed)
    device.seed(seed)


def _called(
    module: Any, call: Invocation, device: str, results: effects.Results, left: list[str]
) -> Outcome:
    """What comes of a call of the submission's, the results of earlier ones included."""
    if device != "cpu":
        call = converted(call, lambda tensor: tensor.to(device))
    function = getattr(module, call.function)
    outcome = invoke(function, call, partial(state.reset, device), left=left)
    devices.named(device).synchronize()  # what goes wrong there late went wrong in this call
    found = tuple(results.changed())
    return replace(outcome, effects=(*outcome.effects, *found)) if found else outcome


def _stepped(
    module: Any,
    step: objects.Step,
    held: dict[int, Any],
    given: objects.Find,
    device: str,
    results: effects.Results,
    left: list[str],
) -> dict[str, Any]:
    """One step with what the story holds; modules are made on `device`."""
    if device != "cpu":
        step = converted(step, lambda tensor: tensor.to(device))
    settle = partial(state.reset, device)
    named = partial(getattr, module)
    outcome = objects.perform(step, held, named, given, settle, results=results, left=left)
    devices.named(device).synchronize()
    if device != "cpu" and step.kind in (objects.CONSTRUCT, objects.GIVEN):
        objects.move(held.get(outcome.held), device)
    rest = {"held": outcome.held, "kind": outcome.kind, "parameters": outcome.parameters}
    return as_plain(outcome, device) | said(rest, objects.NOTHING_HELD)


def _timed(
    module: Any, pool: Pool, request: dict[str, Any], device: Device, find: objects.Find
) -> Any:
    """One call with its tensors in shared memory; where its results lie there. On a device they
    are copied to it first, and it is waited for on every stream before the results are fetched."""
    given = pool.take(request["args"])
    args = on_device(given, device.name) if device.is_apart else given
    function = getattr(module, request["function"])
    if request.get("made") is not None:
        function = objects.timed(function, request["made"], device.name)
    if request.get("through") is not None:
        function = partial(find(request["through"]), function)
    value = function(*args)
    if device.is_apart:
        device.synchronize()
        gradients_back(given, args)
    return pool.put(value, pool.half)


class _Stay:
    """Timed calls whose inputs wait on the device, and whose outputs stay there until they are
    fetched: see `resident`."""

    NOTHING: ClassVar[dict[str, dict[str, Any]]] = {
        "publish": {},
        "resident": {"digest": None, "peak_bytes": None},
        "fetch": {"value": None},
    }

    def __init__(self, module: Any, pool: Pool, device: Device) -> None:
        self._module, self._pool, self._device = module, pool, device
        self._waiting: resident.Waiting | None = None
        self._value: Any = None

    def publish(self, request: dict[str, Any]) -> dict[str, Any]:
        """Take masked inputs, and have them on the device."""
        self._value = None
        used = request["used"]
        self._waiting = resident.Waiting(self._pool, request["args"], used, self._device.name)
        self._device.synchronize()
        return {}

    def resident(self, request: dict[str, Any]) -> dict[str, Any]:
        """Unmask them, call the function, and say the digest of what it gave."""
        assert self._waiting is not None
        args = self._waiting.unmasked(request["keys"])
        self._value = getattr(self._module, request["function"])(*args)
        self._device.synchronize()
        found = resident.digest(wire.leaves(self._value), request["keys"])
        return {"digest": found, "peak_bytes": self._device.peak()}

    def fetch(self, request: dict[str, Any]) -> dict[str, Any]:
        """Put what it gave into the shared memory."""
        del request
        return {"value": self._pool.put(self._value, self._pool.half)}


def as_plain(outcome: Outcome, device: str) -> dict[str, Any]:
    """`outcome` as plain values for the wire, without what is as it mostly is; where there is a
    choice, on which device it is."""
    devices = [] if device == "cpu" else sorted({t.device.type for t in wire.leaves(outcome.value)})
    changes = outcome.changes
    observed = {
        "devices": devices,
        "gradients": outcome.gradients,
        "changes": None
        if changes is None
        else [[change.value, change.grad_object, change.grad] for change in changes],
        "backwards": outcome.backwards,
        "disturbed": outcome.disturbed,
        "effects": [list(effect) for effect in outcome.effects],
    }
    return {"value": outcome.value} | said(observed, NOTHING_ELSE)


def _reply(channel: socket.socket, number: int, content: dict[str, Any], watch: Tripwires) -> bool:
    """Answer a request; whether with `content`, rather than why that cannot be sent."""
    was_sent = True
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # noqa: S112 - the student may have closed or replaced it
            continue
    content["id"] = number
    content["tripped"] = [list(trip) for trip in watch.tripped]
    try:
        frame = wire.pack(content)
    except wire.FrameError as error:
        was_sent = False
        frame = wire.pack({"id": number, "tripped": content["tripped"], "unsendable": str(error)})
        value = (content.get("outcome") or {}).get("value")
        if type(value) is types.CoroutineType:
            value.close()  # or Python would print, in the student's name, that nobody awaited it
    except BaseException as error:  # an object of the student's that raises when looked at
        was_sent = False
        raised = loader.describe_error(error, "")
        frame = wire.pack({"id": number, "tripped": content["tripped"], "raised": raised})
    channel.sendall(frame)
    return was_sent
