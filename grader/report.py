"""What a grading found: the one model that every format is rendered from. A leaf."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1


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


@dataclass(frozen=True)
class PropertyResult:
    """One property: `title` is its docstring, `message` what is wrong, `seconds` wall time."""

    name: str
    title: str
    status: PropertyStatus
    score: int
    max_score: int
    message: str | None = None
    counterexample: str | None = None
    seconds: float = 0.0


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

    @property
    def in_words(self) -> str:
        """The verdict as a person says it."""
        against = self.vs_reference
        if against is None:
            return f"Not believed: {self.reason}. A person should look at this."
        words = {TimingVerdict.OK: "fine", TimingVerdict.SLOW: "too slow"}
        verdict = words.get(self.verdict, "inconclusive, which costs no point")
        text = (
            f"{against.ratio:.1f}x the reference ({against.low:.1f} to {against.high:.1f}),"
            f" limit {self.limit:.1f}: {verdict}"
        )
        if self.reason:
            text += f" ({self.reason})"
        if self.vs_builtin:
            ratio = self.vs_builtin.ratio
            faster, times = ("the built-in", ratio) if ratio >= 1 else ("you", 1 / ratio)
            slower = "you" if ratio >= 1 else "the built-in"
            verb = "is" if ratio >= 1 else "are"
            text += f"; {faster} {verb} {times:.1f}x faster than {slower}"
        return text


@dataclass(frozen=True)
class Report:
    """The result of grading one submission to one exercise.

    `reason` says why there are no properties to show (not started, rejected, a file that cannot
    be loaded, ungraded); `next_step` is what to do now; `note` what the grading left out; `printed`
    what the student's code printed.
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
    misconception: Misconception | None = None
    timing: Timing | None = None
    next_step: str | None = None
    note: str | None = None
    printed: str = ""
    seed: int = 0
    environment: dict[str, Any] = field(default_factory=dict)
    sandbox: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

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
            "properties": [asdict(result) for result in self.properties],
            "misconception": asdict(self.misconception) if self.misconception else None,
            "timing": asdict(self.timing) if self.timing else None,
            "next_step": self.next_step,
            "note": self.note,
            "printed": self.printed,
            "seed": self.seed,
            "environment": self.environment,
            "sandbox": self.sandbox,
            "seconds": self.seconds,
        }


def overall(properties: tuple[PropertyResult, ...]) -> Status:
    """The status that follows from the properties alone."""
    if not properties or any(p.status is PropertyStatus.BROKEN for p in properties):
        return Status.UNGRADED
    score = sum(p.score for p in properties)
    if score == sum(p.max_score for p in properties):
        return Status.PASSED
    return Status.PARTIAL if score else Status.FAILED
