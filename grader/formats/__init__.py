"""Reports rendered: for a person, for a program, for the system that a school uses.

A format is a module here, named as the format with `_` for `-`. It has `render(report)`, which
gives the text for one exercise, or `render_all(reports)`, which gives one text for an assignment of
several. `render` below calls whichever there is. `Unrenderable` is raised where a format asks for
something that is not there. `terminal` alone writes to a console instead: `terminal.show`.

What they share: `cases` says what a foreign system's test is, `text` makes strangers' text fit.
"""

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from grader.report import Report


class Unrenderable(Exception):
    """What a format needs is not there; `advice` says how to give it."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice


def holds_several(name: str) -> bool:
    """Whether a report of this format can be about several exercises."""
    return hasattr(_module(name), "render_all")


def render(name: str, reports: Sequence[Report]) -> str:
    """The reports, at least one, in the format of that name; with a final newline.

    ValueError for several where it holds one only; Unrenderable where it lacks something.
    """
    if not reports:
        raise ValueError("no reports")
    module = _module(name)
    if holds_several(name):
        return str(module.render_all(reports))
    if len(reports) > 1:
        raise ValueError(f"{name} is about one exercise")
    return str(module.render(reports[0]))


def _module(name: str) -> ModuleType:
    return import_module(f"grader.formats.{name.replace('-', '_')}")
