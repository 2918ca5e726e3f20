"""The program that grades the cells of a notebook in a process of its own.

A kernel is the student's process: whatever is loaded there, a cell can read and change. So the
kernel sends the text of its cells here, and the answers, the properties and the verdict stay here.
What the kernel then shows is for the student's eyes; nothing that a kernel says counts as a grade.

One JSON object on standard input asks, one on standard output answers: `{"report": ...}`, in the
form that `--format json` prints, with its `text` and `html` and a `notice` where the history could
not be kept, or `{"problem": ..., "advice": ...}`.
"""

import json
import os
import re
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader import language
from grader.course import model as course
from grader.course.model import Exercise
from grader.errors import UsageError
from grader.grading.alone import Alone
from grader.language import say
from grader.learner.history import History
from grader.notebook.request import Request
from grader.report import Report, Status
from grader.submission.notebook.cells import code_cell
from grader.submission.text import Submission, in_folder


def reply(request: Request) -> dict[str, Any]:
    """Grade what was asked for."""
    try:
        _speak(request.language)
        found = course.find(Path(request.course) if request.course else None)
        report = _graded(found.exercise(request.exercise), request)
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
        language.use(wanted)
    except ValueError:
        there = ", ".join(language.available())
        raise UsageError(
            say("There is no language {name} here.", name=wanted),
            say("There are: {names}.", names=there),
        ) from None


def _graded(wanted: Exercise, request: Request) -> Report:
    path = Path(say("this notebook"))
    cells = tuple(
        replace(code_cell(path, f"[{run.count}]", run.text), stale=run.stale)
        for run in request.runs
    )
    # A kernel's folder is the notebook's.
    whole = Submission(path, "", "", cells=cells).with_modules(
        in_folder(Path.cwd()), wanted.packages
    )
    found = whole.answer_to(wanted)
    found = found.with_source(found.source)
    with Alone() as judge:
        report = judge.grade(
            wanted, found, seed=request.seed, device=request.device, speed=request.speed
        )
    return replace(report, next_step=_next_step(report, request.course))


def _next_step(report: Report, course_folder: str | None) -> str | None:
    """What to do now, in a notebook, and in the course that was named."""
    if report.status is Status.NOT_STARTED:
        return say("Write your answer at its TODO, run that cell, and then this one again.")
    step = report.next_step
    if report.has_full_marks:
        step = say(
            "Compare with the reference: {command}", command=f"grade solution {report.number}"
        )
    if step and course_folder:
        option = f" --course {shlex.quote(course_folder)}"
        step = re.sub(r"\bgrade [a-z]+ \d+", lambda command: command[0] + option, step)
    return step


if __name__ == "__main__":
    json.dump(reply(Request.from_json(sys.stdin.read())), sys.stdout)
