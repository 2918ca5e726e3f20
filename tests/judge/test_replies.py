"""What a worker answers is held to what it was asked, whatever stands in the reply.

The worker here is one of ours that answers as a student's code would like it to: the tests forge
its replies directly, since no submission gets at the channel by an import.
"""

import contextlib
import copy
import math
import socket
import subprocess
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quality import sample

from grader import wire
from grader.course import model as course
from grader.course.model import Limits
from grader.judge.clock.timing import POOL_BYTES, Clock
from grader.judge.compare import Mismatch, agree
from grader.judge.explain import diagnosis
from grader.judge.explain.comparison import side_by_side
from grader.judge.explain.counterexample import render
from grader.judge.processes import replies
from grader.judge.processes.workers import Forkserver, Start, WorkerBrokeProtocol
from grader.judge.reference import Reference
from grader.judge.student import Halt, Student, StudentRaised
from grader.report import PropertyStatus, Status
from grader.submission.text import Submission
from grader.wire import FrameError, Placed, Stream
from grader.worker import loader, objects
from grader.worker.invoke import Invocation, converted, invoke
from grader.worker.pool import Pool
from grader.worker.process import as_plain
from grader.worker.walls import layers

EXERCISE = course.find(course.bundled()).exercise("3")
SOURCE = (EXERCISE.room / "reference.py").read_text(encoding="utf-8")
MINE = SOURCE + "\n# mine\n"
HALF = POOL_BYTES // 2
SAID = "disturbed the channel"

Forge = Callable[[dict[str, Any]], Any]


def changed(**fields: Any) -> Forge:
    """The reply with other fields."""
    return lambda reply: {**reply, **fields}


def outcome(**fields: Any) -> Forge:
    """The reply with another outcome."""
    return lambda reply: {**reply, "outcome": {**reply["outcome"], **fields}}


def without(name: str) -> Forge:
    return lambda reply: {key: value for key, value in reply.items() if key != name}


def instead(**fields: Any) -> Forge:
    """Nothing but these fields, beside those of every reply."""
    return lambda reply: {"id": reply["id"], "tripped": [], **fields}


def raised(**fields: Any) -> Forge:
    error = {"type": "E", "bases": [], "message": "m", "lines": [1], **fields}
    return lambda reply: {**reply, "outcome": None, "raised": error}


def function(*parameters: Any) -> Forge:
    """Other parameters for the functions of a submission."""
    return lambda reply: {
        **reply,
        "functions": {name: [*parameters] for name in reply["functions"]},
    }


def placed(*shape: int, dtype: str = "float64", offset: int = HALF, grad: int = -1) -> Placed:
    return Placed(dtype, shape, offset, grad)


DEEP: Any = [Placed("float64", (1,), 0)]
for _ in range(30):
    DEEP = [DEEP]
