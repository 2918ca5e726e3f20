"""The language that learners are spoken to in. A leaf.

English sentences stand in the code and in the course; `languages/zh.toml` holds each one's
Chinese. `say` finds it. What no catalogue holds is said in English.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ENGLISH = "en"
CATALOGUES = Path(__file__).resolve().parent / "languages"

CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")  # letters and punctuation

_current = ENGLISH
_is_chosen = False  # by whoever runs the program, and by no workspace
_course_sentences: Mapping[str, str] = {}


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


def choose(language: str) -> None:
    """Speak `language`, whatever a workspace remembers; ValueError where there is none such."""
    global _is_chosen
    use(language)
    _is_chosen = True


def remembered(language: str) -> None:
    """Speak the language that a workspace was begun in, unless another was chosen."""
    if not _is_chosen and language in available():
        use(language)


def current() -> str:
    """The language in use."""
    return _current


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` for a while."""
    before = _current
    use(language)
    try:
        yield
    finally:
        use(before)


@contextmanager
def with_sentences(sentences: Mapping[str, str]) -> Iterator[None]:
    """Know a course's own sentences too for a while: each English one, in the language in use."""
    global _course_sentences
    before, _course_sentences = _course_sentences, sentences
    try:
        yield
    finally:
        _course_sentences = before


def say(sentence: str, /, **values: object) -> str:
    """`sentence` in the language in use, with `{name}` replaced by `values`.

    The sentence is a literal in the code, so that a test can find them all; what is drawn or
    written by a student comes in through `values` alone. Without values, braces stand as they are.
    """
    text = _course_sentences.get(sentence) or catalogue(_current).get(sentence, sentence)
    if values and text is not sentence:
        text = _joined(text, values)
    return text.format(**values) if values else text


def _joined(text: str, values: Mapping[str, object]) -> str:
    """A Chinese sentence without the spaces around a placeholder, where what comes in is Chinese
    too: they stand between Chinese and Latin letters."""
    for name, value in values.items():
        if isinstance(value, str) and value:
            if CHINESE.match(value[0]):
                text = re.sub(rf"(?<={CHINESE.pattern}) (?=\{{{name}\}})", "", text)
            if CHINESE.match(value[-1]):
                text = re.sub(rf"(?<=\{{{name}\}}) (?={CHINESE.pattern})", "", text)
    return text


def retold(text: str, /, *sentences: str) -> str:
    """What was said in English elsewhere, by code that has no language, in the language in use.

    `sentences`, literals like that of `say`, are what it may have been before `{name}`s were
    filled in; what fits none of them stays as it is.
    """
    if _current != ENGLISH:
        for sentence in sentences:
            if found := pattern(sentence).fullmatch(text):
                return say(sentence, **found.groupdict())
    return text


@cache
def pattern(sentence: str) -> re.Pattern[str]:
    """What `sentence` looks like when its placeholders are filled in."""
    parts = re.split(r"\{(\w+)\}", sentence)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = [f"(?P<{name}>.*)" for name in parts[1::2]]
    return re.compile("".join(parts), re.DOTALL)


def catalogue(language: str) -> dict[str, str]:
    """Each English sentence of the engine with what it is in `language`; empty for English."""
    return _table(language, "sentences")


def helps(language: str) -> dict[str, str]:
    """The texts of `--help` and of usage errors with what they are in `language`; empty for
    English."""
    return _table(language, "help")


@cache
def _table(language: str, name: str) -> dict[str, str]:
    if language == ENGLISH:
        return {}
    text = (CATALOGUES / f"{language}.toml").read_text(encoding="utf-8")
    table: dict[str, str] = tomllib.loads(text)[name]
    return table
