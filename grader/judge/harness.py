"""Run an exercise's properties over a submission: a pytest plugin that keeps the marks.

It gives the properties their fixtures `student` and `reference`, orders them, skips what cannot
make sense, bounds the search for small counterexamples, and collects the results.
"""

import contextlib
import functools
import hashlib
import time
import types
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch
from hypothesis.errors import HypothesisException

from grader import language
from grader.course.translation import RoomText
from grader.judge import room
from grader.judge.clock.timing import Clock
from grader.judge.compare import Mismatch, dtypes_apart
from grader.judge.debugging.story import Failure
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.explain.comparison import side_by_side
from grader.judge.explain.counterexample import render
from grader.judge.explain.parts import relation
from grader.judge.explain.telling import Telling
from grader.judge.processes.workers import Lost
from grader.judge.profile import PROFILE_NAME, no_local_constants
from grader.judge.provenance import Calls, held_against_each_other
from grader.judge.reference import Reference
from grader.judge.replay import Passed, Room, Trace
from grader.judge.retry import Falsified, kept, replayed
from grader.judge.story import Told, whole
from grader.judge.student import (
    Example,
    ForbiddenUsed,
    Halt,
    Hung,
    OutOfPatience,
    Record,
    StandIn,
    Student,
    StudentRaised,
)
from grader.language import say, with_sentences
from grader.report import Comparison, PropertyResult, PropertyStatus
from grader.wire import leaves

# Runs after the first failure: the first failing property is shrunk to its end, or nearly; the
# others show an example that is small enough.
SHRINK_FIRST = 400
SHRINK_OTHERS = 30
RECORDS_PER_PROPERTY = 24
STORIES_PER_PROPERTY = 5  # each is told anew, from its beginning, to every misconception
AGAIN = 8  # times that a call is made again which another process answers otherwise
PATIENCE_FOR_A_TWIN = 0.2  # of a property's time, to make calls again
MOST_ELEMENTS = 10_000  # of the arguments of a call that is kept
BYTES_OF_A_RECORD = 4_000  # about, beside the elements


class Enough(BaseException):
    """The budget for smaller counterexamples is spent."""


class Broken(BaseException):
    """The property, the reference or the engine is at fault; never the student."""


