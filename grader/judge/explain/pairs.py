"""Two mistakes at once, as code often has them: a pair of known ones that explains every call."""

import ast
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, product
from pathlib import Path

from grader.judge.explain.diagnosis import (
    Case,
    Suspect,
    Witness,
    Wrong,
    functions_of,
    observed,
    same,
)
from grader.language import say

SAMPLE = 6  # wrong calls by which pairs are found, and right ones
MOST_MERGED = 60  # programs that are made of two
FEWEST = 2  # calls that one of both explains, and the other does not


EXPLAINS, RIGHT, OTHER = "explains", "right", "other"


@dataclass(frozen=True)
class Both(Suspect):
    """Two mistakes of which no call shows both: where one is wrong, the other is right."""

    one: Wrong
    other: Wrong

    def explains(self, witness: Witness) -> bool:
        """Whether one of both does what the student's code did, and the other nothing else."""
        if not witness.is_wrong:
            return self.one.explains(witness) and self.other.explains(witness)
        shown = {_shows(self.one, witness), _shows(self.other, witness)}
        return EXPLAINS in shown and OTHER not in shown

    def is_evident(self, witnesses: list[Witness]) -> bool:
        """Whether each of both is needed for several calls."""
        wrong = [w for w in witnesses if w.is_wrong]
        mine = [(self.one.explains(w), self.other.explains(w)) for w in wrong]
        return all(mine.count(only) >= FEWEST for only in ((True, False), (False, True)))


@dataclass(frozen=True)
class Apart(Suspect):
    """A mistake in each function that is wrong, none of which reaches another: a person who writes
    the scores out again in `attention` makes a mistake of `attention_scores` there alone."""

    rivals = True
    by_function: Mapping[str, Wrong]

    def explains(self, witness: Witness) -> bool:
        """Whether the mistake of its function does what the student's did; others are right."""
        one = self.by_function.get(witness.call.function)
        return one.explains(witness) if one else not witness.is_wrong


@dataclass(frozen=True)
class Merged(Wrong):
    """Two mistakes in one program."""

    rivals = False


def apart(case: Case, *kinds: Iterable[Wrong]) -> Iterator[Suspect]:
    """A mistake of its own for each function that is wrong, where there are several functions; two
    at most."""
    places = list(dict.fromkeys(w.call.function for w in case.in_order if w.is_wrong))
    if len(case.reference.functions) < 2 or len(places) > 2:
        return
    found: list[list[Wrong]] = []
    for place in places:
        mine = [witness for witness in case.seen if witness.call.function == place]
        known = (each for kind in kinds for each in kind)
        found.append([each for each in known if all(map(each.explains, mine))])
    for chosen in product(*found):
        if len({each.name for each in chosen}) == 1:
            name, sentence = chosen[0].name, chosen[0].explanation
        else:
            name, sentence = _told(*chosen)
        yield Apart(name, sentence, dict(zip(places, chosen, strict=True)))


def pairs(case: Case, *kinds: Iterable[Wrong]) -> Iterator[Suspect]:
    """Pairs of the mistakes that may be, both together, what is wrong with an answer."""
    wrong = case.wrong[:SAMPLE]
    right = [witness for witness in case.seen if not witness.is_wrong][:SAMPLE]
    known = [each for kind in kinds for each in kind if all(map(each.explains, right))]
    shown = [[_shows(each, witness) for witness in wrong] for each in known]
    first = next((w for w in case.in_order if w.is_wrong), None)
    merged = []
    for (one, a), (other, b) in combinations(zip(known, shown, strict=True), 2):
        seen = list(zip(a, b, strict=True))
        if any(EXPLAINS not in pair and RIGHT in pair for pair in seen):
            continue
        if first is not None and _shows(one, first) == RIGHT:
            one, other = other, one  # what the report shows first is explained first
        if all(EXPLAINS in pair and OTHER not in pair for pair in seen):
            yield Both(*_told(one, other), one, other)
        merged.append((one, other))
    base = case.source
    for one, other in islice(merged, MOST_MERGED):
        source = merge(base, one.source, other.source)
        if source is None:
            continue
        try:
            functions = functions_of.__wrapped__(source, Path("both.py"))  # not to be kept
        except Exception:  # noqa: S112 - what two changes make of one function need not run
            continue
        yield Merged(*_told(one, other), functions, source)


def _shows(one: Wrong, witness: Witness) -> str:
    function = one.functions.get(witness.call.function)
    theirs = observed(function, witness.call) if function else witness.right
    if same(witness.record, theirs):
        return EXPLAINS
    return RIGHT if same(witness.right, theirs) else OTHER


def _told(one: Wrong, other: Wrong) -> tuple[str, str]:
    """The name and the sentence of two."""
    sentence = say(
        "There are two mistakes. First: {one} Second: {other}",
        one=one.explanation,
        other=other.explanation,
    )
    return f"{one.name} and {other.name}", sentence


# --- one program of two --------------------------------------------------------------------------


def merge(base: str, one: str, other: str) -> str | None:
    """`base` with what `one` and `other` change in it, both derived from it; None where they change
    the same lines."""
    origin, mine, theirs = map(_definitions, (base, one, other))
    result = []
    for name in dict.fromkeys([*origin, *mine, *theirs]):
        was, a, b = origin.get(name, ""), mine.get(name, ""), theirs.get(name, "")
        text = a if b in (was, a) else b if a == was else _merged(was, a, b)
        if text is None:
            return None
        result.append(text)
    return "\n\n\n".join(result) + "\n"


@lru_cache(maxsize=256)
def _definitions(source: str) -> dict[str, str]:
    """The statements of a program by what they define; the last of a name counts, at the place of
    the first."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        text = ast.unparse(node)
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = text
            case ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = text
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                found[text] = text
    return found


def _merged(base: str, one: str, other: str) -> str | None:
    """Three versions of one function made one, where no line is changed in two ways."""
    lines = base.split("\n")
    hunks = sorted([*_hunks(lines, one.split("\n")), *_hunks(lines, other.split("\n"))])
    result: list[str] = []
    at = 0
    for begin, end, new in dict.fromkeys(hunks):
        if begin < at:
            return None
        result += [*lines[at:begin], *new]
        at = end
    return "\n".join([*result, *lines[at:]])


def _hunks(
    before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, begin, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield begin, end, tuple(after[first:last])
