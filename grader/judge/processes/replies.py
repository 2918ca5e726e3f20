"""What a worker may answer, field by field: one schema for each thing that it is asked.

A reply comes from a process in which a student's code runs. Whatever is not what an honest worker
says to this very request is a `FrameError`, which is the worker's fault and the submission's to
bear; so nobody after `checked` needs to doubt the type, range or length of a field. What a
function returned may still be anything that travels: `compare` holds that against the truth.
"""

import inspect
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch

from grader.wire import ALIGNMENT, DTYPES, REPLY, FrameError, Placed, Stream, leaves
from grader.worker import invoke, objects
from grader.worker.effects import LEFT, OF_NONE, OF_TENSORS
from grader.worker.invoke import NOTHING_ELSE
from grader.worker.loader import MAX_LINES, MAX_MESSAGE
from grader.worker.objects import NOTHING_HELD, READ
from grader.worker.pool import Pool
from grader.worker.walls.layers import NAMES as LAYERS

MOST_TRIPS = 100  # forbidden calls that a worker reports
MOST_PARAMETERS = 1_000  # of a function
MOST_DEVICES = 16
MOST_DIGESTS = 1_000  # of tensors that came of one call
LONGEST_NAME = 1_000
LONGEST_STATE = 4_000  # of a layer of the sandbox, in words
LAST_LINE = 1 << 31
MAX_BASES = 20  # of an exception, among those that Python has
MOST_PEAK = 1 << 50  # bytes of memory on a device
MOST_OF_A_PLACE = 1 << 15  # bytes of the frames that a worker is in
KINDS = frozenset(kind.name for kind in inspect._ParameterKind)

Request = Mapping[str, Any]
Check = Callable[[Any, Request, Pool | None], bool]


def checked(reply: Any, request: Request, number: int, pool: Pool | None = None) -> dict[str, Any]:
    """`reply`, if it is what an honest worker may answer to `request`, the `number`th of its.

    `pool` is the memory that is shared with it, for timed calls. FrameError names the first field
    that is amiss.
    """
    if type(reply) is not dict or type(reply.get("id")) is not int or reply["id"] != number:
        raise FrameError("the reply does not answer the call")
    op = request.get("op", "load")
    if type(reply.get("outcome")) is dict:
        reply["outcome"] = (NOTHING_HELD if op == "step" else {}) | NOTHING_ELSE | reply["outcome"]
    fields = reply.keys() - {"id"}
    schema = next((each for each in SCHEMAS[op] if each.keys() == fields), None)
    if schema is None:
        raise FrameError("the reply has other fields than it should have")
    for name, check in schema.items():
        if not check(reply[name], request, pool):
            raise FrameError(f"the reply's `{name}` is not what it should be")
    if not _is_one_result(reply):
        raise FrameError("the reply holds a result and an exception, or neither")
    return reply


def _is_one_result(reply: dict[str, Any]) -> bool:
    """Whether there is either what came back or what was raised, where both have a field."""
    if "raised" not in reply:
        return True
    failed = reply["raised"] is not None
    if "outcome" in reply:
        return (reply["outcome"] is None) == failed
    if "digest" in reply:
        return (reply["digest"] is None) == failed
    if "functions" in reply:
        return not (reply["functions"] and failed)
    return not failed or reply.get("value") is None


def line_of(told: bytes, source: str, filename: str) -> int | None:
    """The innermost line of the submission among frames as faulthandler writes them; None where
    there is none.

    It comes from the worker, where a submission can write what it likes: a line that it has is all
    that is taken from it.
    """
    # As faulthandler shows names: what is no printable ASCII is escaped.
    name = filename.encode("ascii", "backslashreplace").decode()
    found = re.search(
        rf'^  File "{re.escape(name)}", line ([0-9]{{1,9}}) in ',
        told.decode("ascii", "replace"),
        re.M,
    )
    line = int(found[1]) if found else 0
    return line if 1 <= line <= source.count("\n") + 1 else None


# --- fields --------------------------------------------------------------------------------------


def _is_text(value: Any, most: int = REPLY.header) -> bool:
    return type(value) is str and len(value) <= most


