"""The program that grades the cells of a notebook in a process of its own.

A kernel is the student's process: whatever is loaded there, a cell can read and change. So the
kernel sends the text of its cells here, and the answers, the properties and the verdict stay here.
What the kernel then shows is for the student's eyes; nothing that a kernel says counts as a grade.

One JSON object on standard input asks, one on standard output answers: `{"report": ...}`, in the
form that `--format json` prints, with its `text` and `html` and a `notice` where the history could
not be kept, or `{"problem": ..., "advice": ...}`. Where the call that fails is asked for, it is
`{"cell": ..., "text": ...}`: what to run, and what to say of it.
"""

import io
import json
import os
import re
import shlex
import sys
import time
import tokenize
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from grader import language
from grader.course import model as course
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.grading.alone import Alone
from grader.language import say
from grader.learner.history import History
from grader.learner.scripts import nothing, put_tensors
from grader.notebook.request import PROGRESS, Request
from grader.report import PropertyResult, Report, Status, Trained, clean
from grader.submission.notebook.cells import code_cell
from grader.submission.text import Submission, in_folder


def reply(request: Request) -> dict[str, Any]:
    """Grade what was asked for."""
    try:
        _speak(request.language)
        found = course.find(Path(request.course) if request.course else None)
        wanted = found.exercise(request.exercise)
        if request.debugs:
            return _debugged(wanted, request)
        report = _graded(wanted, request)
        history = History.of(found)
        if not os.environ.get("CI"):
            history.record(report)
    except UsageError as error:
        return {"problem": error.problem, "advice": error.advice}
    from grader.formats import html, terminal

    return {
        "report": report.as_json(),
        "text": terminal.plain(report),
        "html": html.render_fragment(report),
        "notice": history.notice,
    }


def _speak(wanted: str) -> None:
    try:
        if wanted:
            language.choose(wanted)
        else:
            language.use(language.from_environment())
    except ValueError:
        there = ", ".join(language.available())
        raise UsageError(
            say("There is no language {name} here.", name=wanted),
            say("There are: {names}.", names=there),
        ) from None


def _answer(wanted: Exercise, request: Request) -> Submission:
    """What the cells that ran hold of an answer. UsageError where it is none of them."""
    path = Path(say("this notebook"))
    cells = tuple(
        replace(code_cell(path, f"[{run.count}]", run.text), stale=run.stale)
        for run in request.runs
    )
    # A kernel's folder is the notebook's.
    whole = Submission(path, "", "", cells=cells).with_modules(
        in_folder(Path.cwd()), wanted.packages
    )
    try:
        found = whole.answer_to(wanted)
    except UsageError:  # no code has run at all
        if any(_may_define(name, whole.whole) for name in wanted.functions):
            raise
        raise _not_run(wanted.functions) from None
    found = found.with_source(found.source)
    texts = [found.source, *(module.source for module in found.modules)]
    missing = [
        name
        for name in wanted.functions
        if name not in found.elsewhere and not any(_may_define(name, text) for text in texts)
    ]
    if len(missing) == len(wanted.functions):
        raise _not_run(missing)
    advice = say("No cell that ran defines it: run its cell, then this one.")
    return replace(found, elsewhere={**found.elsewhere, **dict.fromkeys(missing, advice)})


def _may_define(name: str, text: str) -> bool:
    """Whether a text may give that name a value: whether it stands there as more than prose."""
    if name not in text and "*" not in text:
        return False
    words = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            words.append(token.string.strip("\"'"))
    except (tokenize.TokenError, SyntaxError):
        return True
    return name in words or ("import", "*") in pairwise(words)


def _not_run(names: Sequence[str]) -> UsageError:
    listed = ", ".join(f"`{name}`" for name in names)
    return UsageError(
        say("No cell that ran defines {names}.", names=listed),
        say("Run the cell with your answer, then this one."),
    )


def _graded(wanted: Exercise, request: Request) -> Report:
    found = _answer(wanted, request)
    with Alone() as judge:
        _Progress(judge, request)
        report = judge.grade(
            wanted, found, seed=request.seed, device=request.device, speed=request.speed
        )
    return replace(report, next_step=_next_step(report, request.course))


def _debugged(wanted: Exercise, request: Request) -> dict[str, Any]:
    """The cell with the call that fails, or why there is none."""
    found = _answer(wanted, request)
    found = replace(found, path=Path(f"{wanted.stem}.ipynb"))
    with Alone() as judge:
        _Progress(judge, request)
        report, script = judge.debug(
            wanted, found, only=request.only, seed=request.seed, device=request.device
        )
    if script is None:
        return {"cell": "", "text": nothing(report, request.only)}
    if script.tensors:
        put_tensors(Path(f"{script.name}.pt"), script.tensors)
    said = say("The call is in the next cell: run it.")
    named = f"{report.misconception.explanation}\n" if report.misconception else ""
    return {"cell": script.text, "text": f"{named}{script.title}\n{script.message}\n\n{said}"}


class _Progress:
    """Says on standard error how far a grading is, where that is wanted."""

    def __init__(self, judge: Alone, request: Request) -> None:
        self._began = time.monotonic()
        self._done = 0
        self._title = ""
        if request.tells:
            judge.progress, judge.tick = self._tried, self._tick
            self._tick()

    def _tried(self, result: PropertyResult | Trained) -> None:
        if isinstance(result, Trained):
            self._say(result.in_words)
            return
        self._done += 1
        self._title = result.title
        self._tick()

    def _tick(self) -> None:
        seconds = int(time.monotonic() - self._began)
        text = say("Starting ... {seconds} s", seconds=seconds)
        if self._done:
            said = {"seconds": seconds, "count": self._done, "title": clean(self._title)}
            text = say("{seconds} s, {count} tried: {title}", **said)
        self._say(text)

    @staticmethod
    def _say(text: str) -> None:
        sys.stderr.write(f"{PROGRESS}{text}\n")
        sys.stderr.flush()


def _next_step(report: Report, course_folder: str | None) -> str | None:
    """What to do now, in a notebook, and in the course that was named."""
    if report.status is Status.NOT_STARTED:
        return say("Write your answer at its TODO, run that cell, and then this one again.")
    step = report.next_step
    if step:  # a shell in a notebook may be another environment's
        step = re.sub(r"\bgrade (hint|debug) (\d+)", r"%grade_\1 \2", step)
    if report.has_full_marks:
        step = say(
            "Compare with the reference: {command}", command=f"grade solution {report.number}"
        )
    if step and course_folder:
        option = f" --course {shlex.quote(course_folder)}"
        step = re.sub(r"\bgrade[_ ][a-z]+ \d+", lambda command: command[0] + option, step)
    return step


if __name__ == "__main__":
    json.dump(reply(Request.from_json(sys.stdin.read())), sys.stdout)
