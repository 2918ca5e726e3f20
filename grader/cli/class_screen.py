"""What the person who grades a class sees: progress, and a summary at the end."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from logging import Logger
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

from grader.classroom.kept.gradebook import BY_FILE, Column
from grader.classroom.received import identity
from grader.classroom.received.roster import Roster
from grader.classroom.run import Entry, Plan
from grader.classroom.shown.changes import Change
from grader.classroom.shown.grades import Grade, Gradesheet
from grader.classroom.shown.sheets import number
from grader.cli.options import counted, short
from grader.report import Report, Status, clean

MOST_NOTES = 5
MOST_NAMES = 10
STATUSES = {
    "passed": (Status.PASSED,),
    "partial": (Status.PARTIAL,),
    "failed": (Status.FAILED, Status.REJECTED),
    "not started": (Status.NOT_STARTED,),
}


class ClassScreen:
    """Speaks of one run, while it goes on and when it is over."""

    def __init__(
        self,
        plan: Plan,
        roster: Roster,
        log: Logger,
        pseudonyms: Mapping[str, str] | None = None,
    ) -> None:
        """`pseudonyms`: what everybody is called, where the screen is not to say who it is."""
        self._log = log
        self._plan = plan
        self._roster = roster
        self._console = Console()
        self._is_anonymous = pseudonyms is not None
        self._shown = pseudonyms or identity.shown(plan.students)
        self._done = 0
        self._ungraded = 0
        self._lacking: list[str] = []
        # One that stands for several exercises is one.
        self._unread = dict.fromkeys(
            self._name(answer.student)
            if self._is_anonymous
            else _located(answer.file.path, answer.file.problem.problem)
            for answer in roster.answers
            if answer.file.problem
        )

    def watch(self, results: Iterable[tuple[Entry, Report]], *, alone: bool) -> None:
        """Show each result as it comes; `alone`: one after the other, because they are timed."""
        parts = [f"{self._plan.count} to grade"]
        if self._plan.known:
            parts.append(f"{self._plan.known} known already")
        if self._plan.settled:
            parts.append(f"{len(self._plan.settled)} settled without grading")
        begun = ", ".join(parts)
        self._log.info("run %s: %s", self._plan.run.id, begun)
        self._say(begun + ("; timed, one after the other" if alone else ""))
        with self._progress() as advance:
            for entry, report in results:
                self._take(entry, report)
                advance(entry, report)

    def _take(self, entry: Entry, report: Report) -> None:
        self._done += 1
        if report.status is Status.UNGRADED:
            answer = entry.answer
            place = self._name(answer.student) if self._is_anonymous else answer.file.path
            self._log.info("%s: not graded: %s", place, report.reason or "")
        self._ungraded += report.status is Status.UNGRADED
        if report.sandbox and not self._lacking:
            from grader.worker.walls import layers

            self._lacking = layers.missing(report.sandbox)

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
        student = entry.answer.student
        name = f"{self._name(student)} {entry.answer.exercise.stem}"
        self._say(f"{self._done}/{self._plan.count} {name}: {verdict}")

    def _failures(self) -> str:
        parts = {"unreadable": len(self._unread), "not graded": self._ungraded}
        return ", ".join(f"{count} {what}" for what, count in parts.items() if count)

    def notice(self, text: str) -> None:
        """Something happened that who waits should know."""
        self._log.info("%s", text)
        self._say(text, "yellow")

    def stopped(self, command: str) -> None:
        """Somebody wants to stop."""
        self._log.info("run %s: stopped, %s graded", self._plan.run.id, self._done)
        self._say(f"\nStopped. {self._done} of {self._plan.count} are graded, and kept.")
        self._say(f"Go on with: {command}")

    def summary(
        self, sheet: Gradesheet, moved: Sequence[Change], written: Sequence[Path], log: Path
    ) -> None:
        """What came of it, what to look at, and where everything is."""
        self._log.info("run %s: ended, %s graded", self._plan.run.id, self._done)
        self._say("")
        self._console.print(_table(sheet), highlight=False)
        if moved:
            self._say("\nScores that moved (all of them are in changes.csv):", "yellow")
            self._list([self._change(each) for each in moved])
        if self._unread:
            self._say("\nCould not be read, and has no points:", "yellow")
            self._list(list(self._unread))
        self._dates(sheet)
        if stale := stale_in_words(sheet):
            self._say(f"\n{stale[0]}", "yellow")
            self._say(stale[1])
        self._people(sheet)
        if self._roster.notes and not self._is_anonymous:
            self._say("\nOf the files that were handed in:", "yellow")
            self._list(self._roster.notes)
        if self._lacking:
            self._say(f"\nThe sandbox lacks: {'; '.join(self._lacking)}.", "yellow")
            self._say("See grade doctor; --require-sandbox refuses to grade without.")
        if faults := sheet.ungraded:
            self._say("\nCould not be graded, by a fault of the grader's own:", "red")
            self._list(
                [f"{self._place(grade)}: {_reason(grade)}" for grade in faults if grade.result]
            )
            if log.is_file():
                self._say(f"See {log}.")
        self._say("")
        for path in written:
            self._say(f"wrote {short(path)}")
        self._say(f"The seed is {self._plan.run.seed}; reports name it, to replay a grading.")

    def _change(self, each: Change) -> str:
        return moved_in_words(each, self._name(each.student))

    def _dates(self, sheet: Gradesheet) -> None:
        grades = [grade for grade in sheet.grades.values() if grade.is_handed_in]
        if late := sum(grade.days_late > 0 for grade in grades):
            self._say(f"\n{late} came late.", "yellow")
        by_file = [grade for grade in grades if grade.dated_by == BY_FILE and grade.submitted_at]
        doubtful = [
            grade
            for grade in by_file
            if not sheet.policy.file_dates
            and (deadline := sheet.policy.deadline_of(grade.exercise)) is not None
            and grade.submitted_at is not None
            and grade.submitted_at > deadline
        ]
        if doubtful:
            were = "was" if len(doubtful) == 1 else "were"
            self._say(
                f"\n{counted(len(doubtful), 'file')} {were} last changed after the deadline, by"
                " the file's own date. That may be when it was downloaded, so it costs nothing.",
                "yellow",
            )
            self._say("Say when they came in submissions.csv, or file_dates = true in [policy].")

    def _people(self, sheet: Gradesheet) -> None:
        groups = {
            "Not on the list": sheet.unlisted,
            "Handed in nothing at all": sheet.absent,
            "Handed in before, and not found this time": sheet.unseen,
        }
        notes = [] if self._is_anonymous else list(self._plan.notes)
        for what, names in groups.items():
            if names:
                shown = ", ".join(map(self._name, names[:MOST_NAMES]))
                more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
                notes.append(f"{what}: {shown}{more}.")
        if notes:
            self._say("\nOf the students:", "yellow")
            for note in notes:
                self._say(f"  {note}")

    def _place(self, grade: Grade) -> str:
        return self._name(grade.student) if self._is_anonymous else grade.path

    def _name(self, student: str) -> str:
        return self._shown.get(student, student)

    def _list(self, items: Sequence[str]) -> None:
        for item in items[:MOST_NOTES]:
            self._say(f"  {item}")
        if len(items) > MOST_NOTES:
            self._say(f"  and {len(items) - MOST_NOTES} more")

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(
            clean(text), style=style, markup=False, highlight=False, emoji=False, soft_wrap=True
        )


def stale_in_words(sheet: Gradesheet) -> list[str]:
    """How many results are stale and why, and what to do; nothing where none is."""
    if not (stale := sheet.stale):
        return []
    reasons = "; ".join(sorted({grade.stale for grade in stale}))
    return [
        f"{counted(len(stale), 'result')} {'is' if len(stale) == 1 else 'are'} stale: {reasons}.",
        "grade class --regrade grades every attempt that counts again.",
    ]


def moved_in_words(each: Change, name: str) -> str:
    """Whose score moved from what to what, and why."""
    before, now = (number(score) or "none" for score in (each.before, each.now))
    return f"{name}, {each.title}: {before} to {now} ({each.why})"


def _located(path: str, problem: str) -> str:
    return problem if path in problem else f"{path}: {problem}"


def _reason(grade: Grade) -> str:
    return (grade.result and grade.result.report.reason) or ""


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
