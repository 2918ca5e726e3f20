"""What the person who grades a class sees: progress, and a summary at the end."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Task as ProgressTask
from rich.table import Table
from rich.text import Text

from grader.classroom.gradebook import Column
from grader.classroom.grades import Gradesheet
from grader.classroom.run import Entry, Plan
from grader.classroom.sheets import number
from grader.report import Report, Status

MOST_NOTES = 5
STATUSES = {
    "passed": (Status.PASSED,),
    "partial": (Status.PARTIAL,),
    "failed": (Status.FAILED, Status.REJECTED),
    "not started": (Status.NOT_STARTED,),
}


class ClassScreen:
    """Speaks of one run, while it goes on and when it is over."""

    def __init__(self, plan: Plan, notes: Sequence[str]) -> None:
        self._plan = plan
        self._notes = notes
        self._console = Console()
        self._done = 0
        self._lacking: list[str] = []
        self.unread: list[tuple[Entry, Report]] = []
        self.ungraded: list[tuple[Entry, Report]] = []

    def watch(self, results: Iterable[tuple[Entry, Report]]) -> None:
        """Show each result as it comes."""
        for entry, report in self._plan.settled:
            self._take(entry, report)
        parts = [f"{self._plan.count} to grade"]
        if self._plan.known:
            parts.append(f"{self._plan.known} known already")
        if self._plan.settled:
            parts.append(f"{len(self._plan.settled)} settled without grading")
        self._say(", ".join(parts))
        with self._progress() as advance:
            for entry, report in results:
                self._done += 1
                self._take(entry, report)
                advance(entry, report)

    def _take(self, entry: Entry, report: Report) -> None:
        if entry.answer.file.problem is not None:
            self.unread.append((entry, report))
        if report.status is Status.UNGRADED:
            self.ungraded.append((entry, report))
        if report.sandbox and not self._lacking:
            from grader.worker import sandbox

            self._lacking = sandbox.missing(report.sandbox)

    @contextmanager
    def _progress(self) -> Iterator[Callable[[Entry, Report], None]]:
        if not self._console.is_terminal:
            yield self._line
            return
        columns = (
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("{task.description}", style="red"),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar = progress.add_task(self._failures(), total=self._plan.count)

            def advance(entry: Entry, report: Report) -> None:
                del entry, report
                progress.update(bar, advance=1, description=self._failures())

            yield advance

    def _line(self, entry: Entry, report: Report) -> None:
        verdict = f"{report.score}/{report.max_score} {report.status.value.replace('_', ' ')}"
        name = f"{entry.answer.student} {entry.answer.exercise.stem}"
        self._say(f"{self._done}/{self._plan.count} {name}: {verdict}")

    def _failures(self) -> str:
        parts = {"unreadable": len(self.unread), "not graded": len(self.ungraded)}
        return ", ".join(f"{count} {what}" for what, count in parts.items() if count)

    def stopped(self, command: str) -> None:
        """Somebody wants to stop."""
        self._say(f"\nStopped. {self._done} of {self._plan.count} are graded, and kept.")
        self._say(f"Go on with: {command}")

    def summary(self, sheet: Gradesheet, written: Sequence[Path], log: Path) -> None:
        """What came of it, what to look at, and where everything is."""
        self._say("")
        self._console.print(_table(sheet), highlight=False)
        if self.unread:
            self._say("\nCould not be read, and has no points:", "yellow")
            self._list(list(dict.fromkeys(_why(entry) for entry, _ in self.unread)))
        if late := [grade for grade in sheet.grades.values() if grade.days_late]:
            self._say(f"\n{len(late)} came late.", "yellow")
        if self._notes:
            self._say("\nOf the files that were handed in:", "yellow")
            self._list(self._notes)
        if self._lacking:
            self._say(f"\nThe sandbox lacks: {'; '.join(self._lacking)}.", "yellow")
            self._say("See grade doctor; --require-sandbox refuses to grade without.")
        if self.ungraded:
            self._say("\nCould not be graded, by a fault of the grader's own:", "red")
            self._list([f"{report.path}: {report.reason}" for _, report in self.ungraded])
            if log.is_file():
                self._say(f"See {log}.")
        self._say("")
        for path in written:
            self._say(f"wrote {path}")
        self._say(f"The seed is {self._plan.run.seed}; reports name it, to replay a grading.")

    def _list(self, items: Sequence[str]) -> None:
        for item in items[:MOST_NOTES]:
            self._say(f"  {item}")
        if len(items) > MOST_NOTES:
            self._say(f"  and {len(items) - MOST_NOTES} more")

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _why(entry: Entry) -> str:
    """A file that could not be read, and the reason."""
    file = entry.answer.file
    return f"{file.path}: {file.problem.problem if file.problem else ''}"


def _table(sheet: Gradesheet) -> Table:
    """A row for each exercise: how many have which status, and the mean of the scores."""
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column("exercise", ratio=1)
    for name in ("of", *STATUSES, "mean"):
        table.add_column(name, justify="right")
    for exercise in sheet.exercises:
        table.add_row(f"{exercise.number}. {exercise.title}", *_row(sheet, exercise))
    return table


def _row(sheet: Gradesheet, exercise: Column) -> list[str]:
    grades = sheet.of(exercise)
    statuses = [grade.result.status for grade in grades if grade.result]
    counts = [sum(status in of for status in statuses) for of in STATUSES.values()]
    scores = [grade.score for grade in grades if grade.score is not None]
    return [str(len(grades)), *map(str, counts), number(round(fmean(scores), 1)) if scores else ""]


class _Rate(ProgressColumn):
    """How many are graded in a minute."""

    def render(self, task: ProgressTask) -> Text:
        """See rich."""
        speed = task.speed
        return Text(f"{speed * 60:.0f}/min" if speed else "", style="cyan")
