"""How much a grading does beyond the verdict. A leaf."""

from enum import Enum, auto


class Effort(Enum):
    """What is done about a property that fails.

    FULL: a small counterexample is searched for, the mistake is named, and the properties that need
    it are skipped. NAMED: the same without the search. VERDICT: the first failure ends the grading,
    in whatever order the properties are tried. EVERY: each property is tried, as if it needed no
    other; no search, no diagnosis.
    """

    FULL = auto()
    NAMED = auto()
    VERDICT = auto()
    EVERY = auto()

    @property
    def diagnoses(self) -> bool:
        """Whether a mistake is given its name."""
        return self in (Effort.FULL, Effort.NAMED)

    @property
    def respects_needs(self) -> bool:
        """Whether a property is skipped where one that it needs has not passed."""
        return self.diagnoses