def seed_of(seed: int, name: str) -> int:
    """The seed of one property, which depends on no other property."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:7], "big")


@dataclass(frozen=True)
class WrongDtype:
    """That a result had another dtype than is due, though its values are right, and where."""

    mismatch: Mismatch
    example: Example


class Trial:
    """One property being tried: its runs, and the smallest failure among them."""

    def __init__(self, student: Student, budget: int, telling: Telling | None = None) -> None:
        self.student = student
        self.records: list[Record] = []
        self.failure: Mismatch | StudentRaised | AssertionError | None = None
        self.example = Example()
        self.arguments: dict[str, Any] = {}  # what `example` came from
        self.wrong_dtype: WrongDtype | None = None
        self.inner: Callable[..., Any] = lambda: None  # the property's own function
        self.is_home = False  # whether it fails for what any call did that nobody asked for
        self._last: dict[str, Any] = {}  # the arguments of the last run
        self._budget = budget
        self._telling = telling
        self.passes_dtypes = False  # a wrong dtype is noted, and held against another property
        self._size: tuple[float, ...] = ()

    def _keep(self) -> None:
        """Keep what the run has shown."""
        told = sum(isinstance(record.call, Told) for record in self.records)
        for record in _small(self.student.example.records):
            if isinstance(record.call, Told):
                told += 1
                if told > STORIES_PER_PROPERTY:
                    continue
            self.records.append(record)

    def watch(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        """`inner`, a property's own function, with its runs noted here.

        A failure that several known mistakes would explain is noted and passed over: a better
        example is looked for, among those drawn and among the smaller ones. Whoever runs it has to
        see whether a `failure` was noted.
        """
        self.inner = inner

        @functools.wraps(inner)
        def run(*args: Any, **kwargs: Any) -> Any:
            if self.failure is not None:
                self._budget -= 1
                if self._budget < 0:
                    raise Enough
            self.student.example = Example()
            kwargs = self._last = kept(kwargs)
            try:
                with dtypes_apart(wanted=self.passes_dtypes) as wrong:
                    inner(*args, **kwargs)
                self._pay()
                if wrong and self.wrong_dtype is None:
                    self.wrong_dtype = WrongDtype(wrong[0], self.student.example)
                return None
            except (Mismatch, StudentRaised, AssertionError) as failure:
                if self._note(failure, kwargs):
                    raise
                return None
            except HypothesisException:
                raise
            except Exception as error:
                if not self._holds_of_the_reference(inner, kwargs):
                    raise Broken from error
                name = type(error).__name__
                mismatch = Mismatch(
                    say(
                        "Your result cannot be used as it should be: computing with it gives"
                        " {error}.",
                        error=name,
                    )
                )
                if self._note(mismatch, kwargs):
                    raise mismatch from None
                return None
            finally:
                if len(self.records) < RECORDS_PER_PROPERTY:
                    self._keep()

        return run

    def _pay(self) -> None:
        """Fail, where this is at home, for what calls of others did that nobody asked for."""
        if self.is_home and (found := self.student.effects.waiting()):
            message, self.student.example = found
            raise Mismatch(message)

    def with_the_reference(self) -> bool:
        """Whether the failing run comes to an end with the reference in the student's place."""
        return self._holds_of_the_reference(self.inner, self.arguments or self._last)

    def _holds_of_the_reference(self, inner: Callable[..., Any], arguments: dict[str, Any]) -> bool:
        """Whether the property comes to an end with the reference in the student's place.

        Then what it raised came of a value of the student's, such as `math.exp` of a great one."""
        given = replayed(arguments)
        places = [name for name, value in given.items() if value is self.student]
        if not places:
            return False
        given |= dict.fromkeys(places, StandIn(self.student))
        try:
            inner(**given)
        except (Exception, Halt):
            return False
        return True

    def _note(
        self, failure: Mismatch | StudentRaised | AssertionError, arguments: dict[str, Any]
    ) -> bool:
        """Keep a failure where it is the best so far; whether it is good enough to be shown."""
        clear = self._is_clear(failure)
        size = (not clear, *size_of(self.student.example))
        if self.failure is None or size < self._size:
            self.failure, self.example, self._size = failure, self.student.example, size
            self.arguments = arguments
        return clear

    def _is_clear(self, failure: Mismatch | StudentRaised | AssertionError) -> bool:
        if self._telling is None or not isinstance(failure, Mismatch):
            return True
        if self._telling.looks_left <= 0 and self.failure is not None:
            raise Enough
        last = list(_small(self.student.example.records[-1:]))
        if last and isinstance(last[0].call, Told):
            return True  # to tell it to every mistake would take too long
        return not last or last[0].outcome is None or self._telling.is_clear(last[0])


def _small(records: list[Record]) -> Iterator[Record]:
    """Those that are kept, to name a mistake by: with large inputs every misconception would take
    its time."""
    for record in records:
        is_graded = bool(record.call.function)  # and not what the exercise itself gives
        if is_graded and record.is_small and _elements(record) <= MOST_ELEMENTS:
            yield record


def _few(records: list[Record]) -> Iterator[Record]:
    """All of a failing example, but of its steps with objects only the last."""
    left = sum(isinstance(record.call, Told) for record in records)
    for record in records:
        if isinstance(record.call, Told):
            left -= 1
            if left >= STORIES_PER_PROPERTY:
                continue
        yield record


def _elements(record: Record) -> int:
    return sum(t.numel() for call in whole(record.call) for t in call.tensors)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)  # one is as long to read as the other


def size_of(example: Example) -> tuple[float, ...]:
    """How much a person has to read: elements first, then those that are not zero, then the rest of
    the arguments, then calls."""
    calls = [call for record in example.records[-1:] for call in whole(record.call)]
    tensors = [t for call in calls for t in call.tensors]
    others = [value for call in calls for value in (*call.args, *call.kwargs.values())]
    return (
        sum(t.numel() for t in tensors),
        sum(int(torch.count_nonzero(t)) for t in tensors),
        sum(
            len(repr(value)) for value in others if not list(leaves(value)) and not _is_flag(value)
        ),
        sum(abs(float(value)) for value in others if isinstance(value, int | float)),
        len(example.records),
    )


