"""Run an exercise's properties over a submission: a pytest plugin that keeps the marks.

It gives the properties their fixtures `student` and `reference`, orders them, skips what cannot
make sense, bounds the search for small counterexamples, and collects the results.
"""

import contextlib
import functools
import hashlib
import time
import types
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import torch
from hypothesis.errors import HypothesisException
from hypothesis.internal.conjecture import providers

from grader.course.translation import RoomText
from grader.judge import room
from grader.judge.clock.timing import Clock
from grader.judge.compare import Mismatch
from grader.judge.effort import Effort
from grader.judge.explain import diagnosis
from grader.judge.explain.comparison import side_by_side
from grader.judge.explain.counterexample import render
from grader.judge.profile import PROFILE_NAME
from grader.judge.reference import Reference
from grader.judge.retry import Falsified, kept, replayed
from grader.judge.story import Told, whole
from grader.judge.student import (
    Example,
    ForbiddenUsed,
    Halt,
    Hung,
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
MOST_ELEMENTS = 10_000  # of the arguments of a call that is kept


class Enough(BaseException):
    """The budget for smaller counterexamples is spent."""


class Broken(BaseException):
    """The property, the reference or the engine is at fault; never the student."""


def seed_of(seed: int, name: str) -> int:
    """The seed of one property, which depends on no other property."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:7], "big")


class Trial:
    """One property being tried: its runs, and the smallest failure among them."""

    def __init__(self, student: Student, budget: int) -> None:
        self.student = student
        self.records: list[Record] = []
        self.failure: Mismatch | StudentRaised | AssertionError | None = None
        self.example = Example()
        self.arguments: dict[str, Any] = {}  # what `example` came from
        self._budget = budget
        self._size: tuple[float, ...] = ()

    def probe(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        """`inner` with its calls recorded and its failures passed over."""

        @functools.wraps(inner)
        def run(*args: Any, **kwargs: Any) -> None:
            self.student.example = Example()
            try:
                inner(*args, **kwargs)
            except HypothesisException:
                raise
            except Exception:  # noqa: S110  (whatever it is, the grading has spoken of it)
                pass
            self._keep()

        return run

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
        """`inner`, a property's own function, with its runs noted here."""

        @functools.wraps(inner)
        def run(*args: Any, **kwargs: Any) -> Any:
            if self.failure is not None:
                self._budget -= 1
                if self._budget < 0:
                    raise Enough
            self.student.example = Example()
            kwargs = kept(kwargs)
            try:
                return inner(*args, **kwargs)
            except (Mismatch, StudentRaised, AssertionError) as failure:
                self._note(failure, kwargs)
                raise
            except HypothesisException:
                raise
            except Exception as error:
                if not self._holds_of_the_reference(inner, kwargs):
                    raise Broken from error
                name = type(error).__name__
                mismatch = Mismatch(
                    say("It does not hold: to compute with your result gives {error}.", error=name)
                )
                self._note(mismatch, kwargs)
                raise mismatch from None
            finally:
                if len(self.records) < RECORDS_PER_PROPERTY:
                    self._keep()

        return run

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
    ) -> None:
        size = _size(self.student.example)
        if self.failure is None or size < self._size:
            self.failure, self.example, self._size = failure, self.student.example, size
            self.arguments = arguments


def _small(records: list[Record]) -> Iterator[Record]:
    """Those that are kept, to name a mistake by: with large inputs every misconception would take
    its time."""
    for record in records:
        is_graded = bool(record.call.function)  # and not what the exercise itself gives
        if is_graded and record.is_small and _elements(record) <= MOST_ELEMENTS:
            yield record


def _elements(record: Record) -> int:
    return sum(t.numel() for call in whole(record.call) for t in call.tensors)


