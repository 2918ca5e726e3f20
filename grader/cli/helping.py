"""Help and usage errors in the language in use.

Commands are written down in English before anybody has said what to speak. So their texts are
looked up afterwards; those of typer itself where it asks gettext for them, or by their form.
"""

import gettext
import inspect
import re
import tomllib
from collections.abc import Mapping
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import typer

from grader import language
from grader.course.model import COURSE_FILE

HELP = ["-h", "--help"]


def asked_for(words: list[str]) -> str | None:
    """The language that the words of a command line ask for, as far as there is one such."""
    for word, following in pairwise([*words, ""]):
        name = following if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and name in language.available():
            return name
    return None


def of_workspace() -> str | None:
    """The language that the nearest workspace from here upward was begun in, if it was another than
    English."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / COURSE_FILE
        if path.is_file():
            try:
                spoken = tomllib.loads(path.read_text(encoding="utf-8")).get("language")
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                return None  # which the command will say
            return spoken if spoken in language.available() else None
    return None


def speak(command: Any) -> None:
    """Have a command of typer's, and all below it, explain themselves in the language in use."""
    texts = language.helps(language.current())
    if not texts:
        return
    one: Any = gettext.dgettext
    gettext.dgettext = lambda domain, message: texts.get(message) or one(domain, message)
    _put(command, texts)
    rich_utils: Any = import_module("typer.rich_utils")
    show = rich_utils.rich_format_error

    def shown(error: Any) -> None:
        said = told(error.format_message(), texts)
        error.format_message = lambda: said
        show(error)

    rich_utils.rich_format_error = shown
    # Not every typer has it by this name.
    write: Any = getattr(rich_utils, "_make_rich_text", None)

    def folded(**what: Any) -> Any:
        text = write(**what)
        # In a table a word that is too long is cut off, and Chinese has no spaces to break it at.
        text.overflow = "fold"
        return text

    if write is not None:
        rich_utils._make_rich_text = folded


def told(text: str, texts: Mapping[str, str]) -> str:
    """A usage error in the language in use; as it is where it is of no form that is known."""
    for sentence, translation in texts.items():
        if "{" in sentence and (found := language.pattern(sentence).fullmatch(text)):
            values = {name: told(value, texts) for name, value in found.groupdict().items()}
            return translation.format(**values)
    return texts.get(text, text)


def join_lines(command: Any) -> None:
    """Have each paragraph of the help of a command, and of all below it, be one line, which the
    terminal breaks: typer keeps the breaks of the docstring in all but the first."""
    if isinstance(command.help, str):
        paragraphs = inspect.cleandoc(command.help).split("\n\n")
        # Chinese has no spaces between its words.
        command.help = "\n\n".join(
            re.sub(r"(?<=[^\x00-\xff])\n(?=[^\x00-\xff])", "", each).replace("\n", " ")
            for each in paragraphs
        )
    for each in getattr(command, "commands", {}).values():
        join_lines(each)


def _put(command: Any, texts: Mapping[str, str]) -> None:
    for name in ("help", "epilog", "rich_help_panel"):
        text = getattr(command, name, None)
        if isinstance(text, str):
            setattr(command, name, texts.get(inspect.cleandoc(text), text))
    usage = command.get_usage
    begin = "Usage: "
    command.get_usage = lambda context: usage(context).replace(begin, texts.get(begin, begin), 1)
    about = command.get_help_option(typer.Context(command, help_option_names=HELP))
    for parameter in [*command.params, *filter(None, [about])]:
        text = getattr(parameter, "help", None)
        if isinstance(text, str):
            parameter.help = texts.get(text, text)
    for each in getattr(command, "commands", {}).values():
        _put(each, texts)
