"""Name the mistake behind a failure: the one that does what the student's code does, everywhere.

A mistake is named only on evidence: it gives what the student's code gave on every call that the
properties made, and on every probe. Suspects are, in this order, the misconceptions of the
exercise's room, its other wrong answers, and the mistakes of structure that any answer can have.
Where none explains all, two together may.
"""

import contextlib
import inspect
import itertools
import random
import re
import signal
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from types import FunctionType, MappingProxyType, ModuleType
from typing import Any, ClassVar

import torch

from grader.judge import room, wrong
from grader.judge.compare import (
    CANCELLATION_FLOAT64,
    RELATIVE_FLOAT64,
    Expected,
    Mismatch,
    agree,
    all_leaves,
    magnitude,
)
from grader.judge.explain.probes import off_position
from grader.judge.reference import Reference, signature_of
from grader.judge.story import Names, Story, Told, names_of, telling, telling_what_draws, whole
from grader.judge.student import Example, Halt, OutOfPatience, Record, Student, StudentRaised
from grader.language import say
from grader.report import Misconception
from grader.wire import mapped
from grader.worker import state
from grader.worker.effects import ITEMS, RESTORED, VALUE, Effect
from grader.worker.invoke import Invocation, converted, invoke
from grader.worker.objects import GIVEN

RELATIVE_LOW = 64.0  # times the machine epsilon, in dtypes below float64
MOST_REACH = 1e3  # of inputs that are larger, results need not be
NOTHING = "no answer"  # in the place of what was raised
RANDOM = "random numbers"  # likewise: each time another result, of weights drawn or of dropout
ADDRESS = "data_ptr"  # a step that asks where a tensor lies, which is elsewhere each time
SEEDS = (0, 1_000_003)
SEEDING = "torch.manual_seed"  # by which a property has the same drawn twice
TRIES = 12  # of a step that draws, until it does as another
PATIENCE = 0.6  # the share of a property's time limit that all probes may take
MOST_BYTES = 1 << 20  # of a tensor that is copied as it lies
FEWEST_ASKED = 40  # probes, where a slow answer was not asked all
FEWEST_STORIES = 12  # of which each asks several things
OF_THE_ROOM = 2  # kinds of suspects: misconceptions, and other wrong answers
MOST_TOLD = 2  # alternatives; of more, none is told
# Of processor time, for one call of a known mistake; small calls take a thousandth.
MOST_SECONDS = 2.0
CAN_BE_ENDED = hasattr(signal, "setitimer")


@dataclass(frozen=True)
class Suspect:
    """A mistake that an answer may have: its name, and the sentence that helps.

    What two suspects say may both be so, unless they are `rivals`.
    """

    name: str
    explanation: str
    rivals: ClassVar[bool] = False

    def explains(self, witness: "Witness") -> bool:
        """Whether this mistake does what the student's code did."""
        raise NotImplementedError

    def is_evident(self, witnesses: "list[Witness]") -> bool:
        """Whether so many calls tell of it, of all that it explains, that it may be named."""
        return any(witness.is_wrong for witness in witnesses)


@dataclass(frozen=True)
class Wrong(Suspect):
    """A mistake that gives results of its own: functions that are wrong in one way.

    `source` is a submission that has it, the rest from the reference; empty for one of structure.
    `caught_by` is the property that must fail.
    """

    rivals = True
    functions: Mapping[str, Callable[..., Any]]
    source: str = ""
    caught_by: str = ""

    def explains(self, witness: "Witness") -> bool:
        """Whether its function does what the student's did."""
        function = self.functions.get(witness.call.function)
        if function is None:
            return not witness.is_wrong
        theirs = observed(function, witness.call)
        return same(witness.record, theirs) or _may_do(function, witness.record, theirs)


def load(folder: Path, texts: Mapping[str, str] = MappingProxyType({})) -> list[Wrong]:
    """The misconceptions of an exercise's room, in the order of the file.

    `texts` has explanations by name, of another language. UsageError where a misconception no
    longer fits the reference.
    """
    path = folder / wrong.MISCONCEPTIONS
    return [_wrong(each, path, texts.get(each.name)) for each in wrong.misconceptions(folder)]


