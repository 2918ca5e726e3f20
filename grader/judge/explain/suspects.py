"""Whom to suspect when an answer fails: what the exercise's room knows, and what any answer can
have."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from grader.judge.explain.coupled import coupled
from grader.judge.explain.diagnosis import Case, Suspect, load, load_others
from grader.judge.explain.pairs import apart, pairs
from grader.judge.explain.situations import kept, situations
from grader.judge.explain.structural import structural


def suspects(
    room: Path,
    case: Case,
    *,
    names_of: Callable[[str], Sequence[str]] = lambda _: (),
    misconceptions: Mapping[str, str] | None = None,
    others: Mapping[str, str] | None = None,
    unknown: str = "",
) -> Iterator[Iterable[Suspect]]:
    """The suspects, kind by kind, each made only when it is asked for.

    `names_of` gives what the statement calls the parts of a function's result; `misconceptions` and
    `others` have the sentences of the room by name, in another language; `unknown` is the source of
    a wrong answer that is to be left out. UsageError where the room cannot be read.
    """
    known = [each for each in load(room, misconceptions or {}) if each.source != unknown]
    yield known
    more = [each for each in load_others(room, others) if each.source != unknown]
    yield more
    yield structural(case, names_of)
    yield apart(case, known, more)
    yield pairs(case, known, more)
    yield filter(None, [coupled(case)])
    yield filter(None, [kept(case)])
    yield situations(case)
