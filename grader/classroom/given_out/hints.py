"""How many of an exercise's hints are given out: by default those before the first that holds a
piece of the answers, in whatever language. The last tier of a good row of hints nearly is the line.
"""

from dataclasses import dataclass

from grader.classroom.given_out import public
from grader.classroom.given_out.leaks import Leak, Secrets
from grader.course.model import Exercise


@dataclass(frozen=True)
class Told:
    """A hint that holds a piece of the answers; `tier` is its place among the hints, from 1."""

    tier: int
    leak: Leak


@dataclass(frozen=True)
class Hints:
    """The hints of one exercise: how many there are, how many `given` out from the first on, and
    what was found in which, the first of each tier."""

    exercise: Exercise
    count: int
    given: int
    told: tuple[Told, ...]

    def __str__(self) -> str:
        if not self.count:
            return "no hints"
        said = f"{self.given} of {self.count} given out"
        if not self.told:
            return f"{said}; none holds a piece of the answers"
        tiers = ", ".join(str(each.tier) for each in self.told)
        leak = self.told[0].leak
        holds = "hold pieces" if len(self.told) > 1 else "holds a piece"
        where = f"{self.told[0].tier}: {leak.secret.path}, line {leak.secret.line}"
        return f"{said}; {tiers} {holds} of the answers ({where})"

    @property
    def is_telling(self) -> bool:
        """Whether what is given out gives something away."""
        return any(each.tier <= self.given for each in self.told)


def looked_through(exercise: Exercise, answers: Secrets, wanted: int | None) -> Hints:
    """The hints of an exercise, and how many are given out: at most `wanted`; None for those before
    the first that holds a piece of `answers`."""
    found: dict[int, Told] = {}
    count = 0
    for path, tier, text in public.hints(exercise.course, exercise):
        count = max(count, tier)
        for leak in answers.found_in(path, text.encode()):
            found.setdefault(tier, Told(tier, leak))
    first = min(found, default=count + 1)
    given = first - 1 if wanted is None else min(wanted, count)
    return Hints(exercise, count, given, tuple(found[tier] for tier in sorted(found)))
