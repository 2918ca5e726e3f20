"""Pairs of students whose answers share more than the exercise explains: places to look at.

Every run of `LENGTH` symbols (what `symbols` leaves of a text) is a fingerprint. Those of the stub
and of the course's own answers, right and wrong, are taken off. The others weigh the less, the more
of the class have them: 1 for two students, 0 for everybody. A pair's share is the weight of what
both have, over that of all that one of them has.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple, TypeAlias

from grader.classroom.similarity.symbols import Symbol, symbols
from grader.course.model import Exercise
from grader.judge.wrong import wrong_answers
from grader.submission import limited
from grader.submission.text import Submission

NOTE = "This is a place to look, not a verdict: two people can write the same by themselves."
LENGTH = 10  # symbols
LEAST = 5  # symbols of a passage, what is left of it beside longer ones
SHARE = 0.4  # the least that is worth a look
WEIGHT = 20.0  # the least, so that no pair is one short line
MOST_CHARACTERS = 100_000  # of a text; an answer has some thousands
MOST_REPEATS = 20  # of one fingerprint in a text, when passages are looked for
SMALL_CLASS = 10  # below this, what all have still says something

Fingerprint: TypeAlias = tuple[str, ...]


class Span(NamedTuple):
    """Characters of a text, from `start` to before `end`."""

    start: int
    end: int


class Passage(NamedTuple):
    """A stretch of the first text that the second one has as well, under other names perhaps."""

    left: Span
    right: Span


@dataclass(frozen=True)
class Pair:
    """Two students; `shares` are of what each of them wrote, `weight` is that of what both have."""

    students: tuple[str, str]
    shares: tuple[float, float]
    weight: float
    passages: tuple[Passage, ...]

    @property
    def share(self) -> float:
        """The larger of both: who copies a part has less of their own."""
        return max(self.shares)


@dataclass(frozen=True)
class Compared:
    """One exercise: what was compared, by student, and the pairs that are worth a look."""

    exercise: Exercise
    submissions: Mapping[str, Submission]
    pairs: tuple[Pair, ...]

    def as_json(self) -> dict[str, Any]:
        """The object that `--format json` has for an exercise."""
        exercise = self.exercise
        return {
            "exercise": {
                "number": exercise.number,
                "slug": exercise.slug,
                "title": exercise.title,
            },
            "compared": sorted(self.submissions),
            "pairs": [self._pair_as_json(pair) for pair in self.pairs],
        }

    def _pair_as_json(self, pair: Pair) -> dict[str, Any]:
        left, right = (self.submissions[name] for name in pair.students)
        return {
            "students": list(pair.students),
            "paths": [str(left.path), str(right.path)],
            "share": round(pair.share, 4),
            "shares": [round(share, 4) for share in pair.shares],
            "weight": round(pair.weight, 2),
            "passages": [
                {
                    "left": _where(left, passage.left),
                    "right": _where(right, passage.right),
                }
                for passage in pair.passages
            ],
        }


def compare(
    exercise: Exercise, submissions: Mapping[str, Submission], *, share: float = SHARE
) -> Compared:
    """The pairs of students whose submissions to `exercise` share at least `share`.

    What the stub says is taken off, and what the course itself answers, rightly or wrongly.
    """
    rooms = ("reference.py", "misconceptions.py", "right/*.py")
    paths = [exercise.stub, *(path for name in rooms for path in exercise.room.glob(name))]
    known = [path.read_text(encoding="utf-8") for path in sorted(paths) if path.is_file()]
    known += [answer.source for answer in wrong_answers(exercise.room)]
    texts = {student: submission.source for student, submission in submissions.items()}
    return Compared(exercise, submissions, tuple(pairs(texts, known, share=share)))


def _where(submission: Submission, span: Span) -> dict[str, str]:
    """The places of a span's ends, as a person names them."""
    first = submission.source.count("\n", 0, span.start) + 1
    last = submission.source.count("\n", 0, span.end) + 1
    return {"from": submission.where(first), "to": submission.where(last)}


class _Text:
    """A text with its fingerprints, and the symbols at which each of them begins."""

    def __init__(self, found: Sequence[Symbol]) -> None:
        self.symbols = found
        self.kinds = [symbol.kind for symbol in self.symbols]
        self.places: dict[Fingerprint, list[int]] = {}
        for start in range(len(self.kinds) - LENGTH + 1):
            self.places.setdefault(tuple(self.kinds[start : start + LENGTH]), []).append(start)

    def without(self, fingerprints: Set[Fingerprint]) -> "_Text":
        """Itself, with these taken off."""
        self.places = {f: starts for f, starts in self.places.items() if f not in fingerprints}
        return self

    def span(self, start: int, end: int) -> Span:
        """The characters of the symbols from `start` to before `end`."""
        return Span(self.symbols[start].start, self.symbols[end - 1].end)


