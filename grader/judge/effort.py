"""How much a grading does beyond the verdict. A leaf."""

from enum import Enum, auto


class Effort(Enum):
    """What is done about a property that fails.

    FULL: a small counterexample is searched for, the mistake is named, and the properties that need
    it are skipped. VERDICT: the first failure ends the grading. EVERY: each property is tried, as
    if it needed no other; no search, no diagnosis.
    """

    FULL = auto()
    VERDICT = auto()
    EVERY = auto()
