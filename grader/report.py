"""What a grading found: the one model that every format is rendered from.

Bounded in size where it is made, whatever a submission returned, raised or printed: no format has
to be on its guard against a text that fills the memory.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import cattrs

from grader.language import say
from grader.measure import MEASURES, PERPLEXITY, Measure

SCHEMA = 1

# Characters of the texts that a submission has a hand in.
MOST_MESSAGE = 4_000
MOST_COUNTEREXAMPLE = 12_000
MOST_CALL = 4_000
MOST_PART = 1_000
MOST_NAME = 400
MOST_PRINTED = 1 << 18
MOST_PRINTED_IN_A_CALL = 2_000
# Bytes as JSON of all properties together; what comes after is told more briefly.
MOST_OF_ALL = 120_000
BRIEF = 400


class PropertyStatus(StrEnum):
    """How one property ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"  # what it needs failed
    ERROR = "error"  # the student's code raised, hung or died
    BROKEN = "broken"  # ours, never charged to a student


class Status(StrEnum):
    """How the whole exercise ended."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    REJECTED = "rejected"
    UNGRADED = "ungraded"


Nested = float | int | bool | str | tuple["Nested", ...]


@dataclass(frozen=True)
class Excerpt:
    """A tensor, or the window of it that a page holds; a number is one without axes.

    `values` are nested as deep as `shape` is long, and begin at the index `start`; an axis of
    length 0 leaves them empty. A complex number stands as text.
    """

    dtype: str
    shape: tuple[int, ...]
    start: tuple[int, ...]
    values: Nested

    @property
    def shown(self) -> tuple[int, ...]:
        """How many of each axis are here."""
        lengths: list[int] = []
        values = self.values
        while isinstance(values, tuple) and len(lengths) < len(self.shape):
            lengths.append(len(values))
            values = values[0] if values else ()
        return tuple(lengths)


@dataclass(frozen=True)
class Part:
    """One part of a result, the student's beside the expected; text where it is no tensor.

    `name` is empty where the part is the whole result. `worst` is the index of the greatest
    `difference` (inf where one of both is not finite), and `tolerance` the greatest that is
    allowed; all None where the two differ in form.
    """

    name: str
    student: Excerpt | str
    expected: Excerpt | str
    worst: tuple[int, ...] | None = None
    difference: float | None = None
    tolerance: float | None = None

    def __post_init__(self) -> None:
        """Cut what is too long."""
        _cut(self, name=MOST_NAME, student=MOST_PART, expected=MOST_PART)


@dataclass(frozen=True)
class Comparison:
    """A counterexample in numbers: the call as text, the parts of its result that are wrong.

    `agreeing` names the parts that are right, `left_out` counts the wrong ones beyond the first
    few. Bounded in size, whatever a submission returns.
    """

    call: str
    parts: tuple[Part, ...]
    agreeing: tuple[str, ...] = ()
    left_out: int = 0

    def __post_init__(self) -> None:
        """Cut what is too long."""
        _cut(self, call=MOST_CALL)


@dataclass(frozen=True)
class PropertyResult:
    """One property: `title` is its docstring, `message` what is wrong, `seconds` wall time.

    `counterexample` is for reading; `comparison` the same in numbers, where there are two results;
    `printed` is what the student's code printed in the calls that the counterexample shows.
    `line` is the line of the student's file to look at, counted from 1: where their code raised,
    or where the function begins whose result is wrong. None where no line is known, and for a
    notebook, whose message names the cell.
    """

    name: str
    title: str
    status: PropertyStatus
    score: int
    max_score: int
    message: str | None = None
    counterexample: str | None = None
    seconds: float = 0.0
    comparison: Comparison | None = None
    line: int | None = None
    printed: str = ""

    def __post_init__(self) -> None:
        """Cut what is too long."""
        _cut(self, message=MOST_MESSAGE, counterexample=MOST_COUNTEREXAMPLE)
        _cut(self, printed=MOST_PRINTED_IN_A_CALL)

    @property
    def has_failed(self) -> bool:
        """Whether it was tried and does not hold, whoever is at fault."""
        return self.status not in (PropertyStatus.PASSED, PropertyStatus.SKIPPED)


@dataclass(frozen=True)
class Misconception:
    """A wrong idea that explains every failure seen, and the sentence that helps."""

    name: str
    explanation: str


class TimingVerdict(StrEnum):
    """What the judge's clock says."""

    OK = "ok"
    SLOW = "slow"
    INCONCLUSIVE = "inconclusive"
    REVIEW = "review"  # too good to be believed