def load_others(folder: Path, texts: Mapping[str, str] | None = None) -> Iterator[Wrong]:
    """The other wrong answers of an exercise's room whose docstring says what they do.

    `texts` has that by name, in another language; then those are left out that it does not have.
    UsageError as for `load`.
    """
    path = folder / wrong.WRONG
    for each in wrong.wrong_answers(folder):
        what = _what_it_does(each.explanation) if texts is None else texts.get(each.name)
        if what:
            sentence = say("Your code seems to do this: {what}", what=what)
            yield _wrong(replace(each, explanation=sentence), path)


def _what_it_does(docstring: str) -> str:
    """`Adds the bias twice.` as the rest of a sentence on the student's code."""
    first, _, rest = docstring.partition(" ")
    if not re.fullmatch(r"[A-Z][a-z]+s", first) or first == "This":
        return ""
    return f"it {first.lower()} {rest}"


def _wrong(told: wrong.WrongAnswer, path: Path, text: str | None = None) -> Wrong:
    functions = functions_of(told.source, path)
    return Wrong(told.name, text or told.explanation, functions, told.source, told.caught_by)


@lru_cache(maxsize=256)  # of a room with all that it knows
def functions_of(source: str, path: Path) -> Mapping[str, Callable[..., Any]]:
    """The functions that a trusted program defines, by name; `path` is the file it stands in."""
    module = ModuleType(path.stem)
    # In one module with the reference, so that its functions call the wrong ones.
    room.run(source, path, module)
    kinds = inspect.isfunction, inspect.isclass
    return {name: each for name, each in vars(module).items() if any(is_(each) for is_ in kinds)}


@dataclass(frozen=True)
class Witness:
    """One call: what the student's code did, and what is right."""

    record: Record
    right: Record

    @property
    def call(self) -> Invocation:
        """The call itself."""
        return self.record.call

    @cached_property
    def is_wrong(self) -> bool:
        """Whether the student's code did something else than what is right."""
        return not same(self.record, self.right)