class Harness:
    """The pytest plugin for one grading."""

    def __init__(
        self,
        student: Student,
        reference: Reference,
        seed: int,
        on_result: Callable[[PropertyResult], None] = lambda _: None,
        clock: Clock | None = None,
        *,
        effort: Effort = Effort.FULL,
        first: Sequence[str] = (),
        texts: RoomText | None = None,
        only: str | None = None,
        wrongs: Callable[[], Sequence[diagnosis.Wrong]] = tuple,
        room: Room | None = None,
    ) -> None:
        self._student = student
        self._reference = reference
        self._seed = seed
        self._on_result = on_result
        self._clock = clock
        self._effort = effort
        self._first = tuple(first)
        self._texts = texts or RoomText()
        self._only = only
        self._wrongs = wrongs  # the mistakes that the exercise knows
        self._room = room  # what is remembered of others who passed
        self.is_lost = False  # what was asked before was not what it would have been
        self.results: dict[str, PropertyResult] = {}
        self.records: list[Record] = []
        self.falsified: Falsified | None = None  # the first property that did not hold
        self.failures: list[Failure] = []  # of the student's code, in the order of the properties
        self.forbidden: ForbiddenUsed | None = None
        self.interrupted = False
        self._stack = contextlib.ExitStack()
        self.collected: list[str] = []
        self._titles: dict[str, str] = {}  # of those, in their order
        self._timed: set[str] = set()
        self._home = ""  # the property that fails for what calls do beside giving a result
        self._dtypes: str | None = None  # the property that is about dtypes
        self._gradients: str | None = None  # the one that is about gradients
        self._wrong_dtype: WrongDtype | None = None  # what that has to say
        self.uncollected: str | None = None  # why the file of properties cannot be read
        self.on_begin: Callable[[], None] = lambda: None  # the first property is tried now
        hypothesis.settings.load_profile(PROFILE_NAME)

    @property
    def only_time_is_left(self) -> bool:
        """Whether every property has passed but that of the running time, which is still to run."""
        left = set(self.collected) - set(self.results)
        passed = all(r.status is PropertyStatus.PASSED for r in self.results.values())
        return passed and bool(left) and left == self._timed

    @property
    def look_first(self) -> str:
        """The name of the failure to look at first: of the one that is about gradients, where what
        fails before it are gradients too; else of the first. Empty where none failed."""
        names = [failure.name for failure in self.failures]
        if self._gradients in names and self._lacks_a_gradient:
            return self._gradients
        return names[0] if names else ""

    @property
    def _lacks_a_gradient(self) -> bool:
        """Whether what failed first is a gradient."""
        first = self.failures[0].example.records[-1:] if self.failures else []
        return bool(first) and getattr(first[0].call, "cotangents", None) is not None

    @property
    def ahead(self) -> tuple[str, int]:
        """The title of the property that is tried next, empty after the last; how many there are in
        all."""
        left = (title for name, title in self._titles.items() if name not in self.results)
        return next(left, ""), len(self._titles)

    def passes_all(self) -> bool:
        """Whether each property has passed before with the replies that it gets here; those that
        have, in order, are done with, and are not tried again."""
        plan = self._room.plans.get(self._choice) if self._room else None
        for name, title, points in plan or ():
            began = time.perf_counter()
            if self._passes_as_known(name) is None:
                return False
            seconds = round(time.perf_counter() - began, 3)
            self._done(
                PropertyResult(name, title, PropertyStatus.PASSED, points, points, seconds=seconds)
            )
        if plan is None:
            return False
        self.collected = [name for name, _, _ in plan]
        self._titles = {name: title for name, title, _ in plan}
        return True

    @property
    def _choice(self) -> object:
        """What decides, beside the file of properties, which there are and what they are called."""
        return self._clock is None, self._first, self._only, language.current()

    def _passes_as_known(self, name: str) -> Passed | None:
        """Try a property by the replies with which it has passed before; None where they differ."""
        if self._room is None or self._wrong_dtype is not None or not self._student.is_clean:
            return None
        self._student.example = Example()
        passed = self._student.passes(self._room.known(name), seed_of(self._seed, name))
        if passed is not None:
            self.records += passed.records
            self._reference.asked_for |= passed.asked_for
        return passed

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marks and the fixtures known, and the draws independent of what is loaded."""
        declare_marks(config)
        self._stack.enter_context(no_local_constants())
        fixtures = _fixtures(self._student, self._reference, self._clock, self._seed)
        config.pluginmanager.register(fixtures)

    def pytest_unconfigure(self) -> None:
        """Leave Hypothesis as it was."""
        self._stack.close()

    def pytest_pycollect_makemodule(
        self, module_path: Path, parent: pytest.Collector
    ) -> "PropertyModule":
        """Load the file of properties anew, whatever module of its name was loaded before."""
        return PropertyModule.from_parent(parent, path=module_path)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Somebody wants to stop; pytest's own ends, of the same family, are none of theirs."""
        self.interrupted = excinfo.type is KeyboardInterrupt

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note why a file of properties could not be read."""
        if report.failed:
            self.uncollected = report.longreprtext.strip().split("\n")[-1].removeprefix("E").strip()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the properties in the order of their marks, those of time only with a clock; or leave
        the one that is wanted."""
        if self._only is not None:
            items[:] = [item for item in items if item.name == self._only]
        if self._clock is None:
            items[:] = [item for item in items if not item.get_closest_marker("speed")]
        items.sort(key=lambda item: _mark(item, "order", 0))
        items.sort(key=lambda item: self._place(item.name))
        self.collected = [item.name for item in items]
        ours = [item for item in items if not item.get_closest_marker("speed")]
        homes = [item.name for item in ours if item.get_closest_marker("effects")]
        self._home = (homes or [item.name for item in ours[-1:]] or [""])[0]
        self._titles = {
            item.name: self._title(item) for item in items if isinstance(item, pytest.Function)
        }
        self._timed = {item.name for item in items if item.get_closest_marker("speed")}
        self._dtypes = next((i.name for i in items if i.get_closest_marker("dtypes")), None)
        self._gradients = next((i.name for i in items if i.get_closest_marker("gradients")), None)
        if self._room is not None and items and not self._timed and self.uncollected is None:
            self._room.plans[self._choice] = [
                (item.name, self._titles.get(item.name, ""), _mark(item, "points", 0))
                for item in items
            ]
        self.on_begin()

    def _place(self, name: str) -> int:
        """Where a property stands among those that were asked for first, or after them all."""
        return self._first.index(name) if name in self._first else len(self._first)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Try one property and note how it ended."""
        assert isinstance(item, pytest.Function)
        try:
            yield from self._tried(item)
        except Lost:
            self.is_lost = True
            item.session.shouldstop = "what was asked before would not be asked now"

    def _tried(self, item: pytest.Function) -> Generator[None, None, None]:
        began = time.perf_counter()
        if item.name in self.results:
            _leave_out(item)
            yield
            return
        if unmet := self._unmet(item):
            message = say("It needs this first: {title}", title=unmet)
            self._note(item, PropertyStatus.SKIPPED, message)
            pytest.skip(f"needs {unmet}")
        is_timed = item.name in self._timed or "clock" in item.fixturenames
        if not is_timed and self._passes_as_known(item.name) is not None:
            self._note(item, PropertyStatus.PASSED, seconds=time.perf_counter() - began)
            _leave_out(item)
            yield
            return
        failed_before = any(
            r.status in (PropertyStatus.FAILED, PropertyStatus.ERROR) for r in self.results.values()
        ) and not (item.name == self._gradients and self._lacks_a_gradient)
        draws = hasattr(item.obj, "hypothesis")
        telling = None
        if draws and not failed_before and self._effort is Effort.FULL:
            telling = Telling(self._wrongs, self._reference)
        trial = Trial(self._student, self._shrinking(failed_before), telling)
        trial.passes_dtypes = self._dtypes not in (None, item.name)
        seed = seed_of(self._seed, item.name)
        problem: BaseException | None = None
        asked_before = set(self._reference.asked_for)
        self._reference.asked_for.clear()
        is_clean = self._student.is_clean and self._wrong_dtype is None and not is_timed
        self._student.trace = Trace() if self._room and is_clean else None
        try:
            self._student.example = Example()
            self._student.begin(seed)
            trial.is_home = item.name == self._home
            self._student.effects.at_home = trial.is_home or self._home in self.results
            with with_sentences(self._texts.sentences), _watched(item, trial, seed):
                yield
        except Lost:
            raise
        except BaseException as caught:
            problem = caught
        if self._student.is_behind:
            raise Lost
        trace, self._student.trace = self._student.trace, None
        asked_for = frozenset(self._reference.asked_for)
        self._reference.asked_for |= asked_before
        if problem is None and trial.failure is not None:  # all that failed was passed over
            problem = trial.failure
        effects = self._student.effects
        if problem is not None and effects.at_home:
            effects.pay()
        effects.at_home = False
        if problem is None and (wrong := self._due_dtype(item.name, trial)):
            problem = trial.failure = wrong.mismatch
            trial.example = wrong.example
        first = not failed_before and self._effort.diagnoses
        self.records += [*trial.records, *_few(list(_small(trial.example.records)))]
        if trial.failure and self.falsified is None and item.name not in self._timed:
            self.falsified = Falsified(item.name, self._title(item), trial.arguments)
        seconds = time.perf_counter() - began
        if problem is None:
            self._note(item, PropertyStatus.PASSED, seconds=seconds)
            if self._room and trace and self._student.is_clean and self._wrong_dtype is None:
                records = [replace(each, printed="") for each in trial.records]
                for told in (each.call for each in records if isinstance(each.call, Told)):
                    told.story.worker = None  # which is over, and has this answer's text
                size = sum(BYTES_OF_A_RECORD + 16 * _elements(each) for each in records)
                self._room.passed(item.name, trace, Passed(records, asked_for, size))
            return
        if isinstance(problem, KeyboardInterrupt | pytest.exit.Exception):
            raise problem
        example = self._student.example if isinstance(problem, Halt) else trial.example
        seen = Example(list(example.records))  # without what is tried once more
        with with_sentences(self._texts.sentences):
            try:
                shown = self._verdict(problem, trial, in_depth=first)
            except Exception:
                if not isinstance(problem, Mismatch | StudentRaised | AssertionError | Halt):
                    raise
                # A value that nobody foresaw costs the picture of it, never the verdict.
                shown = _Shown(getattr(problem, "status", PropertyStatus.FAILED), str(problem))
        status = shown.status
        line = None if status is PropertyStatus.BROKEN else self._line(trial, problem)
        self._note(item, status, shown.message, seconds=seconds, line=line, shown=shown)
        failure = problem if isinstance(problem, Halt) else trial.failure
        if status is not PropertyStatus.BROKEN and failure is not None:
            self.failures.append(
                Failure(
                    item.name,
                    self._title(item),
                    shown.message,
                    failure,
                    seen,
                    trial.with_the_reference,
                )
            )
        if self._effort is Effort.VERDICT:
            item.session.shouldstop = "one failure is enough"
        if isinstance(problem, ForbiddenUsed):
            self.forbidden = problem
            item.session.shouldstop = problem.message
        if status is PropertyStatus.BROKEN:
            raise problem
        pytest.fail(f"{shown.message}\n\n{shown.counterexample or ''}".rstrip(), pytrace=False)

    def _due_dtype(self, name: str, trial: Trial) -> WrongDtype | None:
        """What makes a property fail whose values are right: a wrong dtype, in any of them, costs
        the points of the one that is about dtypes; if that has passed already, of this one."""
        found = trial.wrong_dtype or self._wrong_dtype
        if found is None:
            return None
        self._wrong_dtype = found
        judged = self.results.get(self._dtypes or "")
        if name == self._dtypes or (trial.wrong_dtype and judged and judged.score):
            message = found.mismatch.message + self._student.default_dtype()
            whole = found.mismatch.actual, found.mismatch.expected
            return WrongDtype(Mismatch(message, *whole), found.example)
        return None

    def _shrinking(self, failed_before: bool) -> int:
        """How many runs may go into a smaller counterexample."""
        if self._effort is not Effort.FULL:
            return 0
        return SHRINK_OTHERS if failed_before else SHRINK_FIRST

    def _verdict(self, problem: BaseException, trial: Trial, *, in_depth: bool) -> "_Shown":
        """How a property that failed ended, and what is shown of it."""
        names = self._reference.functions
        if isinstance(problem, Halt):
            shown = problem.status is PropertyStatus.ERROR and self._student.example.records
            example = self._student.example if shown else Example()
            return _Shown(problem.status, problem.message, render(example, names), example)
        failure = trial.failure
        if isinstance(problem, Broken) or failure is None:
            cause = problem.__cause__ or problem
            return _Shown(PropertyStatus.BROKEN, f"{type(cause).__name__}: {cause}")
        example = trial.example
        if isinstance(failure, StudentRaised):
            message = failure.message
            if note := self._unsteadiness(example, None):
                message += "\n" + note
            text = render(example, names)
            return _Shown(PropertyStatus.ERROR, message, text, example)
        message = str(failure) or say("It does not hold.")
        mismatch = failure if isinstance(failure, Mismatch) else None
        calls = None
        if in_depth and mismatch is not None and example.records:
            with dtypes_apart(wanted=trial.passes_dtypes):
                calls = held_against_each_other(
                    trial.inner, trial.arguments, self._student, example
                )
        places = calls.shown if calls else (-1,)
        if mismatch is not None and (said := relation(mismatch)):
            message += "\n" + said
        if calls and calls.are_compared:
            message += "\n" + say(
                "Your own calls are compared: what is expected follows from them."
            )
        if note := self._unsteadiness(example, calls):
            message += "\n" + note
        return _Shown(
            PropertyStatus.FAILED,
            message,
            render(example, names, mismatch, places),
            example,
            places,
            side_by_side(example, names, mismatch, places) if mismatch else None,
        )

    def _line(self, trial: Trial, problem: BaseException) -> int | None:
        """The line to look at: where the student's code raised or was when its time was up, else
        where the function begins that was called last."""
        submission = self._student.submission
        failure = problem if isinstance(problem, Hung) else trial.failure
        lineno = failure.lineno if isinstance(failure, StudentRaised | Hung) else None
        records = trial.example.records or self._student.example.records
        if lineno is None and records:
            call = records[-1].call
            lineno = submission.definition(call.shown) or submission.definition(call.function)
        return submission.in_file(lineno) if lineno else None

    def _unsteadiness(self, example: Example, calls: Calls | None) -> str | None:
        """A word on a failing example whose calls do something else when they are made again: in
        the same worker, or with `calls`, those that are shown, also in one that made no others."""
        if not example.records or (last := example.records[-1]).is_heavy:
            return None
        if last.outcome is None and last.raised is None:
            return None
        if isinstance(last.call, Told) and self._reference.draws(last.call):
            return None
        told = say(
            "Tried again, the same input gave another result:"
            " does your code keep state between calls, or draw random numbers?"
        )
        if not self._does_it_again(self._student, [last]):
            return told
        if calls is None:
            return None
        records = [example.records[place] for place in calls.shown]
        with contextlib.closing(self._student.twin()) as twin:
            twin.begin(self._seed)
            try:
                with twin.patience(PATIENCE_FOR_A_TWIN):
                    if self._does_it_again(twin, records):
                        return None
            except OutOfPatience:
                return None
        # What is drawn may fall alike for a while, and otherwise elsewhere.
        with (
            contextlib.suppress(OutOfPatience),
            self._student.patience(PATIENCE_FOR_A_TWIN),
        ):
            if not all(self._does_it_again(self._student, [last]) for _ in range(AGAIN)):
                return told
        return say(
            "Made alone, in a program of its own, this call gives another result: does your code"
            " keep something from the calls before it?"
        )

    def _does_it_again(self, student: Student, records: Sequence[Record]) -> bool:
        """Whether calls give what they gave when they are made again."""
        for before in records:
            try:
                after = Record(before.call, student.again(before.call), None)
            except StudentRaised as error:
                after = Record(before.call, None, error.type_name)
            except Mismatch:  # said of what came back, or of what was raised
                after = student.example.records[-1]
            except Halt:
                return False
            if not diagnosis.same(before, after):
                return False
        return True

    def _unmet(self, item: pytest.Item) -> str | None:
        """The title of the first property that `item` needs and that has not passed."""
        if item.get_closest_marker("speed"):
            failed = (r for r in self.results.values() if r.status is not PropertyStatus.PASSED)
            return next((result.title for result in failed), None)
        if not self._effort.respects_needs or self._only is not None:
            return None
        for mark in item.iter_markers("needs"):
            for name in mark.args:
                result = self.results.get(name)
                if result is None:
                    return str(name)
                if result.status is not PropertyStatus.PASSED:
                    return result.title
        return None

    def _title(self, item: pytest.Function) -> str:
        return self._texts.properties.get(item.name) or title_of(item.obj)

    def _note(
        self,
        item: pytest.Function,
        status: PropertyStatus,
        message: str | None = None,
        *,
        seconds: float = 0.0,
        line: int | None = None,
        shown: "_Shown | None" = None,
    ) -> None:
        points = _mark(item, "points", 0)
        result = PropertyResult(
            name=item.name,
            title=self._title(item),
            status=status,
            score=points if status is PropertyStatus.PASSED else 0,
            max_score=points,
            message=message,
            counterexample=shown.counterexample if shown else None,
            seconds=round(seconds, 3),
            comparison=shown.comparison if shown else None,
            line=line,
            printed=shown.printed if shown else "",
        )
        self._done(result)

    def _done(self, result: PropertyResult) -> None:
        self.results[result.name] = result
        self._on_result(result)


@dataclass(frozen=True)
class _Shown:
    """How a property failed: its message, and the calls of an example that show it, as text and in
    numbers."""

    status: PropertyStatus
    message: str
    counterexample: str | None = None
    example: Example = field(default_factory=Example)
    places: Sequence[int] = (-1,)
    comparison: Comparison | None = None

    @property
    def printed(self) -> str:
        """What was printed in the calls that are shown."""
        if not self.counterexample:
            return ""
        return "".join(self.example.records[place].printed for place in self.places)


class PropertyModule(pytest.Module):
    """A file of properties; every exercise's has the same name."""

    def _getobj(self) -> types.ModuleType:
        return room.load(self.path)