def _size(example: Example) -> tuple[float, ...]:
    """How much a person has to read: elements first, then those that are not zero, then the rest of
    the arguments, then calls."""
    calls = [call for record in example.records[-1:] for call in whole(record.call)]
    tensors = [t for call in calls for t in call.tensors]
    others = [value for call in calls for value in (*call.args, *call.kwargs.values())]
    return (
        sum(t.numel() for t in tensors),
        sum(int(torch.count_nonzero(t)) for t in tensors),
        sum(len(repr(value)) for value in others if not list(leaves(value))),
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
        texts: RoomText | None = None,
    ) -> None:
        self._student = student
        self._reference = reference
        self._seed = seed
        self._on_result = on_result
        self._clock = clock
        self._effort = effort
        self._texts = texts or RoomText()
        self.results: dict[str, PropertyResult] = {}
        self.records: list[Record] = []
        self.falsified: Falsified | None = None  # the first property that did not hold
        self.forbidden: ForbiddenUsed | None = None
        self.interrupted = False
        self._stack = contextlib.ExitStack()
        self.collected: list[str] = []
        self._timed: set[str] = set()
        self.uncollected: str | None = None  # why the file of properties cannot be read
        hypothesis.settings.load_profile(PROFILE_NAME)

    @property
    def only_time_is_left(self) -> bool:
        """Whether every property has passed but that of the running time, which is still to run."""
        left = set(self.collected) - set(self.results)
        passed = all(r.status is PropertyStatus.PASSED for r in self.results.values())
        return passed and bool(left) and left == self._timed

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the marks and the fixtures known, and the draws independent of what is loaded."""
        declare_marks(config)
        self._stack.enter_context(_no_local_constants())
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
        """Put the properties in the order of their marks, those of time only with a clock."""
        if self._clock is None:
            items[:] = [item for item in items if not item.get_closest_marker("speed")]
        items.sort(key=lambda item: _mark(item, "order", 0))
        self.collected = [item.name for item in items]
        self._timed = {item.name for item in items if item.get_closest_marker("speed")}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Try one property and note how it ended."""
        assert isinstance(item, pytest.Function)
        began = time.perf_counter()
        if unmet := self._unmet(item):
            message = say("It needs this first: {title}", title=unmet)
            self._note(item, PropertyStatus.SKIPPED, message)
            pytest.skip(f"needs {unmet}")
        failed_before = any(
            r.status in (PropertyStatus.FAILED, PropertyStatus.ERROR) for r in self.results.values()
        )
        trial = Trial(self._student, self._shrinking(failed_before))
        seed = seed_of(self._seed, item.name)
        problem: BaseException | None = None
        try:
            self._student.example = Example()
            self._student.begin(seed)
            with with_sentences(self._texts.sentences), _watched(item, trial, seed):
                yield
        except BaseException as caught:
            problem = caught
        draws = hasattr(item.obj, "hypothesis")
        first = not failed_before and self._effort.diagnoses
        if trial.failure and draws and first and not isinstance(problem, Halt):
            self._probe(item, trial, seed)
        self.records += [*trial.records, *_small(trial.example.records)]
        if trial.failure and self.falsified is None and item.name not in self._timed:
            self.falsified = Falsified(item.name, self._title(item), trial.arguments)
        seconds = time.perf_counter() - began
        if problem is None:
            self._note(item, PropertyStatus.PASSED, seconds=seconds)
            return
        if isinstance(problem, KeyboardInterrupt | pytest.exit.Exception):
            raise problem
        status, message, counterexample, comparison = self._verdict(problem, trial)
        line = None if status is PropertyStatus.BROKEN else self._line(trial, problem)
        self._note(item, status, message, counterexample, seconds, comparison, line)
        if self._effort is Effort.VERDICT:
            item.session.shouldstop = "one failure is enough"
        if isinstance(problem, ForbiddenUsed):
            self.forbidden = problem
            item.session.shouldstop = problem.message
        if status is PropertyStatus.BROKEN:
            raise problem
        pytest.fail(f"{message}\n\n{counterexample or ''}".rstrip(), pytrace=False)

    def _shrinking(self, failed_before: bool) -> int:
        """How many runs may go into a smaller counterexample."""
        if self._effort is not Effort.FULL:
            return 0
        return SHRINK_OTHERS if failed_before else SHRINK_FIRST

    def _probe(self, item: pytest.Function, trial: Trial, seed: int) -> None:
        """Record some more calls: one failing input may suit several wrong ideas."""
        with contextlib.suppress(Halt, Broken), _watched(item, trial, seed, probing=True):
            item.runtest()

    def _verdict(
        self, problem: BaseException, trial: Trial
    ) -> tuple[PropertyStatus, str, str | None, Comparison | None]:
        """Status, message and counterexample (as text, in numbers) of a property that failed."""
        names = self._reference.functions
        if isinstance(problem, Halt):
            shown = problem.status is PropertyStatus.ERROR and self._student.example.records
            example = self._student.example if shown else Example()
            return problem.status, problem.message, render(example, names), None
        failure = trial.failure
        if isinstance(problem, Broken) or failure is None:
            cause = problem.__cause__ or problem
            return PropertyStatus.BROKEN, f"{type(cause).__name__}: {cause}", None, None
        if isinstance(failure, StudentRaised):
            return PropertyStatus.ERROR, failure.message, render(trial.example, names), None
        message = str(failure) or say("It does not hold.")
        if self._is_unsteady(trial.example):
            message += "\n" + say(
                "Tried again, the same input gave another result:"
                " does your code keep state between calls, or draw random numbers?"
            )
        mismatch = failure if isinstance(failure, Mismatch) else None
        counterexample = render(trial.example, names, mismatch)
        comparison = side_by_side(trial.example, names, mismatch) if mismatch else None
        return PropertyStatus.FAILED, message, counterexample, comparison

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

    def _is_unsteady(self, example: Example) -> bool:
        """Whether the last call of a failing example gives something else when made again."""
        if not example.records or example.records[-1].outcome is None:
            return False
        before = example.records[-1]
        try:
            again = self._student.again(before.call)
        except (Mismatch, StudentRaised, Halt):
            return True
        return not diagnosis.same(before, Record(before.call, again, None))

    def _unmet(self, item: pytest.Item) -> str | None:
        """The title of the first property that `item` needs and that has not passed."""
        if item.get_closest_marker("speed"):
            failed = (r for r in self.results.values() if r.status is not PropertyStatus.PASSED)
            return next((result.title for result in failed), None)
        if self._effort is Effort.EVERY:
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
        counterexample: str | None = None,
        seconds: float = 0.0,
        comparison: Comparison | None = None,
        line: int | None = None,
    ) -> None:
        points = _mark(item, "points", 0)
        result = PropertyResult(
            name=item.name,
            title=self._title(item),
            status=status,
            score=points if status is PropertyStatus.PASSED else 0,
            max_score=points,
            message=message,
            counterexample=counterexample,
            seconds=round(seconds, 3),
            comparison=comparison,
            line=line,
        )
        self.results[item.name] = result
        self._on_result(result)