@dataclass
class Case:
    """All that is known of an answer that failed: the calls seen, and more where it is asked.

    `probes` gives further calls with what is right; they are made in the student's worker one by
    one, as far as a suspect is left whom they could clear.
    """

    reference: Reference
    student: Student
    records: Sequence[Record]
    probes: Callable[[], Sequence[Record]]
    source: str = ""  # of the reference
    is_silent: bool = False
    _asked: list[Witness] = field(default_factory=list)
    _left: Iterator[Record] | None = None
    _mute: set[str] = field(default_factory=set)  # functions that give no answer any more

    @cached_property
    def in_order(self) -> list[Witness]:
        """The calls that the properties made, as they came. Functions that are still to be written
        are left out."""
        kept = {id(r.call): r for r in self.records if not r.is_heavy}  # some were noted twice
        found = list(map(self._witness, kept.values()))
        unwritten = [w for w in found if w.record.raised == "NotImplementedError"]
        self._mute |= {w.call.function for w in unwritten if w.is_wrong}
        return [w for w in found if w.call.function not in self._mute]

    @cached_property
    def seen(self) -> list[Witness]:
        """The same, the wrong ones first, and of these the most general."""
        return sorted(self.in_order, key=lambda w: (not w.is_wrong, off_position(w.call)))

    @property
    def wrong(self) -> list[Witness]:
        """Those calls of `seen` on which the student's code is wrong."""
        return [witness for witness in self.seen if witness.is_wrong]

    def arguments(self, call: Invocation) -> dict[str, Any]:
        """The arguments of a call by name, those that were left out at their defaults."""
        bound = signature_of(self.reference.functions[call.function]).bind(
            *call.args, **call.kwargs
        )
        bound.apply_defaults()
        return bound.arguments

    def with_function(self, name: str, function: Callable[..., Any]) -> dict[str, Any]:
        """The reference's functions, of which the others call `function` for the one of that
        name."""
        origin = self.reference.functions[name]
        scope = dict(origin.__globals__)
        found: dict[str, Any] = {}
        for key, value in scope.items():
            if isinstance(value, FunctionType) and value.__globals__ is origin.__globals__:
                copy = FunctionType(value.__code__, scope, key, value.__defaults__)
                copy.__kwdefaults__ = value.__kwdefaults__
                found[key] = copy
        scope.update(found)
        scope[name] = found[name] = function
        return found

    def asked(self) -> Iterator[Witness]:
        """The probes, those first that were asked already. `is_silent` where time is up."""
        yield from self._asked
        if self._left is None:
            self._left = iter(self.probes())
            try:
                self.student.begin(0)
            except Halt:
                self.is_silent = True
        for right in self._left:
            if self.is_silent:
                return
            if right.call.function in self._mute:
                continue
            record = self.ask(right.call)
            if record is not None and not record.is_heavy:
                if isinstance(right.call, Told):
                    self._asked.append(self._witness(record))
                else:
                    self._asked.append(Witness(record, right))
                yield self._asked[-1]

    def _witness(self, record: Record) -> Witness:
        right = observed(self.reference.functions[record.call.function], record.call)
        if not _is_random(right) and same(record, right):
            return Witness(record, right)  # nothing in it is drawn
        return Witness(self._steady(record), right)

    def _steady(self, record: Record) -> Record:
        """A record, in which `RANDOM` stands for what a step with objects draws anew each time."""
        call = record.call
        if not isinstance(call, Told) or record.outcome is None:
            return record
        try:
            with self.student.patience(PATIENCE):
                again = Record(call, self.student.again(_seeded_anew(call)), None)
        except (Mismatch, StudentRaised, Halt, OutOfPatience):
            return record
        return record if same(record, again) else _random(record)

    @property
    def tells_stories(self) -> bool:
        """Whether it goes wrong in steps with objects, of which no arguments can be changed."""
        return any(isinstance(witness.call, Told) for witness in self.wrong)

    def ask(self, call: Invocation) -> Record | None:
        """What the student's code does with a call; None where that is more than is kept, or it is
        silent."""
        self.student.example = Example()
        records = self.student.example.records
        outcome = raised = None
        try:
            with self.student.patience(PATIENCE):
                outcome = self.student.again(call)
        except StudentRaised as error:
            raised = error.type_name
        except Mismatch:
            pass
        except OutOfPatience:
            self.is_silent = True
            return None
        except Halt:  # it is not there, still to be written, or it dies
            self._mute.add(call.function)
            if not records or records[-1].raised == "NotImplementedError":
                return None
            return Record(call, None, NOTHING)
        if not records:
            return None
        # What an object gives may be kept rather than sent, and then is not among the records.
        seen = Record(call, outcome, raised) if isinstance(call, Told) else records[-1]
        return seen if seen.is_small else None


@dataclass(frozen=True)
class Named:
    """What an answer is told: a name, a sentence, and the suspects of whom one is meant."""

    name: str
    explanation: str
    meant: tuple[Suspect, ...]


def diagnose(case: Case, kinds: Iterable[Iterable[Suspect]]) -> Misconception | None:
    """The mistake that explains all that is known of an answer, as a report tells it."""
    found = find(case, kinds)
    return Misconception(found.name, found.explanation) if found else None


def find(case: Case, kinds: Iterable[Iterable[Suspect]]) -> Named | None:
    """The mistake that explains all that is known of an answer, of the first of `kinds` that holds
    one. Of two that nothing tells apart both are named, of more none."""
    if not case.wrong:
        return _writing(case, kinds)
    for suspects in kinds:
        try:
            left = _explaining(suspects, case)
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
            continue  # a value that nobody foresaw costs the name, never the verdict
        if left and (len(left) == 1 or not left[0].rivals):
            return Named(left[0].name, left[0].explanation, (left[0],))
        if left:
            return _either(left) if len(left) <= MOST_TOLD else None
    return None


def _writing(case: Case, kinds: Iterable[Iterable[Suspect]]) -> Named | None:
    """The one known mistake that writes to the same arguments, where all results are right."""
    seen = [w for w in case.seen if not isinstance(w.call, Told)]
    telling_ = [w for w in seen if _written(w.record) != _written(w.right)]
    if not telling_:
        return None
    known = (each for suspects in itertools.islice(kinds, OF_THE_ROOM) for each in suspects)
    left = [
        each
        for each in known
        if isinstance(each, Wrong) and all(_writes_as(each, w) for w in (*telling_, *seen))
    ]
    for witness in case.asked() if left else ():
        left = [each for each in left if _writes_as(each, witness)]
    if len(left) != 1 or case.is_silent:
        return None
    return Named(left[0].name, left[0].explanation, (left[0],))