ODD = {
    "a tensor": torch.ones(3),
    "an empty tensor": torch.ones(0, 3),
    "a large int": 1 << 4000,
    "a negative int": -1,
    "True": True,
    "nan": math.nan,
    "inf": math.inf,
    "a text": "passed",
    "a list": [1],
    "a dict": {None: 1},
    "odd keys": {math.nan: 1, (1, (2,)): {}, "": None},
    "a stream": Stream((1,)),
    "a place": placed(1),
    "a deep list": DEEP,
}
# No reply is all right with these in the place of what belongs there.
EVERYWHERE = {
    **{f"the whole reply {name}": lambda reply, odd=odd: odd for name, odd in ODD.items()},
    **{f"id {name}": changed(id=odd) for name, odd in ODD.items()},
    "id a float": lambda reply: {**reply, "id": float(reply["id"])},
    "no id": without("id"),
    "a field more": changed(score=100),
    "a field that is no text": lambda reply: {**reply, 7: 1},
    "nothing but the id": lambda reply: {"id": reply["id"]},
}
AFTER_LOADING = {
    **{f"tripped {name}": changed(tripped=odd) for name, odd in ODD.items()},
    "no tripped": without("tripped"),
    "tripped None": changed(tripped=None),
    "tripped of nothing": changed(tripped=[[]]),
    "tripped by a tensor": changed(tripped=[[torch.ones(3), torch.ones(3)]]),
    "tripped at a great line": changed(tripped=[["torch.x", 1 << 70]]),
    "tripped before the first line": changed(tripped=[["torch.x", -1]]),
    "tripped at line True": changed(tripped=[["torch.x", True]]),
    "tripped at line nan": changed(tripped=[["torch.x", math.nan]]),
    "tripped at great length": changed(tripped=[["x" * 100_000, 1]]),
    "tripped too often": changed(tripped=[["torch.x", 1]] * 1_000),
    "tripped in a tuple": changed(tripped=[("torch.x", 1)]),
    **{
        f"unsendable {name}": instead(unsendable=odd)
        for name, odd in ODD.items()
        if name != "a text"
    },
    **{f"raised alone {name}": instead(raised=odd) for name, odd in ODD.items()},
    "raised alone None": instead(raised=None),
}
RAISED = {
    **{
        f"raised {name}": (lambda reply, odd=odd: {**reply, "raised": odd})
        for name, odd in ODD.items()
    },
    "a result and an exception": changed(
        raised={"type": "E", "bases": [], "message": "", "lines": []}
    ),
}
FORGED: dict[str, dict[str, Forge]] = {
    "confine": {
        **EVERYWHERE,
        **{f"sandbox {name}": changed(sandbox=odd) for name, odd in ODD.items()},
        "sandbox None": changed(sandbox=None),
        "a layer more": lambda r: {**r, "sandbox": {**r["sandbox"], "wall": "active"}},
        "a layer less": changed(sandbox=dict.fromkeys(layers.NAMES[1:], "active")),
        "a layer of numbers": changed(sandbox=dict.fromkeys(layers.NAMES, 1)),
        "a layer at great length": changed(sandbox=dict.fromkeys(layers.NAMES, "a" * 9_000)),
        "no sandbox": without("sandbox"),
    },
    "load": {
        **EVERYWHERE,
        **AFTER_LOADING,
        **RAISED,
        **{f"functions {name}": changed(functions=odd) for name, odd in ODD.items()},
        "functions None": changed(functions=None),
        "functions of other names": changed(functions={"other": True}),
        "many functions": changed(functions={f"f{n}": True for n in range(3_000)}),
        "functions that are numbers": lambda r: {
            **r,
            "functions": dict.fromkeys(r["functions"], 1),
        },
        "functions that are False": lambda r: {
            **r,
            "functions": dict.fromkeys(r["functions"], False),
        },
        "parameters of tensors": function(torch.ones(3)),
        "parameters without a kind": function(["x"]),
        "parameters of another kind": function(["x", "ANY", False]),
        "parameters whose kind is a list": function(["x", ["POSITIONAL_ONLY"], False]),
        "parameters with 0 for a default": function(["x", "POSITIONAL_ONLY", 0]),
        "parameters that are ints": function([1, "POSITIONAL_ONLY", True]),
        "parameters twice": function(*[["x", "POSITIONAL_OR_KEYWORD", False]] * 2),
        "thousands of parameters": function(
            *[[f"x{n}", "POSITIONAL_OR_KEYWORD", False] for n in range(1_500)]
        ),
    },
    "seed": {**EVERYWHERE, **AFTER_LOADING, "a result": changed(raised=None)},
    "step": {
        **EVERYWHERE,
        **AFTER_LOADING,
        **RAISED,
        **{f"outcome {name}": changed(outcome=odd) for name, odd in ODD.items()},
        **{
            f"held {name}": outcome(held=odd)
            for name, odd in ODD.items()
            if name != "a negative int"
        },
        **{f"kind {name}": outcome(kind=odd) for name, odd in ODD.items()},
        **{
            f"parameters {name}": outcome(parameters=odd)
            for name, odd in ODD.items()
            if name != "an honest dict"
        },
        "a value that is kept as well": outcome(held=6, kind="X"),
        "an object of another number": outcome(value=None, held=5, kind="X"),
        "an object of no kind": outcome(value=None, held=6, kind=""),
        "an object of a long kind": outcome(value=None, held=6, kind="x" * 5_000),
        "a kind of what is not kept": outcome(kind="X"),
        "no parameters": outcome(parameters=None),
        "parameters that are numbers": outcome(parameters={"4.weight": 1.0}),
        "parameters without a name": outcome(parameters={4: torch.ones(3)}),
        "a gradient too many": lambda r: {
            **r,
            "outcome": {**r["outcome"], "gradients": [torch.ones(2, 3).double()] * 2},
        },
        "a field more in the outcome": outcome(score=100),
    },
    "call": {
        **EVERYWHERE,
        **AFTER_LOADING,
        **RAISED,
        "no outcome": without("outcome"),
        **{f"outcome {name}": changed(outcome=odd) for name, odd in ODD.items()},
        "outcome None": changed(outcome=None),
        "outcome without a value": changed(outcome={"disturbed": False}),
        "outcome with a part more": outcome(score=100),
        **{
            f"{part} {name}": outcome(**{part: odd})
            for part in ("gradients", "changes", "backwards", "devices")
            for name, odd in ODD.items()
        },
        **{
            f"disturbed {name}": outcome(disturbed=odd)
            for name, odd in ODD.items()
            if name != "True"
        },
        "disturbed None": outcome(disturbed=None),
        "disturbed 0": outcome(disturbed=0),
        "devices None": outcome(devices=None),
        "devices of tensors": outcome(devices=[torch.ones(2)]),
        "many devices": outcome(devices=["cuda"] * 1_000),
        "gradients that nobody asked for": outcome(gradients=[]),
        "changes that nobody asked for": outcome(changes=[]),
        "backwards that nobody asked for": outcome(backwards=[]),
        "value a stream": outcome(value=Stream((1,))),
        "value with streams in it": outcome(value=({"a": [Stream((torch.ones(2),))]}, 1)),
        "value in shared memory": outcome(value=placed(1)),
        "value with places in it": outcome(value=[[placed(1, 2)]]),
        "raised of tensors": raised(type=torch.ones(3), message={}),
        "raised at a great line": raised(lines=[10**1000]),
        "raised before the first line": raised(lines=[-5]),
        "raised at line True": raised(lines=[True]),
        "raised at line nan": raised(lines=[math.nan]),
        "raised at many lines": raised(lines=[1] * 5_000),
        "raised at a line": raised(lines=1),
        "raised at great length": raised(message="m" * 100_000),
        "raised without a type": lambda r: {**r, "outcome": None, "raised": {"message": "m"}},
        "raised with more": raised(score=100),
    },
    "timed": {
        **EVERYWHERE,
        **AFTER_LOADING,
        **RAISED,
        **{f"peak_bytes {name}": changed(peak_bytes=odd) for name, odd in ODD.items()},
        "no peak_bytes": without("peak_bytes"),
        "value a tensor": changed(value=torch.ones(3)),
        "value of tensors": changed(value=[torch.ones(3)]),
        "value a stream": changed(value=Stream((1,))),
        "value of a dtype that is none": changed(value=placed(1, dtype="qint8")),
        "value among the inputs": changed(value=placed(1, offset=0)),
        "value not aligned": changed(value=placed(1, offset=HALF + 8)),
        "value beyond the memory": changed(value=placed(1, offset=2 * HALF)),
        "value larger than the memory": changed(value=placed(1 << 30)),
        "value too deep": changed(value=DEEP),
        "values that overlap": changed(
            value=[placed(HALF // 8 - n, offset=HALF) for n in range(1_000)]
        ),
    },
    "resident": {
        **EVERYWHERE,
        **AFTER_LOADING,
        **RAISED,
        "no digest": without("digest"),
        "digest of nothing": changed(digest=None),
        "digest of 65 bits": changed(digest=[1 << 63]),
        "digest of a bool": changed(digest=[True]),
        "digest too long": changed(digest=[0] * 100_000),
        "digest a number": changed(digest=7),
        "digest a tensor": changed(digest=torch.ones(1, dtype=torch.int64)),
    },
    "fetch": {
        **EVERYWHERE,
        **AFTER_LOADING,
        **RAISED,
        "value a tensor": changed(value=torch.ones(3)),
        "value beyond the memory": changed(value=placed(1, offset=2 * HALF)),
    },
}
# What no frame can hold: refused before it is a value.
NO_FRAME = [placed(0, 1 << 39, 1 << 39), placed(1 << 39, 1 << 39), placed(1, grad=-2)]
ALL = [(op, name) for op, table in FORGED.items() for name in table]
# Graded from file to report: two odd values of each field, and all that is odd in another way.
USUAL = tuple(name for name in ODD if name not in ("a large int", "a place"))
GRADED = [(op, name) for op, name in ALL if not name.endswith(USUAL)]
# What a grading of exercise 3 without a clock doesn't ask for.
NOT_HERE = ("timed", "step", "resident", "fetch")


def call(**observed: Any) -> Invocation:
    x = torch.ones(1, 2, 3, dtype=torch.float64)
    return Invocation("attention_scores", (x, x + 1), **observed)


STEP = objects.Step(
    "JANET",
    (torch.ones(2, 3, dtype=torch.float64, requires_grad=True),),
    cotangents=(torch.ones(2, 3, dtype=torch.float64),),
    kind=objects.METHOD,
    name="__call__",
    on=4,
    keep=6,
)


def stepped() -> dict[str, Any]:
    """What a step gives on an object with one parameter."""
    layer = torch.nn.Linear(3, 3).double()
    done = objects.perform(STEP, {4: layer}, {}.__getitem__, {}.__getitem__)
    rest = {"held": done.held, "kind": done.kind, "parameters": done.parameters}
    return as_plain(done, "cpu") | rest


REQUESTS: dict[str, dict[str, Any]] = {
    "confine": {"op": "confine"},
    "load": {"functions": ["f"]},
    "seed": {"op": "seed"},
    "call": {"op": "call", "call": call().fields()},
    "timed": {"op": "timed"},
    "resident": {"op": "resident"},
    "fetch": {"op": "fetch"},
    "publish": {"op": "publish"},
    "step": {"op": "step", "story": 0, "step": STEP.fields()},
}
HONEST: dict[str, dict[str, Any]] = {
    "confine": {"id": 7, "sandbox": dict.fromkeys(layers.NAMES, "active")},
    "load": {
        "id": 7,
        "tripped": [],
        "functions": {"f": [["x", "POSITIONAL_OR_KEYWORD", False]]},
        "raised": None,
    },
    "seed": {"id": 7, "tripped": []},
    "call": {
        "id": 7,
        "tripped": [["torch.nn.LSTM", 0]],
        "outcome": as_plain(invoke(lambda q, k: q @ k.mT, call()), "cpu"),
        "raised": None,
    },
    "step": {"id": 7, "tripped": [], "outcome": stepped(), "raised": None},
    "timed": {
        "id": 7,
        "tripped": [],
        "value": (placed(4, 5), {"a": [placed(3, offset=HALF + 192)], "b": None}),
        "raised": None,
        "peak_bytes": None,
    },
    "resident": {
        "id": 7,
        "tripped": [],
        "digest": [1 - (1 << 63), 0],
        "raised": None,
        "peak_bytes": None,
    },
    "fetch": {"id": 7, "tripped": [], "value": [placed(4, 5)], "raised": None},
    "publish": {"id": 7, "tripped": [], "raised": None},
}


@pytest.fixture(scope="module")
def pool() -> Any:
    return types.SimpleNamespace(half=HALF, bytes=torch.empty(POOL_BYTES, dtype=torch.uint8))


class TestSchema:
    """`checked` lets an honest reply pass, and no other."""

    @pytest.mark.parametrize("op", HONEST)
    def test_what_an_honest_worker_says_is_let_through(self, op, pool):
        reply = HONEST[op]
        assert replies.checked(reply, REQUESTS[op], 7, pool) is reply
        error = {"type": "E", "bases": [], "message": "m", "lines": [3, None]}
        others = {
            "call": [{"outcome": None, "raised": error}],
            "load": [{"functions": {}, "raised": error}, {"functions": {"f": True}}],
            "step": [
                {"outcome": None, "raised": error},
                {
                    "outcome": {
                        **HONEST[op].get("outcome", {}),
                        "value": None,
                        "held": 6,
                        "kind": "X",
                    }
                },
                {
                    "outcome": {
                        **HONEST[op].get("outcome", {}),
                        "value": None,
                        "held": 4,
                        "kind": "X",
                    }
                },
            ],
            "timed": [{"value": None, "raised": error}, {"value": None}, {"peak_bytes": 1 << 40}],
        }
        for other in others.get(op, []):
            assert replies.checked({**reply, **other}, REQUESTS[op], 7, pool)
        if op != "confine":
            assert replies.checked(instead(unsendable="a set")(reply), REQUESTS[op], 7, pool)
            assert replies.checked(instead(raised=error)(reply), REQUESTS[op], 7, pool)

    @pytest.mark.parametrize(("op", "name"), ALL)
    def test_a_field_that_is_amiss_is_the_workers_fault(self, op, name, pool):
        forged = FORGED[op][name](copy.copy(HONEST[op]))
        with pytest.raises(FrameError):
            replies.checked(forged, REQUESTS[op], 7, pool)

    @pytest.mark.parametrize("value", NO_FRAME, ids=repr)
    def test_a_place_that_no_memory_has_is_no_frame(self, value):
        frame = wire.pack({"id": 7, "value": value})
        header, body = wire.lengths(frame[: wire.PREFIX.size])
        rest = frame[wire.PREFIX.size :]
        with pytest.raises(FrameError):
            wire.unpack(rest[:header], bytearray(rest[header : header + body]))

    def test_observations_are_those_that_were_asked_for(self, pool):
        """As many gradients, changes and rounds as the call has tensors for, each of its form."""
        x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
        x.grad = torch.ones_like(x)
        asking = Invocation("f", (x,), cotangents=(torch.ones(2, 3).double(),), changes=True)
        observed = as_plain(invoke(lambda x: 2 * x, asking), "cpu")
        request = {"op": "call", "call": asking.fields()}

        def holds(**fields: Any) -> bool:
            reply = {"id": 7, "tripped": [], "raised": None, "outcome": {**observed, **fields}}
            try:
                replies.checked(reply, request, 7, pool)
            except FrameError:
                return False
            return True

        grad, plain = torch.ones(2, 3).double(), x.detach()
        assert holds()
        assert holds(gradients=[None])
        assert not holds(gradients=None)
        assert not holds(gradients=[])
        assert not holds(gradients=[grad, grad])
        assert not holds(gradients=[grad.float()])
        assert not holds(gradients=[grad[:1]])
        assert not holds(gradients=(grad,))
        assert holds(changes=[[plain, grad, None]])
        assert not holds(changes=[[plain, None, grad]])
        assert not holds(changes=[[None, grad, grad]])
        assert not holds(changes=[[plain, grad]])
        assert not holds(changes=[[plain, grad, 1]])
        assert not holds(changes=[])
        hooks = Invocation("f", ([x],), backwards=((grad,), (grad,)))
        request = {"op": "call", "call": hooks.fields()}
        observed = {**observed, "value": None, "gradients": None, "changes": None}
        assert holds(backwards=[[grad], [None], [grad]])
        assert not holds(backwards=[[grad], [grad]])
        assert not holds(backwards=[[grad], [grad], [grad, grad]])
        assert not holds(backwards=[[grad], [grad], [1]])
        assert not holds(backwards=None)
        assert not holds(backwards=[[grad]] * 3, value=1)

    def test_what_was_read_is_a_list_of_no_more_than_was_asked_for(self, pool):
        """The items of an iterator come as a list, and are nothing that is kept."""
        step = objects.Step("f", (), kind=objects.READ, on=4, keep=6, items=2)
        request = {"op": "step", "story": 0, "step": step.fields()}
        done = objects.perform(step, {4: iter("abc")}, {}.__getitem__, {}.__getitem__)
        kept = {"held": -1, "kind": "", "parameters": None}

        def holds(**fields: Any) -> bool:
            outcome = {**as_plain(done, "cpu"), **kept, **fields}
            reply = {"id": 7, "tripped": [], "raised": None, "outcome": outcome}
            try:
                replies.checked(reply, request, 7, pool)
            except FrameError:
                return False
            return True

        assert done.value == ["a", "b"]
        assert holds()
        assert holds(value=[])
        for odd in (["a"] * 3, ("a", "b"), "ab", {"a": 1}, None, 2, torch.ones(2)):
            assert not holds(value=odd)
        assert not holds(value=None, held=6, kind="list")


# --- a worker that forges its replies ----------------------------------------------------------


class Forgery(Forkserver):
    """In place of a forkserver: its workers are threads, which serve as a worker does, save that
    `forge` makes what it likes of every reply to `op`."""

    is_alive = True

    def __init__(self, op: str, forge: Forge) -> None:
        self.op, self.forge = op, forge
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def spawn(
        self,
        scratch: str,
        channel: socket.socket,
        output: int,
        place: int,
        shared: int | None,
        device: int | None,
    ) -> int:
        del scratch, output, place, device
        # Whom the judge stops and ends is a process that does nothing.
        process = subprocess.Popen(["sleep", "600"], start_new_session=True)
        self._processes[process.pid] = process
        pool = None if shared is None else Pool(shared, POOL_BYTES)
        threading.Thread(target=self._serve, args=(channel.dup(), pool), daemon=True).start()
        return process.pid

    def end(self, pid: int, grace: float) -> int:
        del grace
        process = self._processes.pop(pid)
        process.kill()
        process.wait()
        return 9

    def expect(self, count: int) -> None:
        del count

    def strays(self) -> int:
        return 0

    def _serve(self, channel: socket.socket, pool: Pool | None) -> None:
        module = types.ModuleType("submission")
        is_mine = True  # the clock has workers of the reference's too
        with channel, contextlib.suppress(EOFError, OSError):
            while True:
                request = wire.receive(channel)
                op = request.get("op", "load")
                if op == "load":
                    is_mine = request["source"] == MINE
                reply = {"id": request["id"], "tripped": [], **answer(op, request, module, pool)}
                if op == "confine":
                    del reply["tripped"]
                if op == self.op and is_mine:
                    reply = self.forge(reply)
                channel.sendall(wire.pack(reply))


def answer(op: str, request: Any, module: types.ModuleType, pool: Pool | None) -> dict[str, Any]:
    """What an honest worker says to a request."""
    if op == "confine":
        return {"sandbox": dict.fromkeys(layers.NAMES, "active")}
    if op == "load":
        exec(request["source"], vars(module))
        functions = loader.describe_functions(module, request["functions"])
        return {"functions": functions, "raised": None}
    if op == "timed":
        assert pool is not None
        value = getattr(module, request["function"])(*pool.take(request["args"]))
        return {"value": pool.put(value, pool.half), "raised": None, "peak_bytes": None}
    if op != "call":
        return {}
    asked = Invocation(**request["call"])
    done, error = loader.guarded(
        lambda: as_plain(invoke(getattr(module, asked.function), asked), "cpu"), ""
    )
    return {"outcome": done, "raised": error}


@pytest.mark.slow
@pytest.mark.parametrize("op", ["confine", "load", "seed", "call"])
def test_a_worker_that_forges_nothing_earns_what_its_code_is_worth(grade_source, op):
    """The worker of these tests is an honest one, but for what is forged."""
    report = grade_source("3", MINE, forkserver=Forgery(op, lambda reply: reply), speed=False)
    assert (report.score, report.status) == (100, Status.PASSED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("op", "name"), sample((each for each in GRADED if each[0] not in NOT_HERE), 6)
)
def test_a_forged_reply_costs_its_own_submission_and_nothing_else(grade_source, op, name):
    """There is a verdict, it is no pass, the student is told why, and the judge blames nobody."""
    report = grade_source("3", MINE, forkserver=Forgery(op, FORGED[op][name]), speed=False)
    assert (report.score, report.status) == (0, Status.FAILED)
    assert PropertyStatus.BROKEN not in {result.status for result in report.properties}
    told = "\n".join([report.reason or "", *(result.message or "" for result in report.properties)])
    assert SAID in told
    assert len(str(report.as_json())) < 20_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["value that no frame holds", *sample((name for op, name in GRADED if op == "timed"), 3)],
)
def test_a_forged_reply_costs_the_points_for_speed(name):
    """Nothing that a timed call says of itself is believed, or ends in an error of the judge's."""
    forge = FORGED["timed"].get(name) or changed(value=NO_FRAME[0])
    forkserver: Any = Forgery("timed", forge)
    clock = Clock(forkserver, a_student(None), EXERCISE.room, limit=3.0)
    with pytest.raises(Halt) as caught:
        clock.hold()
    assert caught.value.status is PropertyStatus.ERROR
    assert SAID in caught.value.message


def a_student(worker: Any) -> Student:
    """The answer to exercise 3 as the judge calls it, in `worker`."""
    functions = {name: value for name, value in module_of(SOURCE).items() if callable(value)}
    reference = Reference({name: functions[name] for name in EXERCISE.functions})
    path = Path("ex03_attention_scoring.py")
    start = Start(MINE, path.name, list(EXERCISE.functions), [], "cpu", Limits())
    return Student(Submission(path, "0" * 64, MINE), reference, start, lambda _: worker)


def module_of(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)
    return names


# --- fuzz --------------------------------------------------------------------------------------


class Stub:
    """A worker whose replies are what a test has put there."""

    is_new, printed, printed_bytes = False, "", 0
    sandbox = dict.fromkeys(layers.NAMES, "active")

    def __init__(self, reply: Any) -> None:
        self.reply = reply

    def now(self) -> float:
        return 0.0

    def printed_since(self, began: int, most: int) -> str:
        del began, most
        return ""

    def close(self) -> None:
        pass

    def load(self, timeout: float) -> dict[str, Any]:
        del timeout
        table = loader.describe_functions(
            types.SimpleNamespace(**module_of(SOURCE)), EXERCISE.functions
        )  # type: ignore[arg-type]
        return {"id": 1, "tripped": [], "functions": table, "raised": None}

    def request(
        self, message: Any, timeout: float, meanwhile: Any = None, heard: Any = None
    ) -> dict[str, Any]:
        del timeout, meanwhile, heard
        if message["op"] == "seed":
            return {"id": 1, "tripped": []}
        try:  # as it arrives, by the wire
            frame = wire.pack(self.reply)
            header, body = wire.lengths(frame[: wire.PREFIX.size])
            rest = frame[wire.PREFIX.size :]
            arrived = wire.unpack(rest[:header], bytearray(rest[header : header + body]))
            return replies.checked(arrived, message, 1)
        except FrameError as error:
            raise WorkerBrokeProtocol(f"{SAID}: {error}") from None


JUNK = [
    *ODD.values(),
    *(None, False, 0, 1 << 62, 10**1000, -0.0, 1e308, "", "\ud800", [], (), {}, [None], [[]]),
    *(torch.tensor(True), torch.zeros((2,) * 20, dtype=torch.bool), torch.zeros((1,) * 64)),
    *(torch.ones(2, 3).double(), torch.ones(1, 2, 2).double(), torch.full((1, 2, 2), math.nan)),
    *(
        {"T": 0},
        [["torch.x", 1]],
        {"type": "E", "bases": [], "message": "m", "lines": [3]},
        "x" * 3_000,
    ),
]
JUNK += [torch.zeros(16 * 3, dtype=torch.uint8).view(each) for each in wire.DTYPES.values()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all that stands in a reply."""
    found = [path]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            found += places(item, (*path, key))
    return found


@st.composite
def forged(draw, honest: dict[str, Any]) -> Any:
    """An honest reply with up to three things in it replaced, dropped, doubled or nested."""
    tree = [listed(honest)]
    for _ in range(draw(st.integers(1, 3))):
        ways = places(tree)[1:]
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        holder = tree
        for step in way:
            holder = holder[step]
        what = draw(st.sampled_from(["junk", "junk", "drop", "double", "nest"]))
        if what == "drop":
            del holder[last]
        elif what == "double":
            holder[last] = [holder[last], holder[last]]
        elif what == "nest":
            holder[last] = {"value": holder[last]}
        else:
            holder[last] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return tree[0] if tree else None


def listed(value: Any) -> Any:
    """A copy whose tuples are lists, so that places in it can be written to; tensors stay."""
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return [listed(item) for item in value] if isinstance(value, list | tuple) else value


Q = torch.arange(6.0, dtype=torch.float64).reshape(1, 2, 3)
ASKED = {
    "a value": (lambda f: f(Q, Q + 1), {}),
    "gradients": (lambda f: f.gradients(Q, Q + 1, seed=1), {"cotangents": True}),
    "changes": (lambda f: f.changes(Q, Q + 1), {"changes": True}),
    "a refusal": (lambda f: f.raises(ValueError, Q, Q + 1), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ASKED)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_whatever_is_changed_in_a_reply_the_judge_has_a_verdict(what, data):
    """The right value, or a failure in words that can be shown, compared and kept."""
    ask, observed = ASKED[what]
    stub = Stub(None)
    student = a_student(stub)
    plain = Invocation("attention_scores", (Q, Q + 1))
    if observed.get("cotangents"):
        plain = student.reference.asked(plain, 1)
    if observed.get("changes"):
        plain = Invocation("attention_scores", (Q, Q + 1), changes=True)
    function = student.reference.functions["attention_scores"]
    honest = as_plain(invoke(function, converted(plain, torch.clone)), "cpu")
    stub.reply = data.draw(forged({"id": 1, "tripped": [], "outcome": honest, "raised": None}))
    right = student.reference.attention_scores(Q, Q + 1)
    problem: Any = None
    try:
        value = ask(student.attention_scores)
        if what == "a value":
            agree(value, right)
    except (Mismatch, StudentRaised, Halt) as caught:
        problem = caught
    assert problem is None or 0 < len(problem.message) < 5_000
    if isinstance(problem, Halt):
        assert problem.status in (PropertyStatus.ERROR, PropertyStatus.FAILED)
    mismatch = problem if isinstance(problem, Mismatch) else None
    shown = render(student.example, student.reference.functions, mismatch) or ""
    assert len(shown) < 20_000
    if mismatch is not None:
        side_by_side(student.example, student.reference.functions, mismatch)
    for record in student.example.records:
        assert record.is_small in (True, False)
        diagnosis.same(record, record)


def test_the_fuzz_lets_the_honest_reply_pass():
    """What is not changed is right, so that the above is about something."""
    stub = Stub(None)
    student = a_student(stub)
    value = student.reference.functions["attention_scores"](Q, Q + 1)
    honest = as_plain(invoke(lambda q, k: value, Invocation("f", (Q, Q))), "cpu")
    stub.reply = {"id": 1, "tripped": [], "outcome": honest, "raised": None}
    assert torch.equal(student.attention_scores(Q, Q + 1), value)