def pairs(
    texts: Mapping[str, str], known: Sequence[str] = (), *, share: float = SHARE
) -> list[Pair]:
    """The pairs of students whose texts share at least `share`, the largest first.

    `texts` holds one source a student, `known` what is taken off: the stub, the course's answers.
    """
    taken_off = {fingerprint for source in known for fingerprint in _Text(symbols(source)).places}
    read = {name: _Text(_read(text)).without(taken_off) for name, text in sorted(texts.items())}
    weights = _weights(read.values())
    totals = {name: sum(weights[f] for f in text.places) for name, text in read.items()}
    found = []
    for students, weight in _shared(read, weights).items():
        shares = tuple(weight / totals[name] for name in students)
        if weight >= WEIGHT and max(shares) >= share:
            passages = tuple(_passages(*(read[name] for name in students)))
            found.append(Pair(students, (shares[0], shares[1]), weight, passages))
    return sorted(found, key=lambda pair: (-round(pair.share, 6), -pair.weight, pair.students))


def _read(source: str) -> list[Symbol]:
    """The symbols of a student's text; none of one that takes too long to read."""
    try:
        return [Symbol(*each) for each in limited.ask(symbols, source[:MOST_CHARACTERS])]
    except limited.TakesTooMuch:
        return []


def _weights(texts: Collection[_Text]) -> dict[Fingerprint, float]:
    counts = Counter(fingerprint for text in texts for fingerprint in text.places)
    everybody = max(len(texts), SMALL_CLASS)
    return {
        fingerprint: 1 - math.log(max(count, 2) / 2) / math.log(everybody / 2)
        for fingerprint, count in counts.items()
    }


def _shared(
    texts: Mapping[str, _Text], weights: Mapping[Fingerprint, float]
) -> dict[tuple[str, str], float]:
    """The weight of what two students both have, for every two that have anything."""
    owners = defaultdict(list)
    for name, text in texts.items():
        for fingerprint in text.places:
            owners[fingerprint].append(name)
    shared: dict[tuple[str, str], float] = defaultdict(float)
    for fingerprint, names in owners.items():
        if weights[fingerprint] > 0:
            for two in combinations(names, 2):
                shared[two] += weights[fingerprint]
    return shared


def _passages(left: _Text, right: _Text) -> list[Passage]:
    """What both have, in the order of the first: the longest runs, of which none overlap."""
    used: tuple[set[int], set[int]] = (set(), set())
    found = []
    for i, j, length in sorted(_runs(left, right), key=lambda run: (-run[2], run)):
        for start, end in _free(i, j, length, *used):
            used[0].update(range(i + start, i + end))
            used[1].update(range(j + start, j + end))
            found.append(Passage(left.span(i + start, i + end), right.span(j + start, j + end)))
    return sorted(found)


def _runs(left: _Text, right: _Text) -> Iterator[tuple[int, int, int]]:
    """Symbols that are the same in both for as long as can be: two starts, and a length.

    Each has a fingerprint of both, and goes on over what was taken off.
    """
    matches = sorted(
        (i, j)
        for f in left.places.keys() & right.places.keys()
        for i in left.places[f][:MOST_REPEATS]
        for j in right.places[f][:MOST_REPEATS]
    )
    ends: dict[int, int] = {}  # of the last run with this distance between its starts
    for i, j in matches:
        if i < ends.get(i - j, 0):
            continue
        start, end = i, i
        while start and start > i - j and left.kinds[start - 1] == right.kinds[start - 1 - i + j]:
            start -= 1
        most = min(len(left.kinds), len(right.kinds) + i - j)
        while end < most and left.kinds[end] == right.kinds[end - i + j]:
            end += 1
        ends[i - j] = end
        yield start, start - i + j, end - start


def _free(
    i: int, j: int, length: int, left: Set[int], right: Set[int]
) -> Iterator[tuple[int, int]]:
    """The parts of a run that are used on neither side and long enough to be seen."""
    start = 0
    for at in range(length + 1):
        if at == length or i + at in left or j + at in right:
            if at - start >= LEAST:
                yield start, at
            start = at + 1
