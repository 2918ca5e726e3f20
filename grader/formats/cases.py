"""What other systems call a test: a property, or an exercise that has no property to show."""

from dataclasses import dataclass

from grader.formats.words import state
from grader.language import say
from grader.report import PropertyStatus, Report, Status, clean


@dataclass(frozen=True)
class Case:
    """One line of a foreign system's results.

    `number` is the exercise's and the place in it (`3.1`), `name` an identifier, `title` for a
    person, `text` what is wrong, clean and with the counterexample; empty where nothing is.
    """

    report: Report
    number: str
    name: str
    title: str
    status: PropertyStatus
    score: int
    max_score: int
    text: str
    seconds: float
    line: int | None

    @property
    def passed(self) -> bool:
        """Whether it has its points."""
        return self.status is PropertyStatus.PASSED


def cases(report: Report) -> list[Case]:
    """A case for each property; one with no points for an exercise that shows none, or whose
    grading failed: a grading that came to nothing must never look like one that found nothing."""
    if report.status is Status.UNGRADED or not report.properties:
        return [_whole(report)]
    return [
        Case(
            report=report,
            number=f"{report.number}.{index}",
            name=result.name,
            title=clean(result.title),
            status=result.status,
            score=result.score,
            max_score=result.max_score,
            text=joined(result.message, result.counterexample),
            seconds=result.seconds,
            line=result.line,
        )
        for index, result in enumerate(report.properties, 1)
    ]


def _whole(report: Report) -> Case:
    ours = report.status is Status.UNGRADED
    titles = {
        Status.UNGRADED: say("This exercise could not be graded."),
        Status.NOT_STARTED: say("This exercise is not started."),
        Status.REJECTED: say("This submission is rejected."),
    }
    return Case(
        report=report,
        number=f"{report.number}.1",
        name="submission",
        title=titles.get(report.status) or say("This submission cannot be run."),
        status=PropertyStatus.BROKEN if ours else PropertyStatus.FAILED,
        score=0,
        max_score=report.max_score,
        text=joined(report.reason, report.next_step),
        seconds=report.seconds,
        line=report.line,
    )


def stem(report: Report) -> str:
    """The name that the exercise's files share, such as `ex03_attention_scoring`."""
    return f"ex{report.number:02d}_{report.slug}"


def heading(report: Report) -> str:
    """`Exercise 3. Attention scoring`."""
    return say("Exercise {number}. {title}", number=report.number, title=clean(report.title))


def score(report: Report) -> str:
    """`45 / 100, partial`."""
    return f"{report.score} / {report.max_score}, {state(report.status)}"


def remarks(report: Report) -> list[str]:
    """What is to be said of the exercise as a whole, a paragraph each, clean."""
    diagnosis = report.misconception.explanation if report.misconception else None
    timing = report.timing.in_words if report.timing else None
    said = (
        report.reason,
        diagnosis,
        timing and say("Running time: {verdict}", verdict=timing),
        report.note,
        report.next_step,
    )
    return [clean(part) for part in said if part]


def joined(*parts: str | None) -> str:
    """The parts that are there, clean, with a blank line between them."""
    return "\n\n".join(clean(part).strip("\n") for part in parts if part)
