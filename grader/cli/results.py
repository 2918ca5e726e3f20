"""Where the reports of a run go, from its first second, and the exit code that their reader wants.

What `grade exercise` returns to the system that called it:

    format                                     full marks   less   something could not be graded
    terminal, json, html, markdown, csv, problems   0         1        2
    junit, github                                   0         1        2
    gradescope, classroom50, prairielearn           0         0        2
    github-classroom                                0         0        2

A run in CI fails where anything but full marks was reached, as a run of pytest does. The systems of
the last two lines take the score from the results alone: for them a code other than 0 says that the
grader failed, or do not look at it. Usage errors give 2 with every format.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader import formats
from grader.cli import streams
from grader.cli.options import Format
from grader.errors import ExitCode, UsageError
from grader.formats.cases import heading, score
from grader.language import say
from grader.report import Report, clean
from grader.writing import is_replaceable, put, unwritable

SCORED_ELSEWHERE = frozenset(
    {Format.GRADESCOPE, Format.CLASSROOM50, Format.PRAIRIELEARN, Format.GITHUB_CLASSROOM}
)
# What these hold is read by a system, and by the student only there: every mishap belongs into it.
READ_BY_SYSTEMS = SCORED_ELSEWHERE | {Format.GITHUB, Format.JUNIT}


def exit_code(format_: Format, reports: Sequence[Report]) -> ExitCode:
    """The code for a run whose reports are these, by the table above."""
    worst = max(ExitCode.of(report.status.value) for report in reports)
    if worst is ExitCode.LESS and format_ in SCORED_ELSEWHERE:
        return ExitCode.FULL_MARKS
    return worst


class Results:
    """The reports of a run, delivered in one format.

    With a file for them, it exists from the beginning, holds a whole and valid report at any
    moment, and is replaced in one piece: first by one in which no exercise has points, because the
    grading did not finish, then each time that one is graded. A run that is killed leaves no more
    points than were reached.
    """

    def __init__(
        self,
        format_: Format,
        output: Path | None,
        unfinished: Sequence[Report],
        *,
        in_full: bool = False,
    ) -> None:
        """Begin with `unfinished`, a report for each exercise; a person is shown every failure
        `in_full`. UsageError where the format holds no more than one, or asks for what is not
        there."""
        self._format = format_
        self._in_full = in_full
        self._output = output
        self._reports = list(unfinished)
        self._done = 0
        self._refusal: UsageError | None = None  # why the file could not be written last
        if len(unfinished) > 1 and not self._is_for_people and not formats.holds_several(format_):
            raise UsageError(
                f"A report of the format {format_.value} is about one exercise.",
                "Name one, or take another format.",
            )
        if output is None and self._is_for_people:
            return
        text = self._text()
        if output is not None and is_replaceable(output):
            put(output, text)
        if format_ is Format.GITHUB_CLASSROOM:
            _append("GITHUB_OUTPUT", f"result={text}")

    @property
    def _is_for_people(self) -> bool:
        return self._format is Format.TERMINAL

    def add(self, report: Report) -> None:
        """The next exercise is graded. That the file cannot be written is for the end to tell: what
        is still to be graded can be, and may be the longer part."""
        self._reports[self._done] = report
        self._done += 1
        if self._output is None:
            if self._is_for_people:
                _show([report], Console(), in_full=self._in_full)
        elif is_replaceable(self._output):
            self._put()

    def finish(self) -> ExitCode:
        """Deliver what is not delivered yet, once every exercise is graded; the exit code.

        UsageError where it cannot be; what should be in a file is then printed instead.
        """
        if self._output is not None:
            if self._refusal is not None or not is_replaceable(self._output):
                self._put()
            if self._refusal is not None:
                streams.deliver(self._text())
                advice = say("The report is printed instead, so that nothing is lost.")
                raise UsageError(self._refusal.problem, advice)
            if self._format not in READ_BY_SYSTEMS:
                self._tell()
        elif not self._is_for_people:
            streams.deliver(self._text())
        elif len(self._reports) > 1:
            _show_total(self._reports)
        if self._format is Format.GITHUB_CLASSROOM:
            _append("GITHUB_OUTPUT", f"result={self._text()}")
        if self._format is Format.GITHUB:
            _append_summary(self._reports)
        return exit_code(self._format, self._reports)

    def _tell(self) -> None:
        """Say how it went and where the report is, beside what a program may read."""
        console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False, emoji=False)
        for report in self._reports:
            console.print(clean(f"{heading(report)} · {score(report)}"))
        console.print(clean(say("wrote {file}", file=self._output)), style="cyan")

    def _put(self) -> None:
        """Write the file, or note why it cannot be."""
        assert self._output is not None
        try:
            put(self._output, self._text())
            self._refusal = None
        except UsageError as error:
            self._refusal = error

    def _text(self) -> str:
        if self._is_for_people:
            return _shown(self._reports, in_full=self._in_full)
        try:
            return formats.render(self._format.value, self._reports)
        except formats.Unrenderable as error:
            raise UsageError(error.problem, error.advice) from None


def _shown(reports: Sequence[Report], *, in_full: bool) -> str:
    from grader.formats import terminal

    file = io.StringIO()
    _show(reports, Console(file=file, width=terminal.WIDEST), in_full=in_full)
    return file.getvalue()


def _show(reports: Sequence[Report], console: Console, *, in_full: bool) -> None:
    from grader.formats import terminal

    for report in reports:
        terminal.show(report, console, in_full=in_full)


def _show_total(reports: Sequence[Report]) -> None:
    got = sum(report.score for report in reports)
    most = sum(report.max_score for report in reports)
    Console().print(f"[bold]{got} / {most}[/bold] together\n", highlight=False)


def _append(variable: str, text: str) -> None:
    """Add `text` to the file that an environment variable of GitHub Actions names, if it does."""
    if path := os.environ.get(variable):
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as error:
            raise unwritable(Path(path), error) from None


def _append_summary(reports: Sequence[Report]) -> None:
    from grader.formats import github

    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        already = Path(path).stat().st_size if Path(path).is_file() else 0
        _append("GITHUB_STEP_SUMMARY", github.summary(reports, already))