@dataclass(frozen=True)
class Interval:
    """A ratio, and the ends of the interval that holds the true one."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class OnDevice:
    """What belongs to a time that was taken on a device beside the processor.

    `transfer`: which share of the reference's call went on copies and the channel, from 0 to 1;
    `is_smaller`: the inputs were made smaller than they should be, to fit its memory; `clocks_mhz`:
    its lowest and highest clock; `discarded`: rounds in which it slowed itself down, not counted;
    `processes`: how many computed on it, the grading's own included. None where nobody can tell.
    """

    title: str
    transfer: float
    is_smaller: bool = False
    clocks_mhz: tuple[int, int] | None = None
    discarded: int = 0
    processes: int | None = None

    @property
    def in_words(self) -> str:
        """What a person wants to know of it, in a line."""
        share = f"{self.transfer:.0%}"
        text = say("{title}: {share} of a call was copying", title=self.title, share=share)
        if self.clocks_mhz is not None:
            low, high = self.clocks_mhz
            text += say("; clock {low} to {high} MHz", low=low, high=high)
        if self.discarded:
            text += say("; rounds in which it slowed itself down: {n}", n=self.discarded)
        if self.is_smaller:
            text += say("; smaller inputs, for want of memory")
        return text


@dataclass(frozen=True)
class Timing:
    """Median times of one call in milliseconds, the channel's cost taken off, and their ratios.

    `limit` is the greatest ratio to the reference that earns the points; `peak_mib` the device
    memory that each kind of worker says it used, on a GPU only. Nothing is claimed of the
    student's time where the verdict is `review`.
    """

    device: str
    verdict: TimingVerdict
    limit: float
    student_ms: float | None
    reference_ms: float
    builtin_ms: float | None
    vs_reference: Interval | None
    vs_builtin: Interval | None
    rounds: int
    reason: str | None = None
    peak_mib: dict[str, float] | None = None
    on_device: OnDevice | None = None

    @property
    def in_words(self) -> str:
        """The verdict as a person says it."""
        against = self.vs_reference
        if against is None:
            return say("Not believed: {reason}. A person should look at this.", reason=self.reason)
        words = {TimingVerdict.OK: say("fine"), TimingVerdict.SLOW: say("too slow")}
        said = {
            "ratio": against.ratio,
            "limit": self.limit,
            "verdict": words.get(self.verdict) or say("inconclusive, which costs no point"),
        }
        if f"{against.low:.1f}" == f"{against.high:.1f}":
            text = say("{ratio:.1f}x the reference, limit {limit:.1f}: {verdict}", **said)
        else:
            text = say(
                "{ratio:.1f}x the reference ({low:.1f} to {high:.1f}), limit {limit:.1f}:"
                " {verdict}",
                low=against.low,
                high=against.high,
                **said,
            )
        if self.reason:
            text += say(" ({reason})", reason=self.reason)
        if self.vs_builtin:
            ratio = self.vs_builtin.ratio
            if f"{max(ratio, 1 / ratio):.1f}" == "1.0":
                text += say("; as fast as the built-in")
            elif ratio >= 1:
                text += say("; the built-in is {times:.1f}x faster than you", times=ratio)
            else:
                text += say("; you are {times:.1f}x faster than the built-in", times=1 / ratio)
        return text if self.on_device is None else f"{text}\n{self.on_device.in_words}"


@dataclass(frozen=True)
class Training:
    """How well a model that was trained does on what it has not seen, in the `measure` of that name
    (`grader.measure`).

    `student` and `reference` are curves over `steps`, of models that were trained for so many;
    `uniform` knows nothing, `bigram` is the simple way (counts pairs of tokens, or translates word
    by word), `floor` the best: no model can do better. `bar` is what is enough. `reference` is
    empty where it is not known.
    """

    steps: tuple[int, ...]
    student: tuple[float, ...]
    reference: tuple[float, ...]
    uniform: float
    bigram: float
    floor: float
    bar: float
    measure: str = PERPLEXITY.name

    @property
    def kind(self) -> Measure:
        """The measure itself."""
        return MEASURES[self.measure]

    @property
    def in_words(self) -> str:
        """The last of the curve as a person says it."""
        return self.kind.trained(self.steps[-1], self.student[-1], self.floor, self.bar)


@dataclass(frozen=True)
class Trained:
    """A model is being trained for `steps`, or has been, of `most`: what it reaches (nan until it
    is there) on what it has not seen, and the best that is possible."""

    steps: int
    most: int
    reached: float
    best: float
    measure: Measure = PERPLEXITY

    @property
    def in_words(self) -> str:
        """What a person sees while it goes on."""
        if math.isnan(self.reached):
            return say("training: {steps} steps of {most} ...", steps=self.steps, most=self.most)
        return self.measure.training(self.steps, self.most, self.reached, self.best)


@dataclass(frozen=True)
class Report:
    """The result of grading one submission to one exercise.

    `reason` says why there are no properties to show (not started, rejected, a file that cannot
    be loaded, ungraded), `line` which line of the file it speaks of; `next_step` is what to do now;
    `note` what the grading left out; `printed` what the student's code printed.
    """

    number: int
    slug: str
    title: str
    path: str
    sha256: str
    status: Status
    score: int
    max_score: int
    properties: tuple[PropertyResult, ...] = ()
    reason: str | None = None
    line: int | None = None
    misconception: Misconception | None = None
    timing: Timing | None = None
    training: Training | None = None
    next_step: str | None = None
    note: str | None = None
    printed: str = ""
    look_first: str = ""
    seed: int = 0
    environment: dict[str, Any] = field(default_factory=dict)
    sandbox: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Cut what is too long, and tell the later properties briefly where all would be."""
        _cut(self, reason=MOST_MESSAGE, note=MOST_MESSAGE, printed=MOST_PRINTED)
        object.__setattr__(self, "properties", tuple(_within(self.properties, MOST_OF_ALL)))

    @property
    def first_failure(self) -> PropertyResult | None:
        """The property to look at first. None where none failed."""
        return next(iter(self.failures), None)

    @property
    def failures(self) -> tuple[PropertyResult, ...]:
        """The properties that failed, in their order; that of the name `look_first` before all."""
        failed = (result for result in self.properties if result.has_failed)
        return tuple(sorted(failed, key=lambda result: result.name != self.look_first))

    @property
    def waiting(self) -> tuple[PropertyResult, ...]:
        """The properties that were not tried, because of what failed."""
        return tuple(p for p in self.properties if p.status is PropertyStatus.SKIPPED)

    @property
    def has_full_marks(self) -> bool:
        """Whether nothing is left to do."""
        return self.status is Status.PASSED

    def as_json(self) -> dict[str, Any]:
        """The object that `--format json` prints; its form is fixed by `schema`."""
        return {
            "schema": SCHEMA,
            "exercise": {"number": self.number, "slug": self.slug, "title": self.title},
            "submission": {"path": self.path, "sha256": self.sha256},
            "status": self.status.value,
            "score": self.score,
            "max_score": self.max_score,
            "reason": self.reason,
            "line": self.line,
            "properties": [_as_json(asdict(result)) for result in self.properties],
            "misconception": asdict(self.misconception) if self.misconception else None,
            "timing": asdict(self.timing) if self.timing else None,
            "training": _as_json(asdict(self.training)) if self.training else None,
            "next_step": self.next_step,
            "note": self.note,
            "printed": self.printed,
            "seed": self.seed,
            "environment": self.environment,
            "sandbox": self.sandbox,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Self:
        """The report whose `as_json` this is; ValueError where it is that of something else."""
        import cattrs

        if content.get("schema") != SCHEMA:
            raise ValueError(f"a report of schema {content.get('schema')!r}, not {SCHEMA}")
        try:
            flat = {**content, **content["exercise"], **content["submission"]}
            return _converter().structure(flat, cls)
        except KeyError as error:
            raise ValueError(f"it lacks {error}") from None
        except cattrs.BaseValidationError as error:
            raise ValueError("; ".join(cattrs.transform_error(error))) from None


@cache
def _converter() -> "cattrs.Converter":
    import cattrs

    converter = cattrs.Converter()
    converter.register_structure_hook(Nested, lambda value, _: _from_json(value))
    converter.register_structure_hook(
        Excerpt | str,
        lambda value, _: value if isinstance(value, str) else converter.structure(value, Excerpt),
    )
    return converter


def _as_json(value: Any) -> Any:
    """`value` with the numbers that JSON does not know as "nan", "inf" and "-inf"."""
    if isinstance(value, dict):
        return {key: _as_json(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _from_json(value: Any) -> Any:
    """What `_as_json` made of nested numbers, as it was."""
    if isinstance(value, list):
        return tuple(_from_json(item) for item in value)
    return float(value) if value in ("nan", "inf", "-inf") else value


def overall(properties: tuple[PropertyResult, ...]) -> Status:
    """The status that follows from the properties alone."""
    if not properties or any(p.status is PropertyStatus.BROKEN for p in properties):
        return Status.UNGRADED
    score, most = sum(p.score for p in properties), sum(p.max_score for p in properties)
    holds = all(p.status is PropertyStatus.PASSED for p in properties)
    if holds or (most and score == most):
        return Status.PASSED
    return Status.PARTIAL if score else Status.FAILED


def _cut(holder: object, **most: int) -> None:
    """Leave of each text that is named no more characters than it may have."""
    for name, length in most.items():
        text = getattr(holder, name)
        if isinstance(text, str) and len(text) > length:
            object.__setattr__(holder, name, text[: length - 1] + "…")


def _within(results: Iterable[PropertyResult], most: int) -> Iterator[PropertyResult]:
    """The results, those that have no room in `most` bytes of JSON without their details."""
    for result in results:
        if result.message is None and result.counterexample is None:
            yield result
            continue
        size = len(json.dumps(_as_json(asdict(result))))
        if size > most:
            result = replace(result, comparison=None, printed="")
            _cut(result, message=BRIEF, counterexample=BRIEF)
        else:
            most -= size
        yield result


# --- texts of strangers --------------------------------------------------------------------------

# What CI systems take for an order in a log, wherever each looks for it. GitHub, Gitea and Forgejo:
# `::name::` where a line begins, also behind spaces and colours; a sign of U+FFFD may have ended a
# line. GitHub of old, Azure, TeamCity: `##[name]`, `##vso[name]`, `##teamcity[name]`, anywhere.
_AT_START = re.compile(
    r"(^|\ufffd(?:\[[0-9;?]*[A-Za-z])?)((?:\x1b\[[0-9;]*m| )*):(?=:)", re.MULTILINE
)
_ANYWHERE = re.compile(r"#(?=#\w*\[)")
_FOLDS = re.compile(r"(section_(?:start|end)|travis_(?:fold|time)):", re.IGNORECASE)


def clean(text: str) -> str:
    """`text` of a stranger, fit to be shown: without what would steer a terminal or the system that
    keeps a log, or could not be written as UTF-8 or XML.

    Control characters, lone surrogates and marks of direction become U+FFFD, tabs spaces; a space
    stands inside of what would be a workflow command. Cleaning again changes nothing.
    """
    lines = text.expandtabs(4).split("\n")
    return harmless("\n".join(line if line.isprintable() else _printable(line) for line in lines))


def harmless(text: str) -> str:
    """`text` that is clean or has our own colours, with a space in what is a workflow command where
    its lines begin now: wrapped text has lines that it had not before."""
    if "::" in text:
        text = _AT_START.sub(r"\1\2: ", text)
    if "##" in text:
        text = _ANYWHERE.sub("# ", text)
    if "_" in text:
        text = _FOLDS.sub(r"\1 :", text)
    return text


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in line)
