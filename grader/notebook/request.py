"""What a kernel asks of the program that grades its cells."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

PROGRESS = "grade: "  # how a line begins that says how far a grading is


@dataclass(frozen=True)
class Run:
    """One cell as it ran; `count` is the number beside it, `stale` whether it ran again later."""

    count: int
    text: str
    stale: bool = False


@dataclass(frozen=True)
class Request:
    """What to grade, and how; `course` is a folder, `exercise` any name of one.

    `debugs`: the call that fails is wanted instead of the report, of the property `only` or of the
    one that a report shows first. `language` is empty where none was chosen. With `tells`, lines on
    standard error that begin with PROGRESS say how far it is.
    """

    exercise: str
    runs: Sequence[Run]
    course: str | None
    seed: int | None
    device: str
    speed: bool
    language: str
    debugs: bool = False
    only: str | None = None
    tells: bool = False

    def as_json(self) -> str:
        """The text that is sent."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """What was sent."""
        content = json.loads(text)
        return cls(**{**content, "runs": [Run(**run) for run in content["runs"]]})
