"""One person's session: what a save, a key and the judge's answers lead to."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from grader.course.model import Course, Exercise
from grader.errors import UsageError
from grader.language import say
from grader.learner.history import History
from grader.report import Report, Status
from grader.watch import keys, pages
from grader.watch.files import Saves, state
from grader.watch.judge import Judge
from grader.watch.messages import (
    Again,
    Answer,
    Died,
    Graded,
    InTraining,
    Tried,
    Trying,
    Unreadable,
)
from grader.watch.screen import Block, Screen, block


@dataclass(frozen=True)
class Guide:
    """What other commands know: where the learner's file of an exercise is, its statement, the list
    of all exercises, and what to type for `grade ...` in this course."""

    locate: Callable[[Exercise], Path]
    statement: Callable[[Exercise], RenderableType]
    listing: Callable[[], RenderableType]
    command: Callable[[str], str]


@dataclass(frozen=True)
class Options:
    """How to watch and to grade, as the command line has it."""

    device: str = "auto"
    speed: bool = True
    poll: bool = False


class Session:
    """The state of a session. `look` is due when `saves` is readable.

    `has_keys`: whether the person can press any. `is_over` once they have left.
    """

    def __init__(
        self,
        course: Course,
        guide: Guide,
        options: Options,
        judge: Judge,
        screen: Screen,
        *,
        has_keys: bool,
    ) -> None:
        self._course = course
        self._guide = guide
        self._options = options
        self._judge = judge
        self._screen = screen
        self._has_keys = has_keys
        self._history = History.of(course)
        self.is_over = False
        self.saves: Saves | None = None

    # --- an exercise ------------------------------------------------------------------------------

    def open(self, exercise: Exercise) -> None:
        """Watch the file of `exercise` from now on."""
        self.close()
        self._exercise = exercise
        self._path = self._guide.locate(exercise)
        self.saves = Saves(self._path, poll=self._options.poll)
        self._heading = pages.heading(exercise, self._path)
        self._verdict = [self._heading]  # what was found last
        self._hints: list[Block] = []  # that were asked for since the exercise was opened
        self._screen.page(self._heading)
        self._grade()

    def close(self) -> None:
        """Watch no file any longer."""
        if self.saves is not None:
            self.saves.close()

    def look(self) -> None:
        """Grade the file again, if it is another than the one that was graded last."""
        assert self.saves is not None
        self.saves.drain()
        if state(self._path) != self._seen:
            self._grade()

    def _grade(self) -> None:
        self._seen = state(self._path)
        self._began = time.monotonic()
        self._tried = 0
        self._again: Again | None = None
        self._next: Exercise | None = None  # where to go on, once the person is asked
        self._is_reading = False  # another page than the verdict, which only a save replaces
        self._picked: str | None = None  # the digits typed on the list; None elsewhere
        self._foot(Text(say("Grading ...") if self._judge.is_warm else say("Starting torch ...")))
        self._judge.grade(
            self._exercise, self._path, device=self._options.device, speed=self._options.speed
        )

    # --- the judge --------------------------------------------------------------------------------

    def hear(self, answer: Answer | None) -> None:
        """Show what the judge says."""
        match answer:
            case Again(result=result, holds=holds):
                self._again = answer
                self._screen.progress(pages.again(result, holds=holds))
            case Trying(now=now, total=total) if self._again is None:
                self._screen.progress(pages.progress(0, total, now, self._seconds()))
            case InTraining(what=what):
                self._screen.progress(pages.training(what, self._seconds()))
            case Tried():
                self._tried += 1
                self._show_progress(answer)
            case Graded(report=report):
                self._take(report)
            case Unreadable() if self._seen is None:
                self._show_problem(
                    say("{file} is not there.", file=self._path.name),
                    say("It is graded as soon as it is saved."),
                )
            case Unreadable(problem=problem, advice=advice):
                self._show_problem(problem, advice)
            case Died(how=how):
                self._show_problem(
                    say("The grader itself failed at this: {how}.", how=how),
                    say("Save once more to try again, and please report it if it happens again."),
                )

    def _show_progress(self, tried: Tried) -> None:
        if not tried.values_hold:
            if tried.now:
                said = pages.progress(self._tried, tried.total, tried.now, self._seconds())
                self._screen.progress(said)
            return
        if not self._is_reading:
            self._screen.page(self._heading, pages.values_hold(self._tried, self._seconds()))
        self._foot(Text(say("Measuring the running time ...")))

    def _show_problem(self, problem: str, advice: str) -> None:
        self._verdict = [self._heading, pages.problem(problem, advice)]
        self._show_verdict(Text(say("Waiting for {file}.", file=self._path.name)))

    def _take(self, report: Report) -> None:
        """Keep a report and show it; after a pass, ask whether to go on."""
        self._history.record(report)
        self._verdict = [pages.verdict(report, self._next_step(report))]
        if self._history.notice:
            self._verdict.append(pages.notice(self._history.notice))
        outlook = Text(say("Each save is graded."))
        if report.has_full_marks:
            if self._again is not None and not self._again.holds:
                self._verdict.append(pages.still(self._again.result))
            self._hints = []
            self._next = self._history.next_exercise(self._course, after=self._exercise)
            outlook = Text(self._outlook(), "bold")
        self._show_verdict(pages.score(report, self._seconds()).append(outlook))

    def _next_step(self, report: Report) -> str | None:
        """What to do, where each save is graded and a key brings help."""
        if report.status is Status.NOT_STARTED:
            return say("Open {file} in your editor and replace the TODO.", file=report.path)
        if report.status not in (Status.PARTIAL, Status.FAILED) or not report.properties:
            return report.next_step
        if self._has_keys:
            return say("For a nudge, press h.")
        hint = self._guide.command(f"hint {self._exercise.number}")
        return say("For a nudge: {command}", command=hint)

    def _outlook(self) -> str:
        """What comes after a pass: with keys a question."""
        if (after := self._next) is None:
            return say("You have passed every exercise.")
        if self._has_keys:
            return say(
                "Go on to exercise {number}, {title}?", number=after.number, title=after.title
            )
        return say("Go on: {command}", command=self._guide.command(f"watch {after.number}"))

    def _show_verdict(self, status: Text) -> None:
        if not self._is_reading:
            self._screen.page(*self._verdict, *self._hints)
        self._foot(status)

    def _foot(self, status: Text) -> None:
        self._status = status
        self._screen.foot(status, self._keys())

    def _seconds(self) -> float:
        return time.monotonic() - self._began

    # --- keys -------------------------------------------------------------------------------------

    def press(self, key: str) -> None:
        """Do what a key asks for."""
        match key.lower():
            case "h":
                self._hint()
            case "n":
                self._go_on(self._history.next_exercise(self._course, after=self._exercise))
            case "l":
                self._read(self._guide.listing)
                self._picked = ""
                self._screen.foot(self._picking(), self._keys())
            case "\n" if self._picked:
                self._pick()
            case digit if self._picked is not None and digit.isdecimal():
                self._picked += digit
                self._screen.foot(self._picking(), self._keys())
            case "\x7f" | "\b" if self._picked:
                self._picked = self._picked[:-1]
                self._screen.foot(self._picking(), self._keys())
            case "s":
                self._read(lambda: self._guide.statement(self._exercise))
            case "r":
                self._grade()
            case "q" | keys.END_OF_FILE:
                self.is_over = True
            case "\n" if self._is_reading:
                self._back()
            case "\n" | "y" if self._next is not None and not self._is_reading:
                self._go_on(self._next)

    def _keys(self) -> list[tuple[str, str]]:
        """What each key does now."""
        if not self._has_keys:
            return []
        return [
            *([("Enter", say("back"))] if self._is_reading else []),
            *([("Enter", say("go on"))] if self._next and not self._is_reading else []),
            ("h", say("hint")),
            ("n", say("next")),
            ("l", say("list")),
            ("s", say("statement")),
            ("r", say("run again")),
            ("q", say("quit")),
        ]

    def _hint(self) -> None:
        """Show one hint more, below the verdict."""
        if self._is_reading:
            self._back()
        given = self._history.next_hint(self._exercise)
        if given is None:
            self._hints = [pages.no_more_hints(self._exercise)]  # in place of single ones
            self._show_verdict(self._status)
            return
        self._hints.append(pages.hint(given, self._exercise))
        self._screen.add(self._hints[-1])

    def _go_on(self, following: Exercise | None) -> None:
        if following is None or following == self._exercise:
            self._screen.progress(Text(say("No other exercise is left.")))
        else:
            self.open(following)

    def _read(self, page: Callable[[], RenderableType]) -> None:
        """Show a page that stays until the next save, or until the person goes back."""
        try:
            shown = block(Group("", page(), ""))
        except UsageError as error:
            shown = pages.problem(error.problem, error.advice)
        self._is_reading = True
        self._picked = None
        self._screen.page(shown)
        self._screen.foot(self._status, self._keys())

    def _picking(self) -> Text:
        """What the person has typed to open an exercise."""
        return Text(say("Open which one? Its number, then Enter: {number}", number=self._picked))

    def _pick(self) -> None:
        """Open the exercise of the number that was typed."""
        number = int(self._picked or 0)
        found = next((each for each in self._course.exercises if each.number == number), None)
        if found is None:
            self._picked = ""
            said = say("There is no exercise {number} here. Its number, then Enter:", number=number)
            self._screen.foot(Text(said), self._keys())
            return
        self.open(found)

    def _back(self) -> None:
        """Show again what was found last."""
        self._is_reading = False
        self._picked = None
        self._show_verdict(self._status)