def _writes_as(suspect: Wrong, witness: Witness) -> bool:
    """Whether a mistake gives what the student's code gave, and writes to what that wrote to."""
    function = suspect.functions.get(witness.call.function)
    if function is None:
        return not witness.is_wrong
    theirs = observed(function, witness.call)
    return same(witness.record, theirs) and _written(witness.record) == _written(theirs)


def _written(record: Record) -> set[Effect]:
    """The arguments that a call wrote to; none where it was asked to, and that is compared."""
    effects = record.outcome.effects if record.outcome and not record.call.changes else ()
    return {(kind, index) for kind, index in effects if kind in (VALUE, RESTORED, ITEMS)}


def _either(suspects: Sequence[Suspect]) -> Named:
    """Two mistakes of which either would explain all."""
    one, other = suspects
    sentence = say(
        "It is one of two mistakes. {one} Or: {other}",
        one=one.explanation,
        other=other.explanation,
    )
    return Named(f"{one.name} or {other.name}", sentence, tuple(suspects))


def _explaining(suspects: Iterable[Suspect], case: Case) -> list[Suspect]:
    """Those of the suspects whom no witness clears."""
    left = [each for each in suspects if all(each.explains(w) for w in case.seen)]
    if not left:
        return left
    for witness in case.asked():
        left = [each for each in left if each.explains(witness)]
        if not left:
            return left
    asked = list(case.asked())
    fewest = FEWEST_STORIES if case.tells_stories else FEWEST_ASKED
    if case.is_silent and len(asked) < fewest:
        return []
    all_ = [*case.seen, *asked]
    return [each for each in left if each.is_evident(all_)]


