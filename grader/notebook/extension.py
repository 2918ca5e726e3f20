"""`%load_ext grader`: the magics `%grade`, `%grade_debug`, `%grade_hint` and `%grade_next`."""

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
        %grade 3 --device cpu       where it computes: auto, cpu, cuda or mps
        %grade 3 --course FOLDER    the course, where it is not found from here
        %grade 3 --lang zh          what to speak: en, zh; otherwise the locale's language

    What counts is the text of the cells as they ran last: run a cell that you have changed.
    """
    chosen = _parser().parse_args(_words(line))
    return session.check(
        chosen.exercise,
        speed=not chosen.no_speed,
        seed=chosen.seed,
        device=chosen.device,
        course=chosen.course,
        lang=chosen.lang,
    )


def grade_debug(line: str) -> None:
    """Put the call that fails into a cell below: run it, with breakpoint() in your code.

    %grade_debug 3                     the exercise's number, or its slug; --seed, --device,
                                       --course and --lang as in %grade
    %grade_debug 3 --only test_output  the call of this property
    """
    parser = _parser("grade_debug")
    parser.add_argument("--only")
    chosen = parser.parse_args(_words(line))
    session.debug(
        chosen.exercise,
        only=chosen.only,
        seed=chosen.seed,
        device=chosen.device,
        course=chosen.course,
        lang=chosen.lang,
    )


def grade_hint(line: str) -> None:
    """Give one hint more, as `grade hint` does: `%grade_hint 3`, or the exercise that is next."""
    print(session.told("hint", _words(line)))


def grade_next(line: str) -> None:
    """Say which exercise is next, what it asks and what to type."""
    print(session.told("next", _words(line)))


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        _Parser().error(str(error))


class _Parser(argparse.ArgumentParser):
    """One that does not end the kernel."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(
            say("%grade does not understand this: {message}.", message=message),
            say("Say for example `%grade 3`, or `%grade?` for all it can do."),
        )


def _parser(name: str = MAGIC) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"%{name}", add_help=False)
    parser.add_argument("exercise")
    parser.add_argument("--no-speed", action="store_true")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps", "simulated"), default="auto"
    )
    parser.add_argument("--course")
    parser.add_argument("--lang")
    return parser


def load(shell: "InteractiveShell") -> None:
    """Teach `shell` the magics, and watch what it runs."""
    session.start(shell)
    for magic in MAGICS:
        shell.magics_manager.register_function(magic, magic_kind="line", magic_name=magic.__name__)


def unload(shell: "InteractiveShell") -> None:
    """Take the magics away again."""
    session.stop()
    for magic in MAGICS:
        shell.magics_manager.magics["line"].pop(magic.__name__, None)


MAGICS = (grade, grade_debug, grade_hint, grade_next)
