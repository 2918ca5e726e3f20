"""Pairs of answers that `grade similar` found, where its JSON was written beside the class's pages.

Comparing everybody with everybody takes longer than a page may: it is done when somebody asks.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

FILE = "similar.json"


@dataclass(frozen=True)
class Alike:
    """Two students, the slug of the exercise, and the share of an answer that both have."""

    students: tuple[str, str]
    exercise: str
    share: float


@dataclass(frozen=True)
class Found:
    """The pairs that were found, and when."""

    pairs: tuple[Alike, ...]
    at: datetime

    def under(self, names: Mapping[str, str]) -> "Found":
        """The same under other names; without who has none, and would be known by the own one."""
        return replace(
            self,
            pairs=tuple(
                replace(pair, students=(names[one], names[other]))
                for pair in self.pairs
                for one, other in (pair.students,)
                if one in names and other in names
            ),
        )


def read(folder: Path) -> Found | None:
    """What lies in a folder; None where nothing does, or what does is no such file."""
    path = folder / FILE
    try:
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        content = json.loads(path.read_text(encoding="utf-8"))
        return Found(
            tuple(
                Alike(
                    (str(pair["students"][0]), str(pair["students"][1])),
                    str(each["exercise"]["slug"]),
                    float(pair["share"]),
                )
                for each in content["exercises"]
                for pair in each["pairs"]
            ),
            at,
        )
    except (OSError, ValueError, TypeError, KeyError, IndexError):
        return None
