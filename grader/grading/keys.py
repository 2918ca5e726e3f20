"""What a result depends on: equal keys mean that grading again would find the same."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader import __version__
from grader.course.model import Exercise

# Of an exercise's room, what no grading reads.
UNREAD = ("right", "wrong", "wrong.py", "__pycache__", "plot.py", "equivalent.toml")


@dataclass(frozen=True)
class Key:
    """Everything that decides about a report, but the seconds in it."""

    submission: str  # sha256 of the file
    source: str  # sha256 of what is graded of it; what else it may answer depends on the course
    filename: str  # it stands in tracebacks
    exercise: str  # sha256 of its files and of what the course file says of it
    seed: int
    speed: bool
    device: str
    engine: str

    @property
    def digest(self) -> str:
        """One name for all of it, in hexadecimal."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def engine() -> str:
    """The versions that a verdict may depend on; it imports no torch to say so."""
    return f"grade {__version__}, torch {version('torch')}"


def of_exercise(exercise: Exercise) -> str:
    """The sha256 of the exercise's stub, its room, and what its course says of it."""
    entry = asdict(exercise)
    for name in ("course", "workspace", "hints", "part"):
        del entry[name]
    entry["uses"] = [_as_used(each) for each in exercise.uses]
    for name in ("packages", "uses"):
        if not entry[name]:  # most have none, and what they were graded by stays known
            del entry[name]
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True).encode())
    for path in files(exercise):
        content = path.read_bytes() if path.is_file() else b""
        name = path.relative_to(exercise.course).as_posix()
        digest.update(f"\n{name} {hashlib.sha256(content).hexdigest()}".encode())
    return digest.hexdigest()


def _as_used(exercise: Exercise) -> dict[str, Any]:
    """What an exercise is to another whose answers may import its own: its policy, and the stub
    that is still to be written."""
    entry = asdict(replace(exercise, uses=()))
    kept = {name: entry[name] for name in ("number", "slug", "functions", "classes", "forbidden")}
    stub = exercise.original_stub
    content = stub.read_bytes() if stub.is_file() else b""
    return kept | {"stub": hashlib.sha256(content).hexdigest()}


def files(exercise: Exercise) -> list[Path]:
    """The stub, which may be missing, and what there is of the room that grading reads."""
    room = exercise.room
    found = [
        path
        for path in sorted(room.rglob("*"))
        if path.is_file() and not set(path.relative_to(room).parts) & set(UNREAD)
    ]
    return [exercise.original_stub, *found]
