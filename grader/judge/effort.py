"""How much a grading does beyond the verdict. A leaf."""

from enum import Enum, auto


class Effort(Enum):
    """What is done about a property that fails.

    FULL: a small counterexample is searched for, the mistake is named, and the properties that need
    it are skipped. NAMED: the same without the search. VERDICT: the first failure ends the grading.
    EVERY: each property is tried, as if it needed no other; no search, no diagnosis.
    """

    FULL = auto()
    NAMED = auto()
    VERDICT = auto()
    EVERY = auto()

    @property
    def diagnoses(self) -> bool:
        """Whether a mistake is given its name."""
        return self in (Effort.FULL, Effort.NAMED)
