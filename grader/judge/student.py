"""The student's functions as the properties see them: proxy calls to a worker, within limits."""

import contextlib
import difflib
import hashlib
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch

from grader.judge import handles, refusals, surroundings
from grader.judge.compare import (
    Changed,
    Mismatch,
    Named,
    Results,
    a_kind,
    identical,
    in_due_dtype,
    is_larger,
    same_form,
    short,
)
from grader.judge.processes.workers import Heard, Start, Worker, WorkerFailure, WorkerHung
from grader.judge.reference import (
    Reference,
    gradient_of,
    inputs_by_name,
    signature_of,
    tensors_by_name,
    tensors_in,
)
from grader.judge.replay import START, Ask, Passed, Property, Reply, Trace, digest, following
from grader.judge.story import Story, Told
from grader.language import retold, say
from grader.report import MOST_PRINTED_IN_A_CALL, PropertyStatus, Trained, Training
from grader.submission import policy
from grader.submission.text import Submission, capital
from grader.wire import FrameError, Parcel, leaves, mapped
from grader.worker.effects import (
    ASKING,
    COTANGENT,
    DTYPE,
    EARLIER,
    GENERATOR,
    GRADIENT,
    HOOKED,
    ITEMS,
    MODE,
    OF_NONE,
    OF_TENSORS,
    REPLACED,
    RESTORED,
    THREADS,
    VALUE,
)
from grader.worker.invoke import Change, Invocation, Outcome
from grader.worker.objects import CALL, CONSTRUCT, READ
from grader.worker.objects import ITEMS as READ_ON

# Elements, items and characters: of a value, and of all that was observed with it, that are kept
# for the diagnosis, or when another call follows; a hostile result may fill the memory instead.
MOST_KEPT = 10_000
MOST_OBSERVED = 50_000
# The share of the time limit that one call may take, once another did not come back. A right and
# fast answer takes a hundredth of the limit for all calls of a property.
PATIENCE_ONCE_HUNG = 0.2
# The share of a property's time limit that an answer may have used whose replies are all known:
# with more, the property itself decides what a slow answer is spared.
SLOW = 0.3
MOST_OF_A_LINE = 200  # characters of the student's source in a message
MOST_SEARCHED = 100_000  # characters of it in which a name that was meant is looked for
MOST_MEANT = 5  # names for which it is; code can miss another one in every call
NEARLY = 0.75  # of two names, from which on one may have been meant by the other


