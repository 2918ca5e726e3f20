"""`%load_ext grader`: the magic `%grade`."""

import argparse
import shlex
from typing import TYPE_CHECKING, NoReturn

from grader.errors import UsageError
from grader.language import say
from grader.notebook import session

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

MAGIC = "grade"


def grade(line: str) -> session.Checked:
    """Grade this notebook's own answer to an exercise, as `grade exercise` grades the saved file.

        %grade 3                    the exercise's number, or its slug
        %grade 3 --no-speed         leave the running time out
        %grade 3 --seed 7           draw other inputs than the usual ones
        %grade 3 --device cpu       where it computes: auto, cpu or cuda
        %grade 3 --course FOLDER    the course, where it is not found from here
        %grade 3 --lang zh          what to speak: en, zh; otherwise the locale's language

    What counts is the text of the cells as they ran last: run a cell that you have changed.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        _Parser().error(str(error))
    chosen = _parser().parse_args(words)
    return session.check(
        chosen.exercise,
        speed=not chosen.no_speed,
        seed=chosen.seed,
        device=chosen.device,
        course=chosen.course,
        lang=chosen.lang,
    )


class _Parser(argparse.ArgumentParser):
    """One that does not end the kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            say("%grade does not understand this: {message}.", message=message),
            say("Say for example `%grade 3`, or `%grade?` for all it can do."),
        )


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=f"%{MAGIC}", add_help=False)
    parser.add_argument("exercise")
    parser.add_argument("--no-speed", action="store_true")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--course")
    parser.add_argument("--lang")
    return parser


def load(shell: "InteractiveShell") -> None:
    """Teach `shell` the magic, and watch what it runs."""
    session.start(shell)
    shell.magics_manager.register_function(grade, magic_kind="line", magic_name=MAGIC)


def unload(shell: "InteractiveShell") -> None:
    """Take the magic away again."""
    session.stop()
    shell.magics_manager.magics["line"].pop(MAGIC, None)
