"""The loop of `grade watch`: wait for a save, a key, the judge or a signal, and deal with it."""

import sys
from multiprocessing.connection import wait
from typing import Any

from rich.console import Console

from grader.course.model import Course, Exercise
from grader.systems.here import SYSTEM
from grader.watch import pages
from grader.watch.judge import Judge
from grader.watch.keys import Keys, Signals
from grader.watch.screen import Screen
from grader.watch.session import Guide, Options, Session


def watch(
    course: Course, first: Exercise, guide: Guide, options: Options, console: Console
) -> None:
    """Watch until the person leaves, and begin with the exercise `first`.

    UsageError where nothing can be graded on this system, or not with these options.
    """
    screen = Screen(console)
    with Keys() as keys, _signals(keys) as signals, Judge() as judge:
        session = Session(course, guide, options, judge, screen, has_keys=keys.on)
        if not keys.on:
            screen.page(pages.no_keys())
        try:
            session.open(first)
            while not session.is_over:
                _wait(session, judge, screen, keys, signals)
        finally:
            screen.leave()
            session.close()


def _signals(keys: Keys) -> Signals:
    """Those that somebody who watches must not miss."""
    pausing = SYSTEM.pausing if keys.on else ()
    return Signals(*SYSTEM.ending, *SYSTEM.resizing, *pausing)


def _wait(session: Session, judge: Judge, screen: Screen, keys: Keys, signals: Signals) -> None:
    sources: list[Any] = [judge, session.saves, signals]
    if keys.on:
        sources.append(keys)
    ready: list[Any] = wait(sources, judge.patience)
    if judge in ready:
        session.hear(judge.hear())
    else:
        judge.hurry()
    if session.saves in ready:
        session.look()
    if signals in ready:
        _obey(signals.read(), screen, keys)
    if keys in ready:
        for key in keys.read():
            session.press(key)


def _obey(numbers: set[int], screen: Screen, keys: Keys) -> None:
    """Do what signals ask for."""
    for number in numbers.intersection(SYSTEM.ending):
        sys.exit(128 + number)
    if numbers.intersection(SYSTEM.pausing):
        screen.leave()
        keys.give_back()
        SYSTEM.pause()
        keys.take()
    if numbers.intersection((*SYSTEM.pausing, *SYSTEM.resizing)):
        screen.redraw()
