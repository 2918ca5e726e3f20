"""What students read first: the exercises, when they are due and what lateness costs, how to work
and how to hand in. Markdown, in the language in use."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from grader.course.model import Counts, Exercise, Policy
from grader.language import say

PYTHON, NOTEBOOK = ".py", ".ipynb"


def of_students(
    title: str,
    exercises: Sequence[Exercise],
    policy: Policy,
    *,
    suffix: str,
    hints: bool,
    at_home: bool,
) -> str:
    """The README beside `exercises/`, where files end in `suffix`.

    `hints`: whether students get any; `at_home`: whether they can grade by themselves.
    """
    blocks = [
        f"# {title}",
        *_tables(exercises, policy, suffix),
        "## " + say("Points and deadlines"),
        "\n".join(f"- {line}" for line in _rules(exercises, policy)),
        "## " + say("Set up, once"),
        say("With Python 3.11 or newer, in this folder:"),
        _console(
            "python3 -m venv .venv", ". .venv/bin/activate", "pip install -r ci/requirements.txt"
        ),
        say(
            "This takes torch for the CPU. Where you have a GPU that you want to use,"
            " `pip install torch` first."
        ),
        "## " + say("Work on an exercise"),
        _how_to_work(suffix, at_home=at_home),
        *_commands(exercises[0].number, suffix, hints=hints, at_home=at_home),
        _what_grading_says(at_home=at_home),
        "## " + say("Hand in"),
        say(
            "Push to GitHub or GitLab, and every push is graded: the report is in the summary of"
            " the workflow's run, or in the pipeline's job and its tests. It is green once every"
            " exercise has full marks. On Gradescope, upload the files of `exercises/`, or a zip of"
            " them."
        ),
    ]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _tables(exercises: Sequence[Exercise], policy: Policy, suffix: str) -> Iterator[str]:
    """The exercises: one table, or one for each part."""
    parts = [(part, list(own)) for part, own in groupby(exercises, key=lambda each: each.part)]
    for part, own in parts:
        if len(parts) > 1:
            yield f"## {part}"
        yield _table(own, exercises, policy, suffix)


def _table(
    own: Sequence[Exercise], exercises: Sequence[Exercise], policy: Policy, suffix: str
) -> str:
    heads = [say("no."), say("exercise"), say("points")]
    moments = [
        (head, of) for head, of in _moments(policy) if len({of(e.slug) for e in exercises}) > 1
    ]
    rows = [[*heads, *(head for head, _ in moments), say("file")]]
    rows.append(["---"] * len(rows[0]))
    for each in own:
        file = f"[{each.stem}{suffix}](exercises/{each.stem}{suffix})"
        dates = [_moment(when) if (when := of(each.slug)) else "" for _, of in moments]
        rows.append([str(each.number), each.title, str(each.points), *dates, file])
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows
    )


def _moments(policy: Policy) -> list[tuple[str, Callable[[str], datetime | None]]]:
    return [(say("due"), policy.deadline_of), (say("last day"), policy.last_day_of)]


def _rules(exercises: Sequence[Exercise], policy: Policy) -> Iterator[str]:
    """What is to be had, when it is due, and what lateness and further attempts cost."""
    points = sum(each.points for each in exercises)
    yield say("Full marks: {points} points.", points=points)
    due = {policy.deadline_of(each.slug) for each in exercises}
    last = {policy.last_day_of(each.slug) for each in exercises}
    if due == {None}:
        yield say("Your teacher says when to hand in.")
    elif len(due) == 1:
        yield say("Due: {when}.", when=_moment(due.pop()))
    else:
        yield say("When each exercise is due stands in the table above.")
    if due != {None}:
        yield from _lateness(policy)
    if len(last) > 1:
        yield say("What comes after the last day in the table above counts for nothing.")
    elif last != {None}:
        yield say("What comes after {when} counts for nothing.", when=_moment(last.pop()))
    yield from _attempts(policy)


def _lateness(policy: Policy) -> Iterator[str]:
    if policy.late_penalty == 0:
        yield say("Late answers lose no points.")
    elif policy.late_penalty_most < 100:
        yield say(
            "Each day begun after the deadline costs {penalty} % of the points earned, {most} % at"
            " most.",
            penalty=policy.late_penalty,
            most=policy.late_penalty_most,
        )
    else:
        yield say(
            "Each day begun after the deadline costs {penalty} % of the points earned.",
            penalty=policy.late_penalty,
        )
    if policy.grace_minutes and policy.late_penalty:
        yield say(
            "Up to {minutes} minutes after the deadline nothing is late.",
            minutes=policy.grace_minutes,
        )


def _attempts(policy: Policy) -> Iterator[str]:
    if policy.max_attempts is not None:
        yield say(
            "Attempts at an exercise that count: the first {attempts}.",
            attempts=policy.max_attempts,
        )
    if policy.max_attempts != 1:
        if policy.counts is Counts.BEST:
            yield say("You may hand in again: the best of your attempts counts.")
        else:
            yield say("You may hand in again: the last of your attempts counts.")
    if policy.drop_lowest:
        yield say(
            "Your lowest exercises are left out of the total: {count} of them.",
            count=policy.drop_lowest,
        )
    if policy.teams:
        yield say("In a team one hands in for all.")


def _moment(when: datetime | None) -> str:
    """Date, time and zone, as a person writes them, the same in every language."""
    assert when is not None
    return f"{when:%Y-%m-%d, %H:%M} ({when:%Z})"


def _how_to_work(suffix: str, *, at_home: bool) -> str:
    if suffix == PYTHON:
        return say("Open the file of an exercise, read what it asks, and replace the `TODO`.")
    opened = say(
        "Open the notebook of an exercise in Jupyter or VS Code (`pip install jupyterlab` brings"
        " one), with this environment as its kernel."
    )
    written = (
        say(
            "Read what it asks, write your answer in its cell, run it, and then the cell below it,"
            " which grades."
        )
        if at_home
        else say("Read what it asks, and write your answer in its cell.")
    )
    return f"{opened}\n{written}"


def _commands(number: int, suffix: str, *, hints: bool, at_home: bool) -> Iterator[str]:
    rows = []
    if suffix == PYTHON:
        rows.append((f"grade show {number}", say("what it asks")))
    if hints:
        rows.append((f"grade hint {number}", say("a nudge; more of them if you ask again")))
    if at_home:
        where = " --submission exercises" if suffix == NOTEBOOK else ""
        graded = say("what is right about your answer, and what is not yet")
        rows.append((f"grade exercise {number}{where}", graded))
    if rows:
        width = max(len(command) for command, _ in rows)
        yield _console(*(f"{command:{width}}  # {what}" for command, what in rows))


def _what_grading_says(*, at_home: bool) -> str:
    if at_home:
        return say(
            "The grader names what is wrong in plain words, on the smallest input that shows it."
        )
    return say(
        "The answers are not here, so your own machine cannot grade: that is done where you hand"
        " in. There you read in plain words what is wrong, on the smallest input that shows it."
    )


def _console(*lines: str) -> str:
    return "\n".join(["```console", *lines, "```"])