def _is_within(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value < high


def _is_list(value: Any, most: int) -> bool:
    return type(value) is list and len(value) <= most


def _is_tripped(value: Any, _: Request, __: Pool | None) -> bool:
    return _is_list(value, MOST_TRIPS) and all(
        _is_list(trip, 2)
        and len(trip) == 2
        and _is_text(trip[0], LONGEST_NAME)
        and _is_within(trip[1], 0, LAST_LINE)
        for trip in value
    )


def _is_error(value: Any, _: Request, __: Pool | None) -> bool:
    return (
        type(value) is dict
        and value.keys() - {"left"} == {"type", "bases", "message", "lines"}
        and _is_text(value["type"])
        and _is_list(value["bases"], MAX_BASES)
        and all(_is_text(base, LONGEST_NAME) for base in value["bases"])
        and _is_text(value["message"], MAX_MESSAGE)
        and _is_list(value["lines"], MAX_LINES)
        # Of an instruction that belongs to no line, Python says None.
        and all(line is None or _is_within(line, 0, LAST_LINE) for line in value["lines"])
        and _is_list(left := value.get("left", []), len(LEFT))
        and all(_is_text(kind, LONGEST_NAME) and kind in LEFT for kind in left)
    )


def _is_raised(value: Any, request: Request, pool: Pool | None) -> bool:
    return value is None or _is_error(value, request, pool)


def _is_unsendable(value: Any, _: Request, __: Pool | None) -> bool:
    return _is_text(value)


def _is_table(value: Any, request: Request, _: Pool | None) -> bool:
    """Of functions: one entry for each name that was asked for."""
    if type(value) is not dict:
        return False
    if not value:  # nothing was loaded, which `raised` then explains
        return True
    classes = request.get("classes", {})
    return value.keys() == {*request["functions"], *classes} and all(
        _is_class(each, classes[name]) if name in classes else _is_function(each)
        for name, each in value.items()
    )


def _is_function(value: Any) -> bool:
    """None where there is none, a type's name, True, or parameters: `[name, kind, has_default]`."""
    if value is None or value is True or _is_text(value):
        return True
    if not _is_list(value, MOST_PARAMETERS):
        return False
    well = all(
        _is_list(each, 3)
        and len(each) == 3
        and _is_text(each[0])
        and type(each[1]) is str
        and each[1] in KINDS
        and type(each[2]) is bool
        for each in value
    )
    return well and len({each[0] for each in value}) == len(value)


def _is_class(value: Any, methods: list[str]) -> bool:
    """None where there is none, what it is instead, or its constructor, by no name, and methods."""
    if value is None or _is_text(value):
        return True
    return (
        type(value) is dict
        and value.keys() == {"", *methods}
        and all(map(_is_function, value.values()))
    )


def _is_state(value: Any, _: Request, __: Pool | None) -> bool:
    """Of the sandbox: what became of each layer, in words."""
    return (
        type(value) is dict
        and value.keys() == set(LAYERS)
        and all(_is_text(state, LONGEST_STATE) for state in value.values())
    )


def _is_failure(value: Any, _: Request, __: Pool | None) -> bool:
    return _is_text(value)


def _is_peak(value: Any, _: Request, __: Pool | None) -> bool:
    return value is None or _is_within(value, 0, MOST_PEAK)


def _are_seconds(value: Any, _: Request, __: Pool | None) -> bool:
    return type(value) is float and math.isfinite(value) and value >= 0


def _is_description(value: Any, _: Request, __: Pool | None) -> bool:
    """Of a device: numbers and texts by name."""
    return (
        type(value) is dict
        and all(_is_text(name, LONGEST_NAME) for name in value)
        and all(type(each) is int or _is_text(each, LONGEST_NAME) for each in value.values())
    )


def _is_outcome(value: Any, request: Request, _: Pool | None) -> bool:
    """What a call gave, and the observations that it asked for, no more and no fewer."""
    if value is None:
        return True
    if type(value) is not dict or value.keys() != OUTCOME:
        return False
    call = invoke.UNSAID | request["call"]
    tensors = [*leaves(call["args"]), *leaves(call["kwargs"])]
    backwards = call["backwards"]
    # A call for hooks gives what they did, and nothing else.
    plain = backwards is None
    asks = plain and call["cotangents"] is not None
    return (
        type(value["disturbed"]) is bool
        and _are_effects(value["effects"], len(tensors))
        and _is_list(value["devices"], MOST_DEVICES)
        and all(_is_text(device, LONGEST_NAME) for device in value["devices"])
        and (_is_plain(value["value"]) if plain else value["value"] is None)
        and _are_gradients(value["gradients"], tensors if asks else None)
        and _are_changes(value["changes"], tensors if plain and call["changes"] else None)
        and _are_rounds(value["backwards"], tensors, backwards)
    )


def _is_step(value: Any, request: Request, pool: Pool | None) -> bool:
    """What a step gave, which may be kept: then under a number that it may have."""
    if value is None:
        return True
    if type(value) is not dict or not value.keys() >= OF_OBJECTS:
        return False
    step = objects.UNSAID | request["step"]
    asks = step["cotangents"] is not None
    parameters, held = value["parameters"], value["held"]
    return (
        _is_outcome(
            {name: each for name, each in value.items() if name not in OF_OBJECTS},
            {"call": step},
            pool,
        )
        and type(held) is int
        and held in (-1, step["on"], step["keep"])
        and _is_text(value["kind"], LONGEST_NAME)
        and (held < 0 or value["value"] is None)
        and (held < 0) == (not value["kind"])
        and (step["kind"] != READ or (held < 0 and _is_list(value["value"], step["items"])))
        and ((type(parameters) is dict) if asks else parameters is None)
        and all(
            _is_text(name, LONGEST_NAME) and (each is None or isinstance(each, torch.Tensor))
            for name, each in (parameters or {}).items()
        )
    )


def _are_effects(value: Any, count: int) -> bool:
    """What else the call did: its kind, and which of `count` tensors it was done to."""
    return _is_list(value, len(OF_NONE) + len(OF_TENSORS) * count) and all(
        _is_list(effect, 2)
        and len(effect) == 2
        and _is_text(effect[0], LONGEST_NAME)
        and (effect[0] in OF_TENSORS or effect[0] in OF_NONE)
        and type(effect[1]) is int
        and (0 <= effect[1] < count if effect[0] in OF_TENSORS else effect[1] == -1)
        for effect in value
    )


def _are_gradients(value: Any, tensors: list[torch.Tensor] | None) -> bool:
    """One for each tensor that asks for it, of its shape and dtype, as autograd gives them."""
    if tensors is None:
        return value is None
    inputs = [tensor for tensor in tensors if tensor.requires_grad]
    return (
        _is_list(value, len(inputs))
        and len(value) == len(inputs)
        and all(
            gradient is None
            or (
                isinstance(gradient, torch.Tensor)
                and gradient.shape == tensor.shape
                and gradient.dtype == tensor.dtype
            )
            for gradient, tensor in zip(value, inputs, strict=True)
        )
    )


def _are_changes(value: Any, tensors: list[torch.Tensor] | None) -> bool:
    """For each tensor its value, what was its gradient where it had one, and what is it now."""
    if tensors is None:
        return value is None
    return (
        _is_list(value, len(tensors))
        and len(value) == len(tensors)
        and all(
            _is_list(change, 3)
            and len(change) == 3
            and isinstance(change[0], torch.Tensor)
            and (change[1] is None) == (not tensor.is_leaf or tensor.grad is None)
            and _are_tensors(change[1:])
            for change, tensor in zip(value, tensors, strict=True)
        )
    )


def _are_rounds(value: Any, tensors: list[torch.Tensor], rounds: Any) -> bool:
    """What arrived in each parameter, in each backward pass and in one more."""
    if rounds is None:
        return value is None
    return (
        _is_list(value, len(rounds) + 1)
        and len(value) == len(rounds) + 1
        and all(
            _is_list(row, len(tensors)) and len(row) == len(tensors) and _are_tensors(row)
            for row in value
        )
    )


def _are_tensors(values: list[Any]) -> bool:
    return all(value is None or isinstance(value, torch.Tensor) for value in values)


def _is_plain(value: Any) -> bool:
    """Whether a result holds nothing that only the judge sends, nor what lies in shared memory."""
    if isinstance(value, Placed | Stream):
        return False
    if isinstance(value, dict):
        return all(map(_is_plain, value.values())) and all(map(_is_plain, value))
    return not isinstance(value, list | tuple) or all(map(_is_plain, value))


def _is_in_pool(value: Any, _: Request, pool: Pool | None) -> bool:
    """Whether all tensors of a result lie in the half of the shared memory that is for results,
    and are no more than it holds; the same one may stand in several places."""
    if pool is None:
        return False
    found: set[Placed] = set()
    if not _collect(value, found):
        return False
    size = 0
    for placed in found:
        dtype = DTYPES.get(placed.dtype)
        if dtype is None or placed.offset % ALIGNMENT or placed.offset < pool.half:
            return False
        nbytes = dtype.itemsize
        for length in placed.shape:
            nbytes *= length
        size += nbytes
        if placed.offset + nbytes > pool.bytes.numel() or size > pool.half:
            return False
    return True


def _collect(value: Any, found: set[Placed]) -> bool:
    """Put what is placed in `value` into `found`; False where something else should not be there.

    Gradients of a result are nobody's business."""
    if isinstance(value, Placed):
        found.add(Placed(value.dtype, value.shape, value.offset))
        return True
    if isinstance(value, torch.Tensor | Stream):
        return False
    if isinstance(value, dict):
        return all(_collect(item, found) for item in value.values())
    return not isinstance(value, list | tuple) or all(_collect(item, found) for item in value)


def _is_digest(value: Any, _: Request, __: Pool | None) -> bool:
    """A whole number of 64 bits for each tensor that came of a call."""
    low, high = -(1 << 63), 1 << 63
    return value is None or (
        _is_list(value, MOST_DIGESTS) and all(_is_within(each, low, high) for each in value)
    )


OUTCOME = {"value", *NOTHING_ELSE}
OF_OBJECTS = set(NOTHING_HELD)  # which the outcome of a step has besides
CONFINED: dict[str, Check] = {"sandbox": _is_state}
FAILED: dict[str, Check] = {"failed": _is_failure}
NO_DEVICE: dict[str, Check] = {"no_device": _is_failure}
DONE: dict[str, Check] = {"tripped": _is_tripped}
# Instead of a result, to whatever is asked once a submission is there.
UNSENDABLE: dict[str, Check] = {**DONE, "unsendable": _is_unsendable}
RAISED: dict[str, Check] = {**DONE, "raised": _is_error}
LOADED: dict[str, Check] = {**DONE, "functions": _is_table, "raised": _is_raised}
CALLED: dict[str, Check] = {**DONE, "outcome": _is_outcome, "raised": _is_raised}
STEPPED: dict[str, Check] = {**DONE, "outcome": _is_step, "raised": _is_raised}
TIMED: dict[str, Check] = {
    **DONE,
    "value": _is_in_pool,
    "raised": _is_raised,
    "peak_bytes": _is_peak,
}
RESIDENT: dict[str, Check] = {
    **DONE,
    "digest": _is_digest,
    "raised": _is_raised,
    "peak_bytes": _is_peak,
}
FETCHED: dict[str, Check] = {**DONE, "value": _is_in_pool, "raised": _is_raised}
EVICTED: dict[str, Check] = {**DONE, "raised": _is_raised}
IDLE: dict[str, Check] = {**DONE, "seconds": _are_seconds}
DESCRIBED: dict[str, Check] = {**DONE, "described": _is_description}
SCHEMAS: dict[str, tuple[dict[str, Check], ...]] = {
    "confine": (CONFINED, FAILED, NO_DEVICE),
    "load": (LOADED, UNSENDABLE, RAISED),
    "seed": (DONE, UNSENDABLE, RAISED),
    "evict": (EVICTED, UNSENDABLE, RAISED),
    "idle": (IDLE, UNSENDABLE, RAISED),
    "describe": (DESCRIBED, UNSENDABLE, RAISED),
    "call": (CALLED, UNSENDABLE, RAISED),
    "step": (STEPPED, UNSENDABLE, RAISED),
    "timed": (TIMED, UNSENDABLE, RAISED),
    "publish": (EVICTED, UNSENDABLE, RAISED),
    "resident": (RESIDENT, UNSENDABLE, RAISED),
    "fetch": (FETCHED, UNSENDABLE, RAISED),
}