def observed(function: Callable[..., Any], call: Invocation) -> Record:
    """What a trusted function, or class, does with a call, in the form in which a student's is
    recorded."""
    try:
        with (
            torch.random.fork_rng(devices=[]),
            warnings.catch_warnings(),
            _settings_kept(),
            _bounded(),
        ):
            warnings.simplefilter("ignore")
            if isinstance(call, Told):
                return _told(function, call)
            outcome = invoke(function, converted(call, _copied), partial(state.reset, "cpu"))
    except Exception as error:
        return Record(call, None, type(error).__name__)
    return Record(call, outcome, None)


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """No mistake holds this process up, or grows in it, for longer than MOST_SECONDS of its time:
    on a call that the student's own worker is through with, it may take for ever."""
    if threading.current_thread() is not threading.main_thread() or not CAN_BE_ENDED:
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, late)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextlib.contextmanager
def _settings_kept() -> Iterator[None]:
    """Whatever a mistake does to torch's settings, this process goes on grading with its own."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    try:
        yield
    finally:
        state.reset("cpu")
        if torch.get_default_dtype() != dtype:
            torch.set_default_dtype(dtype)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)


def _told(function: Callable[..., Any], step: Told) -> Record:
    """What comes of a step with objects: `RANDOM` where it depends on what is drawn."""
    names = names_of(function)
    outcome, may_vary = telling_what_draws(step, names, seed=SEEDS[0])
    one = Record(step, outcome, None)
    if not may_vary:
        return one
    other = Record(step, telling(step, names, seed=SEEDS[1]), None)
    return one if same(one, other) else _random(one)


def _may_do(function: Callable[..., Any], record: Record, theirs: Record) -> bool:
    """Whether a step with objects that draws could do what was recorded: a high dropout rate may
    leave nothing several times, as if nothing were drawn; or, of a single number, always or never
    itself."""
    if not isinstance(record.call, Told) or (_is_random(record) and _is_random(theirs)):
        return False
    names = names_of(function)
    if not (_is_random(record) or _is_random(theirs) or _draws(record.call, names)):
        return False
    # Seeds that lie in a row may all begin with the same draw.
    seeds = random.Random(SEEDS[-1])  # noqa: S311 - no secrets
    for _ in range(TRIES):
        try:
            outcome = telling(record.call, names, seed=seeds.getrandbits(32))
        except Exception:
            return False
        one = Record(record.call, outcome, None)
        if same(record, _random(one) if _is_random(record) and not same(one, theirs) else one):
            return True
    return False


def _draws(step: Told, names: Names) -> bool:
    """Whether what comes of a step may depend on random numbers."""
    try:
        return telling_what_draws(step, names)[1]
    except Exception:
        return False


def _seeded_anew(call: Told) -> Told:
    """The same step, in a story that draws other numbers where a property seeds them: a known
    mistake, whose story draws what it likes, need not draw the same."""
    if not any(_seeds(step) for step in call.whole):
        return call
    story = Story(call.story.given)
    story.steps += (
        replace(step, args=(SEEDS[-1] - step.args[0],)) if _seeds(step) else step
        for step in call.whole[:-1]
    )
    return replace(call, story=story)


def _seeds(step: Told) -> bool:
    return step.kind == GIVEN and step.name == SEEDING and len(step.args) == 1


def _is_random(record: Record) -> bool:
    return (record.raised or "").startswith(RANDOM)


def _random(record: Record) -> Record:
    """A record in which `RANDOM`, with the form of what came, stands for results that are other
    ones each time."""
    assert record.outcome is not None
    return Record(record.call, None, f"{RANDOM}: {_form(record.outcome.value)}")


def _form(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"{value.dtype}{tuple(value.shape)}"
    if isinstance(value, dict):
        return str({str(name): _form(item) for name, item in value.items()})
    if isinstance(value, list | tuple):
        return str(list(map(_form, value)))
    return type(value).__name__  # of a text too: it is what is drawn


def _copied(tensor: torch.Tensor) -> torch.Tensor:
    """A copy that lies in memory as `tensor` does, whose layout a mistake may depend on."""
    storage = tensor.untyped_storage()
    if tensor.is_contiguous() or storage.nbytes() > MOST_BYTES:
        return tensor.clone()
    held = torch.empty(0, dtype=torch.uint8).set_(storage).clone().untyped_storage()
    copy = torch.empty(0, dtype=tensor.dtype)
    return copy.set_(held, tensor.storage_offset(), tensor.shape, tensor.stride())


def same(one: Record, other: Record) -> bool:
    """Whether two calls did the same, as far as another order of operations would tell."""
    if one.outcome is None or other.outcome is None:
        return one.raised == other.raised and (one.outcome is None) == (other.outcome is None)
    mine, theirs = _observations(one), _observations(other)
    tensors = [tensor for call in whole(one.call) for tensor in call.tensors]
    reach = min(max(map(magnitude, tensors), default=0.0), MOST_REACH)
    bounds = tuple(_bound(leaf, reach) for leaf in all_leaves(theirs))
    try:
        agree(mine, Expected(theirs, theirs, bounds))
    except (Mismatch, RuntimeError):  # a forged reply may hold what cannot be compared
        return False
    return True


def _observations(record: Record) -> Any:
    outcome = record.outcome
    assert outcome is not None
    gradients = outcome.gradients
    if gradients is not None:  # what does not depend on an argument may have none, or zeros
        inputs = [tensor for tensor in record.call.tensors if tensor.requires_grad]
        pairs = zip(gradients, inputs, strict=False)
        gradients = [torch.zeros_like(x) if g is None else g for g, x in pairs]
    changes = [(c.value, c.grad_object, c.grad) for c in outcome.changes or []]
    # A parameter that a step does not use may have no gradient, or zeros.
    parameters = {n: g for n, g in (outcome.parameters or {}).items() if g is not None and g.any()}
    kept = (outcome.held, outcome.kind, parameters)
    tells_where = isinstance(record.call, Told) and record.call.name == ADDRESS
    value = None if tells_where else outcome.value
    seen = (value, gradients, changes, outcome.backwards, outcome.disturbed, kept)
    return mapped(torch.Tensor.detach, seen)


def _bound(leaf: Any, reach: float) -> float:
    """How far rounding may carry a leaf, where the inputs are of the size of `reach`."""
    if isinstance(leaf, torch.Tensor) and leaf.dtype.is_floating_point:
        if leaf.dtype != torch.float64:
            return RELATIVE_LOW * torch.finfo(leaf.dtype).eps * max(magnitude(leaf), reach)
    elif not isinstance(leaf, float):
        return 0.0
    return RELATIVE_FLOAT64 * magnitude(leaf) + CANCELLATION_FLOAT64 * reach
