"""Mistakes of the person at the keyboard, said in one or two lines. A leaf."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process returns to the shell, the same in every command."""

    FULL_MARKS = 0
    LESS = 1
    USAGE = 2

    @classmethod
    def of(cls, status: str) -> "ExitCode":
        """The exit code of an exercise's status."""
        return {"passed": cls.FULL_MARKS, "ungraded": cls.USAGE}.get(status, cls.LESS)


class UsageError(Exception):
    """Something the caller can mend: a missing file, an unknown exercise, no notebook.

    `problem` says what is wrong and where; `advice`, where given, what to do next. Nothing was
    graded when this is raised; `grade` then ends with `ExitCode.USAGE`.
    """

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.problem}\n{self.advice}" if self.advice else self.problem

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows where Python would show a traceback."""
        return str(self).split("\n")
