"""`grade progress`: how far a learner has come."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.cli.options import CourseFolder, Language, command, show_notice
from grader.course import model as course
from grader.course.model import Course
from grader.formats.terminal import COLOURS
from grader.language import say
from grader.learner.history import Attempt, History, best

BAR = 20
DAYS = 28
LEVELS = "▁▂▃▄▅▆▇█"
LATEST = 8
FASTEST = 5


def progress(course_folder: CourseFolder = None, _lang: Language = None) -> None:
    """Show how far you are: what passed, your attempts day by day, your best times."""
    found = course.find(course_folder)
    history = History.of(found)
    attempts = history.begun(found)
    console = Console()
    console.print(Text(found.title, "bold"))
    _show_parts(console, found, attempts, history.given_up())
    if attempts:
        every = sorted((a for tried in attempts.values() for a in tried), key=lambda a: a.at)
        _show_days(console, every, datetime.now().astimezone().date())
        _show_fastest(console, found, attempts)
        _show_latest(console, found, every)
    else:
        console.print()
        console.print(Text(say("Nothing has been graded yet.")))
    console.print()
    console.print(Text(say("Go on: {command}", command=command("next", course_folder)), "cyan"))
    show_notice(history)


def _show_parts(
    console: Console, found: Course, attempts: dict[str, list[Attempt]], given_up: set[str]
) -> None:
    passed = {slug for slug, tried in attempts.items() if any(a.passed for a in tried)}
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    rows = [
        (part, [each.slug for each in group])
        for part, group in groupby(found.exercises, key=lambda each: each.part)
    ]
    if len(rows) != 1:
        rows.append((say("All of it"), [each.slug for each in found.exercises]))
    for part, slugs in rows:
        done = sum(slug in passed for slug in slugs)
        seen = sum(slug in given_up for slug in slugs)
        text = say("{done} of {all}", done=done, all=len(slugs))
        if seen:
            text += say(", answers seen: {n}", n=seen)
        table.add_row(_bar(done, len(slugs)), part, text)
    console.print(table, highlight=False)


def _bar(done: int, of: int) -> Text:
    full = BAR * done // of if of else 0  # rounded down: a full bar is all of it
    return Text.assemble(("━" * full, "green"), ("─" * (BAR - full), "bright_black"))


def _show_days(console: Console, every: list[Attempt], today: date) -> None:
    """Attempts day by day, a bar each, and how many days in a row there were any."""
    count = Counter(attempt.at.astimezone().date() for attempt in every)
    days = [today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]
    most = max(count[day] for day in days) or 1
    bars = "".join(
        LEVELS[(count[day] * len(LEVELS) - 1) // most] if count[day] else "." for day in days
    )
    said = say("attempts in {days} days: {n}", n=sum(count[day] for day in days), days=DAYS)
    console.print()
    console.print(Text.assemble((bars, "cyan"), "  ", said))
    row = streak(set(count), today)
    if row > 1:
        console.print(Text(say("days in a row: {n}", n=row)))


def streak(days: set[date], today: date) -> int:
    """How many days in a row something was tried, up to today, or to yesterday if not yet today."""
    last = today if today in days else today - timedelta(days=1)
    row = 0
    while last - timedelta(days=row) in days:
        row += 1
    return row


def _show_fastest(console: Console, found: Course, attempts: dict[str, list[Attempt]]) -> None:
    tops = [(each, best(attempts.get(each.slug, []))) for each in found.exercises]
    timed = [(each, top) for each, top in tops if top and top.passed and top.ratio is not None]
    if not timed:
        return
    timed.sort(key=lambda pair: pair[1].ratio or 0.0)
    console.print()
    console.print(Text(say("Your best times, as multiples of the reference's"), "bold"))
    table = _table("right", "right", "right", "left")
    for each, top in timed[:FASTEST]:
        table.add_row(
            f"{top.ratio:.1f}x", f"{top.milliseconds:.3f} ms", str(each.number), each.title
        )
    console.print(table, highlight=False)


def _show_latest(console: Console, found: Course, every: list[Attempt]) -> None:
    titles = {each.slug: each.title for each in found.exercises}
    console.print()
    console.print(Text(say("Your last attempts"), "bold"))
    table = _table("left", "right", "right", "left")
    for attempt in every[: -LATEST - 1 : -1]:
        score = Text(f"{attempt.score} / {attempt.max_score}", COLOURS[attempt.status])
        when = f"{attempt.at.astimezone():%Y-%m-%d %H:%M}"
        table.add_row(when, score, str(attempt.number), titles[attempt.slug])
    console.print(table, highlight=False)


def _table(*justify: str) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for each in justify[:-1]:
        table.add_column(justify=each, no_wrap=True)  # type: ignore[arg-type]
    table.add_column(overflow="fold")
    return table
