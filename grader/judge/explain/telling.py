"""Whether a failing call teaches anything: on zeros, five mistakes look alike."""

from collections.abc import Callable, Sequence

from grader.judge.explain.diagnosis import Wrong, observed, same
from grader.judge.reference import Reference
from grader.judge.student import Record

# Calls that are looked at for one property; each costs as many small calls as mistakes are known.
MOST_LOOKS = 40


class Telling:
    """Looks at failing calls with the mistakes that the exercise knows."""

    def __init__(self, wrongs: Callable[[], Sequence[Wrong]], reference: Reference) -> None:
        self._load = wrongs
        self._reference = reference
        self._wrongs: list[Wrong] | None = None
        self.looks_left = MOST_LOOKS

    def is_clear(self, record: Record) -> bool:
        """Whether no two of the known mistakes do on this call what the student's code did."""
        self.looks_left -= 1
        if self._wrongs is None:
            self._wrongs = list(self._load())
        call = record.call
        if same(record, observed(self._reference.functions[call.function], call)):
            return True  # what fails is another call
        alike: list[Wrong] = []
        for each in self._wrongs:
            function = each.functions.get(call.function)
            if function is not None and same(record, observed(function, call)):
                alike.append(each)
                if len(alike) > 1:
                    break
        for each in alike:  # they will be so again, and are asked first
            self._wrongs.remove(each)
        self._wrongs[:0] = alike
        return len(alike) < 2
