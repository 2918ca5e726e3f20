"""The language that learners are spoken to in. A leaf.

English sentences stand in the code and in the course; `languages/zh.toml` holds each one's
Chinese. `say` finds it. What no catalogue holds is said in English.
"""

import os
import tomllib
from functools import cache
from pathlib import Path

ENGLISH = "en"
CATALOGUES = Path(__file__).resolve().parent / "languages"

_current = ENGLISH


def available() -> tuple[str, ...]:
    """The languages there are, English first."""
    return (ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.toml")))


def from_environment() -> str:
    """The language of the locale where there is a catalogue for it, otherwise English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            language = value.partition("_")[0].partition(".")[0].lower()
            return language if language in available() else ENGLISH
    return ENGLISH


def use(language: str) -> None:
    """Speak `language` from now on, in this process; ValueError where there is none such."""
    global _current
    if language not in available():
        raise ValueError(language)
    _current = language


def current() -> str:
    """The language in use."""
    return _current


def say(sentence: str, /, **values: object) -> str:
    """`sentence` in the language in use, with `{name}` replaced by `values`.

    The sentence is a literal in the code, so that a test can find them all; what is drawn or
    written by a student comes in through `values` alone. Without values, braces stand as they are.
    """
    text = catalogue(_current).get(sentence, sentence)
    return text.format(**values) if values else text


@cache
def catalogue(language: str) -> dict[str, str]:
    """Each English sentence of the engine with what it is in `language`; empty for English."""
    if language == ENGLISH:
        return {}
    text = (CATALOGUES / f"{language}.toml").read_text(encoding="utf-8")
    sentences: dict[str, str] = tomllib.loads(text)["sentences"]
    return sentences