class StudentRaised(Exception):
    """The student's code raised; the message names the type, what it said and the line.

    `lineno` is that line in the submission's source, None where none of the student's is known;
    `bases` are the names of Python's own exceptions that it inherits from; `lacks` is the package
    that should be there and is not, which is the grader's fault; `left` are the kinds of torch's
    settings that are otherwise since.
    """

    def __init__(
        self,
        type_name: str,
        message: str,
        lineno: int | None = None,
        bases: Sequence[str] = (),
        lacks: str | None = None,
        left: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.left = left
        self.lacks = lacks
        self.type_name = type_name
        self.bases = frozenset(bases)
        self.message = message
        self.lineno = lineno

    def with_line(self, line: str) -> "StudentRaised":
        """The same with one line more in its message."""
        message = f"{self.message}\n{line}"
        return StudentRaised(
            self.type_name, message, self.lineno, [*self.bases], self.lacks, self.left
        )


class Halt(BaseException):
    """The property cannot go on: no use to try other inputs, or to shrink this one.

    A BaseException, so that neither Hypothesis nor a property's own `except` holds it up.
    """

    def __init__(self, status: PropertyStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Hung(Halt):
    """A call did not come back in time; `lineno` is where it was, where that is known."""

    def __init__(self, message: str, lineno: int | None = None) -> None:
        super().__init__(PropertyStatus.ERROR, message)
        self.lineno = lineno


class OutOfPatience(BaseException):
    """A call took longer than `Student.patience` allows; what the worker did is given up."""


class _Otherwise(Exception):
    """A reply is not one that is known to be right."""


class ForbiddenUsed(Halt):
    """The submission called a built-in that the exercise's policy forbids, on line `lineno`; or
    something that leads to one, for which there is another `reason`."""

    def __init__(self, message: str, lineno: int | None, reason: str) -> None:
        super().__init__(PropertyStatus.ERROR, message)
        self.lineno = lineno
        self.reason = reason


class LoadFailed(Exception):
    """The submission could not be loaded; the message is for the student. `lacks`: see
    `StudentRaised`."""

    def __init__(self, message: str, lineno: int | None = None, lacks: str | None = None) -> None:
        super().__init__(message)
        self.lineno = lineno
        self.lacks = lacks


@dataclass(frozen=True)
class Record:
    """One call as it was seen: what came back, or the type of what was raised.

    `is_heavy`: what came back was more than is kept of a call that another followed. `printed` is
    what the student's code printed meanwhile, its beginning.
    """

    call: Invocation
    outcome: Outcome | None
    raised: str | None
    is_heavy: bool = False
    printed: str = ""

    @property
    def is_small(self) -> bool:
        """Whether it may be kept."""
        if self.outcome is None:
            return not self.is_heavy
        changes = [(each.value, each.grad_object, each.grad) for each in self.outcome.changes or ()]
        others = [self.outcome.gradients, changes, self.outcome.backwards]
        return not is_larger(self.outcome.value, MOST_KEPT) and not is_larger(
            [self.outcome.value, *others], MOST_OBSERVED
        )


@dataclass
class Example:
    """The calls that one run of a property made, in order."""

    records: list[Record] = field(default_factory=list)
    story: Story | None = None  # of the objects that it asked for


class Effects:
    """What calls did that nobody asked for. Each kind costs one property, whichever calls show it.

    That is the one which is at home, in which it is a failure at once; what earlier ones have seen
    waits for it, and what later ones see first is theirs.
    """

    def __init__(self) -> None:
        self.at_home = False
        self._waiting: dict[str, tuple[str, Example]] = {}
        self._paid: set[str] = set()

    def seen(self, found: Sequence[tuple[str, str]], example: Example) -> None:
        """Note what the last call of `example` did. Mismatch where that is to be paid for now."""
        for kind, sentence in found:
            if kind in self._paid:
                continue
            self._waiting.setdefault(kind, (sentence, Example([*example.records])))
            if self.at_home:
                raise Mismatch(sentence)

    def waiting(self) -> tuple[str, Example] | None:
        """What is still to be paid for, as a sentence, and the calls that show it."""
        left = (each for kind, each in self._waiting.items() if kind not in self._paid)
        return next(left, None)

    @property
    def are_none(self) -> bool:
        """Whether nothing was seen so far, and nothing paid for."""
        return not self._waiting and not self._paid

    def pay(self, *kinds: str) -> None:
        """Some kinds, or all that were seen, are paid for."""
        self._paid.update(kinds or self._waiting)


class Student:
    """The submission under test. `student.f(x)` calls its function `f` in a worker.

    What comes back has the form that the reference's result has (types, shapes, dtypes), or
    Mismatch was raised; so a property may compute with it.
    """

    def __init__(
        self,
        submission: Submission,
        reference: Reference,
        start: Start,
        spawn: Callable[[Start], Worker],
        uses: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.submission = submission
        self.uses = uses or {}  # the functions that each of the contract's may call
        # What the statement calls the parts of a function's result, in order.
        self.names_of: Callable[[str], Sequence[str]] = lambda _: ()
        self.reference = reference
        self._example = Example()
        self.effects = Effects()
        self.printed = ""
        self.sandbox: dict[str, str] = {}  # the state of each layer, once something was loaded
        self.start = start
        self._spawn = spawn
        # Holds the larger inputs that a slow answer was spared; a fast one is held to them too.
        self.put_off: Callable[[], None] | None = None
        self.trace: Trace | None = None  # of the property at hand, where that is kept
        # How well the model that it trained does, where that was measured, and what that shows.
        self.training: Training | None = None
        self.measured: dict[str, Any] = {}  # what a capstone keeps of that
        self.sign = ""
        self.on_training: Callable[[Trained], None] = lambda _: None
        self._stories = 0  # of the property at hand
        self._worker: Worker | None = None
        self._seed = 0
        self._functions: Mapping[str, Any] = {}
        self._checked: set[str] = set()  # the functions that can be called as the contract says
        self._near: dict[str, str] = {}  # by a name that is not defined, what may have been meant
        self._hung: set[str] = set()  # those of which a call did not come back
        self._property_left = float(start.limits.property_seconds)
        self._submission_left = float(start.limits.submission_seconds)
        self._kept_back = 0.0  # seconds of the property's that the calls may not use now

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.reference.functions:
            raise AttributeError(f"the contract has no function {name!r}")
        if isinstance(self.reference.functions[name], type):
            return handles.Maker(self, name)
        return StudentFunction(self, name)

    @property
    def example(self) -> Example:
        """What the run of a property that is under way has called."""
        return self._example

    @example.setter
    def example(self, value: Example) -> None:
        self._example = value
        self.reference.forget()

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions and classes of the contract, as the reference has them."""
        return self.reference.functions

    @property
    def given(self) -> handles.Given:
        """What `given.py` or torch gives: `student.given.torch.nn.LSTM(4, 8)`."""
        return handles.Given(self)

    @property
    def story(self) -> Story:
        """What this run of a property has asked of the student's objects."""
        if self.example.story is None:
            self.example.story = Story(self.reference.given_by)
        return self.example.story

    # --- lifecycle ---

    def load(self) -> None:
        """Start a worker and load the submission. LoadFailed says what it did instead."""
        try:
            self._load()
        except WorkerHung as failure:
            message = self._late(self.start.limits.property_seconds, failure.line)
            advice = say("It happened while your file was being loaded.")
            raise LoadFailed(f"{message}\n{advice}", failure.line) from None
        except WorkerFailure as failure:
            message = say(
                "{failure} It happened while your file was being loaded.", failure=failure
            )
            raise LoadFailed(message) from None

    def begin(self, seed: int) -> None:
        """Begin a property: its own time limit, and random numbers that depend on `seed` alone."""
        self._property_left = float(self.start.limits.property_seconds)
        self._seed = seed
        self._stories = 0
        if self._worker is None:
            self.trace = None
        else:
            self._guarded(self._seeded)

    @property
    def is_clean(self) -> bool:
        """Whether it has done nothing so far but to answer, in time, in one worker."""
        there = self._worker is not None and not self._hung and self.put_off is None
        return there and self.effects.are_none

    @property
    def is_behind(self) -> bool:
        """Whether replies were heard that nobody has asked for again."""
        return self._worker is not None and self._worker.is_rewound

    def passes(self, known: Property, seed: int) -> Passed | None:
        """Begin a property, and see whether its calls get replies with which it has passed before.

        Where they do, the property was tried. None where they do not: then it is to be begun anew,
        and hears the replies that came so far again.
        """
        worker = self._worker
        if worker is None or worker.is_rewound or known.next(START) is None:
            return None
        for name in sorted(known.functions - self._checked):
            try:
                self._check_contract(name)
            except Halt:  # which is said when it is called
                return None
            self._checked.add(name)
        before = worker.is_new, worker.number, self._submission_left, self.printed
        log: list[Heard] = []
        worker.log = log
        try:
            return self._walked(known, seed)
        except (_Otherwise, Halt, OutOfPatience):
            worker.rewind(log)
            self._worker = worker
            worker.is_new, worker.number, self._submission_left, self.printed = before
            return None
        finally:
            worker.log = None
            self._kept_back = 0.0

    def _walked(self, known: Property, seed: int) -> Passed:
        """Make the calls of a property, as long as the replies are known ones."""
        state = START
        self.begin(seed)
        limit = self.start.limits.property_seconds
        while True:
            ask = known.next(state)
            if isinstance(ask, Passed):
                return ask
            if ask is None or limit - self._property_left > SLOW * limit:
                raise _Otherwise
            self._kept_back = ask.kept_back
            heard: list[bytes] = []

            def exchange(worker: Worker, ask: Ask = ask, heard: list[bytes] = heard) -> Any:
                try:
                    reply = worker.exchange(ask.parcel, self._patience_for_one())
                except FrameError:
                    raise _Otherwise from None
                heard.append(digest(reply))
                return {"tripped": []}  # what was tripped stands in the reply, and makes another

            self._guarded(exchange)
            state = following(state, heard[0])

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Have the worker, with all that it started, stand still meanwhile."""
        worker = self._worker
        if worker is not None and not worker.stop():
            self.close()
            worker = None
        try:
            yield
        finally:
            if worker is not None:
                worker.go_on()

    @contextlib.contextmanager
    def patience(self, share: float) -> Iterator[None]:
        """Within, the calls may use up this share of the property's time limit.

        The call that would go on raises OutOfPatience; what comes after has the rest.
        """
        self._kept_back = (1 - share) * self.start.limits.property_seconds
        try:
            yield
        finally:
            self._kept_back = 0.0

    def twin(self) -> "Student":
        """The same submission again, with a worker and time of its own."""
        twin = Student(self.submission, self.reference, self.start, self._spawn, self.uses)
        twin.names_of, twin._near = self.names_of, self._near
        return twin

    def close(self) -> None:
        """End the worker, and keep what it printed."""
        self.trace = None
        if self._worker is not None:
            self._worker.close()
            most = self.start.limits.output_kib << 10
            self.printed = (self.printed + self._worker.printed)[:most]
            self._worker = None

    @property
    def spent(self) -> float:
        """The share of the time limit of the property, or of all, that is used up."""
        limits = self.start.limits
        return max(
            1 - self._property_left / limits.property_seconds,
            1 - self._submission_left / limits.submission_seconds,
        )

    def _left(self) -> float:
        return min(self._property_left - self._kept_back, self._submission_left)

    def _patience_for_one(self) -> float:
        """Seconds that one call may take: what is left; less once one did not come back, for an
        endless loop is seldom alone, and nobody waits for each of them in full."""
        share = PATIENCE_ONCE_HUNG if self._hung else 1.0
        return min(self._left(), share * self.start.limits.property_seconds)

    def _late(self, seconds: float, lineno: int | None) -> str:
        """That the code took longer than `seconds`, and where it was."""
        message = say("Your code did not come back within {seconds:g} seconds.", seconds=seconds)
        if lineno is not None:
            where = self.submission.where(lineno)
            line = _cut(self.submission.line(lineno).strip(), MOST_OF_A_LINE)
            message += "\n" + say("It was at {where}: {line}", where=where, line=line)
        return message

    def _load(self) -> None:
        worker = self._worker = self._spawn(self.start)
        began = worker.now()
        try:
            reply = worker.load(self._left())
        except WorkerFailure:
            self.close()
            raise
        finally:
            # One that had no time left to say so met none of the student's code.
            self.sandbox = worker.sandbox or self.sandbox
            self._spend(worker.now() - began)
        self._check_policy(reply)
        if reply.get("raised") is not None:
            raised = self._raised(reply["raised"], at_load=True)
            raise LoadFailed(raised.message, raised.lineno, raised.lacks)
        self._functions = reply.get("functions") or {}
        self._checked = set()

    def _spend(self, seconds: float) -> None:
        self._property_left -= seconds
        self._submission_left -= seconds

    def _guarded(self, ask: Callable[[Worker], dict[str, Any]]) -> dict[str, Any]:
        """Ask the worker, starting one where there is none; its failure halts the property."""
        limits = self.start.limits
        if self._submission_left <= 0:
            message = say(
                "Not run: your code has used up its {seconds} seconds.",
                seconds=limits.submission_seconds,
            )
            raise Halt(PropertyStatus.ERROR, message)
        worker = None
        try:
            if self._worker is None:
                self._load()
            assert self._worker is not None
            worker, began = self._worker, self._worker.now()
            if worker.is_new:
                self._seeded(worker)
            reply = ask(worker)
        except WorkerHung as failure:
            self.close()
            if self._kept_back:
                raise OutOfPatience from None
            seconds = float(min(limits.property_seconds, limits.submission_seconds))
            if self._hung and self._property_left > 0:
                seconds *= PATIENCE_ONCE_HUNG
            raise Hung(self._late(seconds, failure.line), failure.line) from None
        except WorkerFailure as failure:
            self.close()
            raise Halt(PropertyStatus.ERROR, str(failure)) from None
        except LoadFailed as failure:
            self.close()
            message = say("When it was loaded again: {failure}", failure=failure)
            raise Halt(PropertyStatus.ERROR, message) from None
        finally:
            if worker is not None:
                self._spend(worker.now() - began)
        self._check_policy(reply)
        return reply

    def _seeded(self, worker: Worker) -> dict[str, Any]:
        worker.is_new = False
        # Not the property's own: whoever knows that can draw what is still to come.
        drawn = hashlib.sha256(f"worker:{self._seed}".encode()).digest()[:7]
        seed = int.from_bytes(drawn, "big")
        reply = worker.request({"op": "seed", "seed": seed}, self._left())
        worker.number = 0
        return reply

    def _check_policy(self, reply: dict[str, Any]) -> None:
        if tripped := reply["tripped"]:
            name, line = tripped[0]
            lineno = line or None
            where = self.submission.where(lineno) if lineno else say("your file")
            where = capital(where)
            message = say("{where} calls `{name}`", where=where, name=_cut(name, 100))
            raise ForbiddenUsed(message, lineno, policy.reason_for(_cut(name, 100)))

    # --- calls ---

    def run(self, call: Invocation) -> Outcome:
        """Make one call. StudentRaised, Mismatch or Halt where it gave no value."""
        if not (isinstance(call, Told) and call.is_apart):
            return self._run(call)
        self.trace = None  # another answer's replies say nothing of what this one predicts
        records = len(self.example.records)
        try:
            return self._run(call)
        finally:  # it is too much work to be done again for the picture of it
            del self.example.records[records:]

    def _run(self, call: Invocation) -> Outcome:
        is_apart = isinstance(call, Told) and call.is_apart
        if self._worker is None:
            self._guarded(self._seeded)
        message: dict[str, Any] = {"op": "call", "call": call.fields()}
        if isinstance(call, Told):
            message = {"op": "step", "step": call.fields(), "story": self._holding(call.story)}
        if call.function not in self._checked and call.function:
            self._check_contract(call.function)
            self._checked.add(call.function)
        self._check_comes_back(call.function)
        records = self.example.records
        if records and not records[-1].is_small:
            records[-1] = replace(records[-1], outcome=None, is_heavy=True)
        records.append(Record(call, None, None))
        anticipate = (lambda: None) if is_apart else partial(self.reference.anticipate, call)
        left = self._left()

        def ask(worker: Worker) -> dict[str, Any]:
            began = worker.printed_bytes
            patience = self._patience_for_one()
            try:
                return worker.request(message, patience, anticipate, self._heard(call.function))
            finally:
                printed = worker.printed_since(began, MOST_PRINTED_IN_A_CALL)
                self.example.records[-1] = Record(call, None, None, printed=printed)

        try:
            reply = self._guarded(ask)
        except Hung:
            # One long call, rather than many that together took too long.
            if left > self.start.limits.property_seconds / 2:
                self._hung.add(call.function)
            raise
        try:
            self.answer(reply, f"`{call.shown}`")
        except StudentRaised as error:
            self.example.records[-1] = replace(self.example.records[-1], raised=error.type_name)
            if error.lacks:
                raise Halt(PropertyStatus.BROKEN, surroundings.at_fault(error.lacks)) from None
            if error.type_name == "NotImplementedError" and error.lineno:
                name = call.shown
                if self.submission.is_beside(error.lineno):  # an earlier answer, begun in part
                    name = self.submission.where(error.lineno)
                unwritten = say("`{name}` is still to be written.", name=name)
                raise Halt(PropertyStatus.ERROR, unwritten) from None
            if isinstance(call, Told):
                self._check_step(call, error)
            if error.left and self._should_raise(call):
                self.effects.seen(
                    [(kind, _what_was_done(kind)) for kind in error.left], self.example
                )
            raise
        except Mismatch as mismatch:
            if not is_apart and (right := self._what_is_right(call)):
                raise Mismatch(f"{mismatch.message} {right}") from None
            raise
        outcome = _outcome(reply["outcome"])
        self.example.records[-1] = replace(self.example.records[-1], outcome=outcome)
        if outcome.effects:
            self.effects.seen(self._unasked(call, outcome), self.example)
        if isinstance(call, Told) and (outcome.held >= 0 or call.is_quiet):
            self.example.records.pop()  # it shows nothing yet; it stands in the story of what does
        device = self.start.device
        elsewhere = reply["outcome"]["devices"] not in ([], [device])
        # A call without tensors has no device to keep, and a single number may lie anywhere.
        numbers = all(tensor.dim() == 0 for tensor in leaves(outcome.value))
        if elsewhere and device != "cpu" and call.tensors and not numbers:
            raise Mismatch(
                say("The result is not on {device}, where the inputs were.", device=device)
            )
        return outcome

    def _heard(self, function: str) -> Callable[[Parcel, Reply], None] | None:
        """Notes a request of a function and its reply, where a trace is kept."""
        trace, kept_back = self.trace, self._kept_back
        if trace is None:
            return None
        return lambda parcel, reply: trace.add(function, Ask(parcel, kept_back), reply)

    def _holding(self, story: Story) -> int:
        """The number of a story whose objects the worker holds, among those of the property. Halt
        where they are lost."""
        if story.worker is None:
            story.worker = self._worker
            story.sent = self._stories
            self._stories += 1
        if story.worker is not self._worker:
            message = say("The process that your code ran in has ended, and its objects with it.")
            raise Halt(PropertyStatus.ERROR, message)
        return story.sent

    def again(self, call: Invocation) -> Outcome:
        """Make a call once more; a step with objects at the end of its story, told anew."""
        if not isinstance(call, Told):
            return self.run(call)
        story = Story(call.story.given)
        *before, last = (replace(each, story=story) for each in call.whole)
        example, self.example = self.example, Example(story=story)
        try:
            for step in before:
                story.steps.append(step)
                with contextlib.suppress(Mismatch, StudentRaised):
                    self.run(step)
            story.steps.append(last)
            return self.run(last)
        finally:
            example.records += self.example.records[-1:]
            self._example = example

    # --- steps with objects (what `handles.Owner` asks for) ---

    def result(self, step: Told) -> Any:
        """What a step gives, in the form that the reference's result has; or a handle."""
        outcome = self.run(step)
        right = self.reference.outcome(step)
        if step.kind == CONSTRUCT and outcome.kind == "NoneType":
            raise Mismatch(
                say(
                    "`{name}(...)` gives None; it should give an object of the class: let its"
                    " `__new__` return one, or leave that out.",
                    name=step.function,
                )
            )
        if right.held >= 0:
            # A method that changes its object, and forgets to give it back, has changed it.
            if outcome.held < 0 and (right.held != step.on or outcome.value is not None):
                raise Mismatch(
                    say(
                        "`{name}` gives {value}; it should give {kind}.",
                        name=step.shown,
                        value=a_kind(outcome.value),
                        kind=_article(right.kind),
                    )
                )
            return handles.Handle(self, step.story, right.held)
        if outcome.held >= 0:
            self._ungradable(f"`{step.shown}`", f"a value of type {outcome.kind}", step)
        return self._formed(_in_order(outcome.value, right.value, step), step)

    def read(self, step: Told) -> list[Any]:
        """The items that a step reads to the end, whatever they are; Mismatch where there is none
        to be seen."""
        items: list[Any] = self.run(step).value  # so says `processes.replies`
        if len(items) >= step.items:
            raise Mismatch(
                say(
                    "`{name}` does not end where it should: it goes on after {count} items.",
                    name=step.shown,
                    count=step.items - 1,
                )
            )
        return items

    def gradients(self, step: Told) -> Named:
        """The vector-Jacobian products of a step, by the names of arguments and parameters."""
        right = self.reference.outcome(step)
        step = step.story.steps[step.place]  # with its cotangents
        outcome = self.run(step)
        self.formed(outcome.value, step, mapped(torch.Tensor.detach, right.value))
        inputs = self.reference.inputs_of(step)
        truth = self.reference.named_gradients(step, right)
        mine = dict(zip(inputs, outcome.gradients or [], strict=True))
        told = outcome.parameters or {}
        for key, expected in (right.parameters or {}).items():
            name = handles.parameter(step, key)
            if key not in told:
                raise Mismatch(
                    say(
                        "No gradient reaches the parameter `{name}`: it is none that your object"
                        " has registered (`nn.Parameter`, `nn.ModuleList`, no plain list).",
                        name=name,
                    )
                )
            got = told[key]
            if expected is None and got is None:
                continue  # the step does not use it
            if expected is not None and got is not None:
                same_form(got, expected)
            mine[name] = got
            if expected is None and got is not None:
                truth[name] = torch.zeros_like(got)
        return self._gradients(mine, truth)

    def changed(self, step: Told) -> Changed:
        """The tensor arguments after a step: `(value, grad)` for each, in order."""
        changes = self.run(step).changes or []
        names = [f"argument {n}" for n, _ in enumerate(changes)]
        return Changed(names, [(each.value, each.grad) for each in changes])

    def raised(self, error: type[Exception], step: Told) -> None:
        """Hold that a step raises `error`; Mismatch where it raises another, or returns."""
        self._raises(error, step)

    def _raises(self, error: type[Exception], call: Invocation) -> None:
        try:
            outcome = self.run(call)
        except StudentRaised as raised:
            if error.__name__ in raised.bases:
                return
            message = say(
                "It should raise {wanted} here, and raises {raised}",
                wanted=error.__name__,
                raised=raised.message,
            )
            raise Mismatch(message) from None
        message = say(
            "It should raise {wanted} here, and returns {value}.",
            wanted=error.__name__,
            value=_article(outcome.kind) if outcome.held >= 0 else a_kind(outcome.value),
        )
        raise Mismatch(message)

    def _formed(self, value: Any, call: Invocation) -> Any:
        right = self.reference.outcome(call).value
        right = mapped(torch.Tensor.detach, right)
        self.formed(value, call, right)
        return Results.of(in_due_dtype(value, right), self.names_of(call.shown))

    @staticmethod
    def _gradients(mine: Mapping[str, Any], truth: Mapping[str, Any]) -> Named:
        """Gradients by name, in which one that does not arrive is zero; Mismatch where the right
        one is not."""
        gradients = Named(gradient_of())
        for name, gradient in mine.items():
            expected = truth[name]
            if gradient is None and expected.any():
                raise Mismatch(
                    say(
                        "No gradient reaches `{name}`: something detaches it from the result"
                        " (`detach`, `.data`, `.item()`, numpy, or a new tensor).",
                        name=name,
                    ),
                    None,
                    Named(gradient_of(), {name: expected}),
                )
            gradients[name] = torch.zeros_like(expected) if gradient is None else gradient
        return gradients

    def _should_raise(self, call: Invocation) -> bool:
        try:
            self.reference.effects(call)
        except Exception:
            return True
        return False

    def _unasked(self, call: Invocation, outcome: Outcome) -> list[tuple[str, str]]:
        """What a call did that the reference does not do: each kind with a sentence."""
        try:
            apart = isinstance(call, Told) and call.is_apart
            right = () if apart else self.reference.effects(call)
        except Exception:  # it should have raised
            return []
        # What becomes of values is what such a call is made for: the property holds them itself.
        asked = frozenset({VALUE, RESTORED, ITEMS} if call.changes else ())
        if apart:  # what it draws, and does to what it was given, its own laws hold
            asked = (OF_TENSORS | OF_NONE) - {MODE, DTYPE}
        of_tensors = any(index >= 0 for _, index in outcome.effects)
        names = self._names_of_tensors(call) if of_tensors else []
        return [
            (kind, _what_was_done(kind, names[index] if index >= 0 else ""))
            for kind, index in outcome.effects
            if (kind, index) not in right and kind not in asked
        ]

    def _names_of_tensors(self, call: Invocation) -> list[str]:
        """What the tensor arguments of a call, or of a step, are called, in order."""
        function = self.reference.functions[call.function]
        if not isinstance(call, Told):
            return list(tensors_by_name(function, call))
        found = handles.signature(call, self.reference.functions)
        given: Mapping[str, Any] = {f"args[{n}]": each for n, each in enumerate(call.args)}
        if found is not None:
            with contextlib.suppress(TypeError):
                given = found.bind(*call.args, **call.kwargs).arguments
        return [name for each, value in given.items() for name, _ in tensors_in(each, value)]

    # --- what a result is like ---

    def formed(self, value: Any, call: Invocation, right: Any) -> None:
        """Hold the form of what came back against the contract's; Mismatch says how they differ."""
        value = Results.of(value, self.names_of(call.function))
        try:
            same_form(value, right)
        except Mismatch as mismatch:
            message = mismatch.message
            if value is None:
                message += " " + say("Did you forget `return`?")
            if names := self._names(call, right):
                message += "\n" + say(
                    "`{name}` returns {names}, in this order.", name=call.shown, names=names
                )
            dtypes = [[tensor.dtype for tensor in leaves(each)] for each in (value, right)]
            if dtypes[0] != dtypes[1]:
                message += self.default_dtype()
            raise Mismatch(message, mismatch.actual, mismatch.expected) from None

    def default_dtype(self) -> str:
        """That the submission changes what new tensors are made of, on a line of its own."""
        lines = self.submission.source.split("\n")
        for number, line in enumerate(lines, 1):
            if re.match(r"[^#\"']*\bset_default_(dtype|tensor_type)\(", line):
                where = self.submission.where(number)
                return "\n" + say(
                    "Your code changes torch's default dtype at {where}: leave that out, and make"
                    " new tensors with the dtype of the inputs.",
                    where=where,
                )
        return ""

    def _what_is_right(self, call: Invocation) -> str:
        """What a call should return, as a sentence; nothing where the reference returns nothing."""
        try:
            right = self.reference.outcome(call).value
        except Exception:  # it should raise
            return ""
        kind = a_kind(right)
        if names := self._names(call, right):
            kind = f"{kind} ({names})"
        return "" if right is None else say("It should return {kind}.", kind=kind)

    def _names(self, call: Invocation, right: Any) -> str:
        """What the statement calls the parts of a right result, as they stand in a sentence."""
        if not isinstance(right, tuple):
            return ""
        names = self.names_of(call.shown)
        return ", ".join(f"`{name}`" for name in names) if len(names) == len(right) else ""

    def _check_comes_back(self, name: str) -> None:
        """Halt where a call of the function, or of one that it uses, did not come back before."""
        if name in self._hung:
            message = say("Not tried again: `{name}` did not come back before.", name=name)
            raise Halt(PropertyStatus.ERROR, message)
        for used in self.uses.get(name, ()):
            if used in self._hung:
                message = say(
                    "Not tried: `{name}` uses `{used}`, which did not come back before.",
                    name=name,
                    used=used,
                )
                raise Halt(PropertyStatus.ERROR, message)

    def _check_contract(self, name: str) -> None:
        """Halt where the file lacks a function or class of the contract, or has another thing."""
        wanted = self.reference.functions[name]
        if isinstance(wanted, type):
            self._check_class(name, wanted)
        else:
            self._check_function(name, signature_of(wanted))

    def _check_class(self, name: str, wanted: type) -> None:
        found = self._functions.get(name)
        contract = f"`class {name}{_bare(signature_of(wanted))}`"
        if found == name:
            problem = say(
                "`{name}` is an object of your class, no longer the class: give the object another"
                " name. It should be {contract}.",
                name=name,
                contract=contract,
            )
        elif isinstance(found, str):
            problem = say(
                "`{name}` is {kind}, not a class; it should be {contract}.",
                name=name,
                kind=_article(found[:100]),
                contract=contract,
            )
        elif found is None:
            problem = say(
                "Your file has no class `{name}`; it should define {contract}.",
                name=name,
                contract=contract,
            )
            if where := self.submission.elsewhere.get(name) or self._nearly(name):
                problem += f"\n{where}"
        else:
            return
        raise Halt(PropertyStatus.FAILED, problem)

    def _check_step(self, step: Told, error: StudentRaised) -> None:
        """Mismatch where a step raised because a class lacks what the contract has: a method, or
        parameters; or gives what cannot be iterated over."""
        iterates = step.kind in (READ_ON, READ) or step.name == "__iter__"
        kind = re.search(r"'(\w+)' object is not iterable", error.message)
        if iterates and error.type_name == "TypeError" and error.lineno is None and kind:
            given = "None" if kind[1] == "NoneType" else _article(_cut(kind[1], 100))
            raise Mismatch(
                say(
                    "`{name}` gives {kind}; it should give items one after another: `yield` each,"
                    " or return a list of them.",
                    name=step.shown,
                    kind=given,
                )
            ) from None
        found = self._functions.get(step.function)
        contract = handles.signature(step, self.reference.functions)
        if not isinstance(found, dict) or contract is None:
            return
        method = "" if step.kind == CONSTRUCT else step.shown.rpartition(".")[2]
        lacking = found.get(method, True)
        shown = f"{step.shown}{_bare(contract)}"
        if lacking is None and error.type_name in ("AttributeError", "NotImplementedError"):
            message = say(
                "Your class `{name}` has no method `{method}`; it should define `{contract}`.",
                name=step.function,
                method=method,
                contract=shown,
            )
            if near := self._nearly(f"{step.function}.{method}"):
                message += " " + near
            raise Mismatch(message) from None
        takes = isinstance(lacking, list) and not _accepts(lacking, contract)
        if takes and error.type_name == "TypeError":
            mine = _cut(", ".join(_cut(each, 100) for each, _, _ in lacking), 200)
            raise Mismatch(
                say(
                    "`{mine}` does not take the arguments that it is called with: it should be"
                    " {contract}.",
                    mine=f"{step.shown}({mine})",
                    contract=f"`{shown}`",
                )
            ) from None

    def _check_function(self, name: str, signature: inspect.Signature) -> None:
        found = self._functions.get(name)
        contract = f"`{name}{_bare(signature)}`"
        if found is None:
            problem = say(
                "Your file has no function `{name}`; it should define {contract}.",
                name=name,
                contract=contract,
            )
            if where := self.submission.elsewhere.get(name) or self._nearly(name):
                problem += f"\n{where}"
        elif isinstance(found, str):
            problem = say(
                "`{name}` is {kind}, not a function; it should be {contract}.",
                name=name,
                kind=_article(found[:100]),
                contract=contract,
            )
        elif isinstance(found, list) and not _accepts(found, signature):
            mine = _cut(", ".join(_cut(name, 100) for name, _, _ in found), 200)
            problem = say(
                "`{mine}` does not take the arguments that it is called with: it should be"
                " {contract}.",
                mine=f"{name}({mine})",
                contract=contract,
            )
        else:
            return
        raise Halt(PropertyStatus.FAILED, problem)

    def _nearly(self, name: str) -> str:
        """That a function, class or method of the file has nearly the name of one of the contract,
        such as `forward` or `JANET.forward`, as a sentence."""
        if name not in self._near:
            self._near[name] = self._looked_for(name)
        return self._near[name]

    def _looked_for(self, path: str) -> str:
        owner, _, name = path.rpartition(".")
        written = set(self.submission.definitions or ())
        if owner:
            others = {n.removeprefix(f"{owner}.") for n in written if n.startswith(f"{owner}.")}
        else:
            classes = {n.partition(".")[0] for n in written if "." in n}
            wants_class = isinstance(self.reference.functions.get(name), type)
            of_its_kind = classes if wants_class else {n for n in written if "." not in n} - classes
            others = of_its_kind - set(self.reference.functions)
        near = _nearest(name, others)
        if near is None:
            return ""
        return say("You have `{near}`: rename it to `{name}`.", near=near, name=name)

    def _meant(self, text: str) -> str:
        """What a name that is not defined may have been meant to be, as a sentence."""
        found = re.match(r"name '(\w+)' is not defined", text)
        if found is None:
            return ""
        name = found[1]
        if name in self.reference.functions:
            return self._nearly(name)
        return "" if "Did you" in text else self._nearest_of_all(name)

    def _nearest_of_all(self, name: str) -> str:
        """Which name of the file may have been meant by one, as a sentence; looked for once."""
        if name not in self._near and len(self._near) < MOST_MEANT:
            near = _nearest(name, _names_in(self.submission.source[:MOST_SEARCHED]) - {name})
            self._near[name] = "" if near is None else say("Did you mean `{name}`?", name=near)
        return self._near.get(name, "")

    def answer(self, reply: dict[str, Any], what: str = "") -> dict[str, Any]:
        """A reply that holds a result; StudentRaised, Mismatch or ForbiddenUsed for any other.

        `what` is the subject of the sentence on a result that cannot be sent.
        """
        self._check_policy(reply)
        if reply.get("raised") is not None:
            raise self._raised(reply["raised"])
        if "unsendable" in reply:
            self._ungradable(what or say("Your code"), _cut(reply["unsendable"]))
        return reply

    def _ungradable(self, what: str, told: str, call: Invocation | None = None) -> None:
        """Raise Mismatch for a result that cannot be sent, for which `wire` has words."""
        message = say(
            "{what} returned {value}, which cannot be graded.", what=what, value=_unsendable(told)
        )
        if advice := _advice(told):
            message += " " + advice
        if call is not None and (right := self._what_is_right(call)):
            message += " " + right
        raise Mismatch(message)

    def _raised(self, description: dict[str, Any], *, at_load: bool = False) -> StudentRaised:
        """The student's exception in words, with the line of theirs that it came from."""
        name = _cut(description["type"], 100)
        text = _raised_by_worker(_cut(description["message"]))
        lines = description["lines"]
        came_through = [self.submission.line(number) for number in lines if number]
        wall = refusals.advice(name, text, came_through) if self.sandbox else None
        if wall:  # what libraries say of it goes on for pages, and misleads
            text = text.strip().partition("\n")[0]
        message = f"{name}: {text}" if text else name
        lineno = (lines[-1] or None) if lines else None
        if lineno is not None:
            where = self.submission.where(lineno)
            line = _cut(self.submission.line(lineno).strip(), MOST_OF_A_LINE)
            message += "\n" + say("at {where}: {line}", where=where, line=line)
        packages = self.start.packages
        note = surroundings.note(self.submission, packages, name, text, at_load=at_load)
        if note and wall in (None, refusals.reading()):  # it names the file or the module
            message += f"\n{note}"
        elif wall:
            message += "\n" + wall
        elif meant := self._meant(text) if name == "NameError" else _of_a_constructor(name, text):
            message += f"\n{meant}"
        elif re.search(r"dtype|Float|Double|Half", text):
            message += self.default_dtype()
        lacked = surroundings.lacked(packages, name, text)
        return StudentRaised(
            name, message, lineno, description["bases"], lacked, description.get("left", ())
        )


class StandIn(Student):
    """The reference in the place of the submission: what a property does with a right answer."""

    def __init__(self, student: Student) -> None:
        super().__init__(student.submission, student.reference, student.start, student._spawn)
        self.names_of = student.names_of

    def run(self, call: Invocation) -> Outcome:
        """Make one call of the reference."""
        try:
            return self.reference.outcome(call)
        except Exception as error:
            kinds = [each.__name__ for each in type(error).__mro__]
            raise StudentRaised(type(error).__name__, f"{error}", bases=kinds) from None


@dataclass(frozen=True)
class StudentFunction:
    """One function of the submission; calling it calls the worker."""

    student: Student
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The result of the call, in the form that the contract gives it."""
        if handles.are_in(args, kwargs):
            return self._with_objects(args, kwargs)
        call = Invocation(self.name, args, kwargs)
        return self.student._formed(self.student.run(call).value, call)

    def called(self, way: str, *args: Any, **kwargs: Any) -> Any:
        """The result of the call, made in one of the `worker.invoke.WAYS`."""
        if handles.are_in(args, kwargs):
            return self.student.result(self._step(args=args, kwargs=kwargs, way=way))
        call = Invocation(self.name, args, kwargs, way=way)
        return self.student._formed(self.student.run(call).value, call)

    def held(self, *args: Any, **kwargs: Any) -> handles.Handle:
        """A handle of the result, whatever it is."""
        handle: handles.Handle = self._with_objects(args, kwargs, must=True)
        return handle

    def _with_objects(self, args: Any, kwargs: Any, *, must: bool = False) -> Any:
        return self.student.result(self._step(args=args, kwargs=kwargs, must_keep=must))

    def _step(self, **rest: Any) -> Told:
        return handles.told(self.student, CALL, function=self.name, **rest)

    def gradients(
        self,
        *args: Any,
        seed: int,
        wanted: frozenset[int] | None = None,
        way: str = "",
        **kwargs: Any,
    ) -> Named:
        """The vector-Jacobian product with drawn cotangents, by floating argument, or by those that
        are `wanted`: the numbers of tensors among all, in order; in one of the
        `worker.invoke.WAYS`. With objects among the arguments, by their parameters too."""
        if handles.are_in(args, kwargs):
            asking = handles.asking_gradients(args, kwargs, seed, wanted)
            return self.student.gradients(self._step(**asking))
        call = self.student.reference.asked(Invocation(self.name, args, kwargs), seed, wanted)
        call = replace(call, way=way) if way else call
        outcome = self.student.run(call)
        right = self.student.reference.outcome(call)
        self.student.formed(outcome.value, call, mapped(torch.Tensor.detach, right.value))
        inputs = inputs_by_name(self.student.reference.functions[self.name], call)
        mine = dict(zip(inputs, outcome.gradients or [], strict=True))
        pairs = zip(inputs.items(), right.gradients or [], strict=True)
        truth = {name: torch.zeros_like(x) if g is None else g for (name, x), g in pairs}
        return self.student._gradients(mine, truth)

    def changes(self, *args: Any, **kwargs: Any) -> Changed:
        """The arguments after the call: `(value, grad)` for each tensor, in order."""
        if handles.are_in(args, kwargs):
            return self.student.changed(self._step(args=args, kwargs=kwargs, changes=True))
        call = Invocation(self.name, args, kwargs, changes=True)
        outcome = self.student.run(call)
        if outcome.disturbed:
            self.student.effects.pay(ITEMS)
            raise Mismatch(
                say("A list or a dict among the arguments was changed: leave it as it was.")
            )
        changes = outcome.changes or []
        names = list(tensors_by_name(self.student.reference.functions[self.name], call))
        for name, change in zip(names, changes, strict=True):
            was, now = change.grad_object, change.grad
            if was is not None and (now is None or not identical(was, now)):
                self.student.effects.pay(REPLACED)
                raise Mismatch(
                    say(
                        "`{name}.grad` was replaced by another tensor; change the one that is"
                        " there, in place.",
                        name=name,
                    )
                )
        return Changed(names, [(change.value, change.grad) for change in changes])

    def backwards(self, *args: Any, rounds: Any, **kwargs: Any) -> list[list[torch.Tensor | None]]:
        """What arrives in the parameters in each backward pass, and in one without the hooks."""
        call = Invocation(self.name, args, kwargs, backwards=tuple(map(tuple, rounds)))
        return self.student.run(call).backwards or []

    def leaves_generator(self, *args: Any, **kwargs: Any) -> None:
        """Hold that the call leaves torch's global generator where it was."""
        if self.student.run(Invocation(self.name, args, kwargs, generator=True)).disturbed:
            self.student.effects.pay(GENERATOR)
            raise Mismatch(
                say(
                    "torch's global random numbers are not the same after the call: it draws from"
                    " them, or seeds them anew. Draw from a torch.Generator of your own."
                )
            )

    def raises(self, error: type[Exception], *args: Any, **kwargs: Any) -> None:
        """Hold that the call raises `error`; Mismatch where it raises another, or returns."""
        if handles.are_in(args, kwargs):
            self.student._raises(error, self._step(args=args, kwargs=kwargs))
            return
        self.student._raises(error, Invocation(self.name, args, kwargs))


def _outcome(content: dict[str, Any]) -> Outcome:
    """The outcome in a reply, whose form `replies` has looked at."""
    changes = content["changes"]
    return Outcome(
        content["value"],
        content["gradients"],
        None if changes is None else [Change(*change) for change in changes],
        content["backwards"],
        content["disturbed"],
        tuple((kind, index) for kind, index in content["effects"]),
        content.get("held", -1),
        content.get("kind", ""),
        content.get("parameters"),
    )


def _what_was_done(kind: str, name: str = "") -> str:
    """An effect of a call, and what to do instead."""
    sentences = {
        VALUE: say(
            "`{name}` is not the same after the call: your code changes it in place. Work on a copy"
            " (`.clone()`).",
            name=name,
        ),
        RESTORED: say(
            "Your code writes to `{name}`, whose values come out the same: a backward pass that"
            " needs it fails all the same. Work on a copy (`.clone()`).",
            name=name,
        ),
        ASKING: say("`{name}.requires_grad` is not the same after the call.", name=name),
        HOOKED: say("The call leaves a hook on `{name}`, or takes one away.", name=name),
        GRADIENT: say(
            "The call leaves something in `{name}.grad`: `torch.autograd.grad` gives gradients and"
            " leaves none behind.",
            name=name,
        ),
        REPLACED: say(
            "`{name}.grad` lies in other memory after the call; change what is there, in place.",
            name=name,
        ),
        COTANGENT: say(
            "Your code writes to the gradient that a backward pass hands it, which others may be"
            " waiting for. Return a new one."
        ),
        ITEMS: say("A list or a dict among the arguments was changed: leave it as it was."),
        EARLIER: say(
            "The call changes what an earlier call returned: its result lies in memory that your"
            " code uses again. Make a new tensor in each call."
        ),
        MODE: say(
            "The call leaves torch's gradients switched off, or on: use `with torch.no_grad():`,"
            " which ends by itself."
        ),
        DTYPE: say("After the call torch's default dtype is another: leave it as it is."),
        THREADS: say("After the call torch's number of threads is another: leave it as it is."),
        GENERATOR: say(
            "torch's global random numbers are not the same after the call: it draws from"
            " them, or seeds them anew. Draw from a torch.Generator of your own."
        ),
    }
    return sentences[kind]


def _accepts(found: list[Any], contract: inspect.Signature) -> bool:
    """Whether a function with the parameters `found` can be called as the contract says.

    Parameters that are always passed by position may have other names; those with a default are
    passed by name or left out, so these must be there by name and have one.
    """
    try:
        parameters = [
            inspect.Parameter(
                name,
                inspect._ParameterKind[kind],
                default=None if has_default else inspect.Parameter.empty,
            )
            for name, kind, has_default in found
        ]
        mine = inspect.Signature(parameters)
        wanted = contract.parameters.values()
        required = [p for p in wanted if p.default is p.empty]
        optional = [p.name for p in wanted if p.default is not p.empty]
        mine.bind(*required)
        mine.bind(*required, **dict.fromkeys(optional))
        mine.bind(*required, *optional)
    except (TypeError, ValueError, KeyError):
        return False
    return True


def _nearest(name: str, others: Iterable[str]) -> str | None:
    """The one of `others` that was most likely meant by `name`."""
    folded = {other.replace("_", "").lower(): other for other in sorted(others, reverse=True)}
    found = difflib.get_close_matches(name.replace("_", "").lower(), folded, 1, NEARLY)
    return folded[found[0]] if found else None


def _names_in(source: str) -> set[str]:
    """The names in a source, as far as it can be read."""
    names = set()
    with contextlib.suppress(SyntaxError, tokenize.TokenError):
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.NAME:
                names.add(token.string)
    return names


def _bare(signature: inspect.Signature) -> str:
    """A signature without annotations."""
    bare = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=signature.empty))


def _cut(text: str, most: int = 2_000) -> str:
    """What a worker says, no longer than a person reads."""
    return text[:most]


def _unsendable(value: str) -> str:
    """What `wire` calls a value that it does not send."""
    return retold(
        value,
        "a value that is nested too deeply, or has too many parts",
        "an int of more than {bits} bits",
        "a value of type {type}",
        "a dataclass, {type}",
        "a tensor that is not dense ({layout})",
        "a tensor of dtype {dtype}",
        "more than {size} MiB of tensors",
        "too many values for one message",
    )


def _of_a_constructor(name: str, text: str) -> str:
    """What to do about a slip in `__init__` of which Python and torch speak in riddles."""
    unmade = r"before Module\.__init__\(\) call|no attribute '_(parameters|modules|buffers)'"
    if name == "AttributeError" and re.search(unmade, text):
        return say("Begin your `__init__` with `super().__init__()`: it makes the object a module.")
    if name == "TypeError" and text.startswith("__init__() should return None"):
        return say("Leave the `return` out of your `__init__`: it gives nothing back.")
    return ""


def _advice(value: str) -> str:
    """What to do about a value that `wire` does not send, where it is of a kind that people return
    by mistake."""
    if value.startswith("a dataclass, "):
        return say("Return a plain tuple, not an object that holds the parts.")
    kind = value.removeprefix("a value of type ")
    if kind in ("generator", "async_generator"):
        return say("A function with `yield` in it gives a generator: use `return`.")
    if kind == "coroutine":
        return say("An `async def` gives a coroutine: write `def`.")
    if kind == "ndarray" or re.fullmatch(r"(u?int|float|complex)\d+", kind):
        return say(
            "It is NumPy's, and gradients end there: stay in torch to the end. (`torch.as_tensor`"
            " makes a tensor of it, without them.)"
        )
    if kind in ("function", "method", "builtin_function_or_method", "type"):
        return say("Is there a call missing, with its brackets?")
    if kind in ("map", "filter", "zip", "enumerate", "reversed") or kind.endswith("_iterator"):
        return say("It is read only once: `tuple(...)` gives its items.")
    return ""


def _raised_by_worker(message: str) -> str:
    """The message of an exception, where it is the worker's own."""
    return retold(
        message,
        "(its message could not be read)",
        "a list of the hooks' handles should come back, not {kind}",
    )


QUOTES = "\"'"


def _in_order(value: Any, right: Any, step: Told) -> Any:
    """A state in the order of the right one: it is loaded by names. Where the order counts, it is
    that of `named_parameters`.

    Raises Mismatch where names differ. It shows none of the numbers, which are often random ones.
    """
    if step.name != "state_dict" or not isinstance(value, dict) or not isinstance(right, dict):
        return value
    if value.keys() == right.keys():
        return {name: value[name] for name in right}
    told = []
    if lacking := [name for name in right if name not in value]:
        told.append(say("`state_dict()` lacks {names}.", names=_listed(lacking)))
    if odd := [name for name in value if name not in right]:
        told.append(say("`state_dict()` has {names} too many.", names=_listed(odd)))
    raise Mismatch("\n".join(told))


def _listed(names: list[Any], most: int = 6) -> str:
    """Names one after the other, the first few where they are many."""
    shown = [f"`{short(name).strip(QUOTES)}`" for name in names[:most]]
    if len(names) > most:
        shown.append(say("{count} more", count=len(names) - most))
    return ", ".join(shown)


def _article(noun: str) -> str:
    return (
        say("an {type}", type=noun) if noun[:1].lower() in "aeiou" else say("a {type}", type=noun)
    )
