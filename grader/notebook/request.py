"""What a kernel asks of the program that grades its cells."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Run:
    """One cell as it ran; `count` is the number beside it, `stale` whether it ran again later."""

    count: int
    text: str
    stale: bool = False


@dataclass(frozen=True)
class Request:
    """What to grade, and how; `course` is a folder, `exercise` any name of one."""

    exercise: str
    runs: Sequence[Run]
    course: str | None
    seed: int | None
    device: str
    speed: bool
    language: str

    def as_json(self) -> str:
        """The text that is sent."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Request":
        """What was sent."""
        content = json.loads(text)
        return cls(**{**content, "runs": [Run(**run) for run in content["runs"]]})