def declare_marks(config: pytest.Config) -> None:
    """Make the marks of a property known to pytest."""
    for line in (
        "points(n): what the property is worth",
        "order(n): properties run from low to high, 0 by default, else as they stand",
        "needs(*names): skip the property unless these have passed",
        "speed: the property measures time; it needs all others",
        "effects: the property fails for what any call does beside giving a result; else the last",
        "dtypes: results of the wrong dtype cost this property alone",
        "gradients: where gradients are wrong, this property is shown, though another fails before",
    ):
        config.addinivalue_line("markers", line)


def _fixtures(
    submission: Student, solution: Reference, timer: Clock | None, base: int
) -> types.ModuleType:
    """A plugin with what the properties ask for by name."""

    @pytest.fixture(scope="session")
    def student() -> Student:
        return submission

    @pytest.fixture(scope="session")
    def reference() -> Reference:
        return solution

    @pytest.fixture(scope="session")
    def clock() -> Clock | None:
        return timer

    @pytest.fixture(scope="session")
    def source_seed() -> int:  # what is trained once serves several properties
        return seed_of(base, "source")

    @pytest.fixture
    def seed(request: pytest.FixtureRequest) -> int:
        return seed_of(base, request.node.name)

    plugin = types.ModuleType("grade_fixtures")
    vars(plugin).update(student=student, reference=reference, clock=clock, seed=seed)
    vars(plugin).update(source_seed=source_seed)
    return plugin


def _leave_out(item: pytest.Function) -> None:
    """Have pytest not run an item whose result is known."""
    item.runtest = lambda: None  # type: ignore[method-assign]


def _mark(item: pytest.Item, name: str, default: int) -> int:
    mark = item.get_closest_marker(name)
    return int(mark.args[0]) if mark else default


def title_of(function: Callable[..., Any]) -> str:
    """A property's docstring, as one line."""
    return " ".join((function.__doc__ or function.__name__).split())


@contextlib.contextmanager
def _watched(item: pytest.Function, trial: Trial, seed: int) -> Iterator[None]:
    """Let a trial watch a property's own function, under Hypothesis or plain."""
    function = item.obj
    handle = getattr(function, "hypothesis", None)
    if handle is None:
        item.obj = trial.watch(function)
        try:
            yield
        finally:
            item.obj = function
        return
    hypothesis.seed(seed)(function)
    inner = handle.inner_test
    handle.inner_test = trial.watch(inner)
    try:
        yield
    finally:
        handle.inner_test = inner
