"""A server of the Model Context Protocol, for AI assistants that tutor: what they can ask for is
what a learner can, but no answer.

Each tool is a command of this program, run as a learner would type it: what is graded is an
attempt, what is hinted is remembered. It needs the extra `mcp`.
"""

import os
import sys
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import anyio
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import ValidationError

from grader import __version__, language
from grader.course import model as course
from grader.course import tutors
from grader.errors import ExitCode, UsageError
from grader.language import say
from grader.learner.history import History

NAME = "grade"
COLUMNS = 100
LONGEST = 60  # characters of what was wrong that are shown
ANSWERS = "grade solution"  # what a tool does not even mention: whoever gives up decides that alone


def server(folder: Path | None) -> Any:
    """The server for the course or the workspace in `folder`; None for the one around the working
    directory."""
    tools = Tools(folder)
    made = _Server(NAME, instructions=tutors.text(), version=__version__, log_level="WARNING")
    for name, function, description in (
        ("list", tools.list, say("List the exercises, with the learner's best score in each.")),
        ("statement", tools.statement, say("What an exercise asks. Give its number or its slug.")),
        (
            "grade",
            tools.grade,
            say(
                "Grade the learner's own file for an exercise, which counts as an attempt: what is"
                " wrong, in words and on the smallest input that shows it. Without `speed` the"
                " running time is left out, which saves seconds."
            ),
        ),
        (
            "hint",
            tools.hint,
            say(
                "One hint more for an exercise, the gentlest first; it is remembered as taken. The"
                " last ones say almost all: ask something of your own before."
            ),
        ),
        (
            "counterexample",
            tools.counterexample,
            say(
                "The call that fails, with what it gave and what is right, of the property that"
                " the last grading shows first. It counts as no attempt."
            ),
        ),
        ("progress", tools.progress, say("How far the learner is in the course.")),
    ):
        made.add_tool(function, name=name, description=description, structured_output=False)
    return made


class _Server(MCPServer):  # type: ignore[misc]
    """Refuses in this program's own words, without the library's about them."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """See `MCPServer.call_tool`."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(_not_taken(name, error.__cause__)) from None
            if isinstance(error.__cause__, ToolError):
                raise ToolError(str(error.__cause__)) from None
            raise


def _not_taken(tool: str, error: ValidationError) -> str:
    """What is wrong with the arguments that a tool was called with."""
    said = []
    for wrong in error.errors():
        name = str(wrong["loc"][0])
        if wrong["type"] == "missing":
            text = say("`{tool}` was called without `{name}`.", tool=tool, name=name)
        else:
            value = repr(wrong["input"])[:LONGEST]
            text = say("`{tool}` cannot take {value} as `{name}`.",
                       tool=tool, value=value, name=name)  # fmt: skip
        said.append(text)
        if name == "exercise":
            said.append(say("That is the number or the slug of an exercise; `list` shows them."))
        elif name == "speed":
            said.append(say("That is true or false."))
    return "\n".join(dict.fromkeys(said))


class Tools:
    """What an assistant can ask for. Each gives the text that the learner would read, or refuses
    as the command does."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def list(self) -> str:
        """The exercises."""
        return await self._said("list")

    async def statement(self, exercise: str | int) -> str:
        """What an exercise asks."""
        return await self._said("show", self._number(exercise))

    async def grade(self, exercise: str | int, speed: bool = True) -> str:
        """The report on the learner's file."""
        return await self._said("exercise", self._number(exercise), *_unless(speed))

    async def hint(self, exercise: str | int) -> str:
        """One hint more."""
        return await self._said("hint", self._number(exercise))

    async def counterexample(self, exercise: str | int) -> str:
        """The call that fails."""
        found = course.find(self._folder)
        wanted = found.exercise(self._number(exercise))
        attempts = History.of(found).attempts(wanted)
        if not attempts:
            said = say("Exercise {number} has not been graded yet: do that first.",
                       number=wanted.number)  # fmt: skip
            raise ToolError(said)
        if not attempts[-1].failing:
            said = say("Nothing failed when exercise {number} was graded last: there is no"
                       " counterexample.", number=wanted.number)  # fmt: skip
            raise ToolError(said)
        return await self._said(
            "exercise", str(wanted.number), "--only", attempts[-1].failing[0], *_unless(False)
        )

    async def progress(self) -> str:
        """How far the learner is."""
        return await self._said("progress")

    def _number(self, name: str | int) -> str:
        """The number of the exercise that is meant, so that nothing else reaches a command."""
        try:
            return str(course.find(self._folder).exercise(str(name)).number)
        except UsageError as error:
            raise ToolError(str(error)) from None

    async def _said(self, *words: str) -> str:
        """What a command says, but for the way to the answer."""
        where = ["--course", str(self._folder)] if self._folder else []
        environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "CI")}
        done = await anyio.run_process(
            # -P: what lies in the working directory is none of this program's modules.
            [sys.executable, "-P", "-m", "grader", *words, *where, "--lang", language.current()],
            stdin=DEVNULL,
            check=False,
            env={
                **environment,
                "PYTHONIOENCODING": "utf-8",
                "COLUMNS": str(COLUMNS),
                "NO_COLOR": "1",
                "TERM": "dumb",
            },
        )
        text, problem = (each.decode("utf-8", "replace") for each in (done.stdout, done.stderr))
        if done.returncode not in (ExitCode.FULL_MARKS, ExitCode.LESS):
            raise ToolError(problem.strip().removeprefix("grade: "))
        lines = [line.rstrip() for line in text.strip("\n").split("\n")]
        return "\n".join(line for line in lines if ANSWERS not in line)


def _unless(speed: bool) -> list[str]:
    return [] if speed else ["--no-speed"]


def serve(folder: Path | None) -> None:
    """Answer on standard input and output until the assistant leaves."""
    server(folder).run("stdio")