@contextlib.contextmanager
def _no_local_constants() -> Iterator[None]:
    """Keep Hypothesis from drawing, now and then, a number that stands in a module of ours.

    It reads every module that is loaded and no library's, so that what it draws would depend on
    where this program lies, and on what the process has graded before.
    """
    find = getattr(providers, "_get_local_constants", None)
    if find is None:  # before Hypothesis 6.131
        yield
        return
    none = type(providers.GLOBAL_CONSTANTS)()
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = lambda: none
    try:
        yield
    finally:
        providers._get_local_constants = find
        providers.CONSTANTS_CACHE.cache.clear()


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

    @pytest.fixture
    def seed(request: pytest.FixtureRequest) -> int:
        return seed_of(base, request.node.name)

    plugin = types.ModuleType("grade_fixtures")
    vars(plugin).update(student=student, reference=reference, clock=clock, seed=seed)
    return plugin


def _mark(item: pytest.Item, name: str, default: int) -> int:
    mark = item.get_closest_marker(name)
    return int(mark.args[0]) if mark else default


def title_of(function: Callable[..., Any]) -> str:
    """A property's docstring, as one line."""
    return " ".join((function.__doc__ or function.__name__).split())


@contextlib.contextmanager
def _watched(
    item: pytest.Function, trial: Trial, seed: int, *, probing: bool = False
) -> Iterator[None]:
    """Let a trial watch a property's own function, or probe with it; under Hypothesis or plain."""
    watch = trial.probe if probing else trial.watch
    function = item.obj
    handle = getattr(function, "hypothesis", None)
    if handle is None:
        item.obj = watch(function)
        try:
            yield
        finally:
            item.obj = function
        return
    hypothesis.seed(seed)(function)
    inner = handle.inner_test
    handle.inner_test = watch(inner)
    try:
        yield
    finally:
        handle.inner_test = inner
