"""The script of `grade debug` on disk, beside the student's file and never over what is theirs; and
why there is none."""

import hashlib
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from grader.errors import UsageError
from grader.language import say
from grader.report import PropertyStatus, Report, Status
from grader.writing import put, unwritable

FAILED = (PropertyStatus.FAILED, PropertyStatus.ERROR)
# The first line says whose the file is, and what the rest of it was.
_MARK = re.compile(r"# grade debug ([0-9a-f]{12})\n")


@dataclass(frozen=True)
class Written:
    """Where the script is; `kept`: what one before it that was edited is called now."""

    path: Path
    kept: Path | None = None


def write(path: Path, text: str, tensors: bytes) -> Written:
    """Write a script, and beside it the tensors that it loads, if any.

    An older script is replaced, and kept under another name where somebody has edited it.
    UsageError where something else is there, or the files cannot be written.
    """
    beside = path.with_suffix(".pt")
    before = _ours(path)
    for each in (path, beside) if before is None else (path,):
        if before is None and each.exists():
            raise _taken(each)
    kept = None
    try:
        if before is not None and _marked(before) is None:
            kept = _free(path)
            path.rename(kept)
        if not tensors:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(path, error) from None
    if tensors:
        put(beside, tensors)
    put(path, marked(text))
    return Written(path, kept)


def put_tensors(path: Path, tensors: bytes) -> None:
    """Write the larger tensors of a notebook's cell. UsageError where another file is there."""
    try:
        with path.open("rb") as file:
            is_ours = file.read(2) == b"PK"  # as torch writes it
    except FileNotFoundError:
        is_ours = True
    except OSError as error:
        raise unwritable(path, error) from None
    if not is_ours:
        raise _taken(path)
    put(path, tensors)


def marked(text: str) -> str:
    """A script with the line that says whose it is."""
    return f"# grade debug {_digest(text)}\n{text}"


def _taken(path: Path) -> UsageError:
    return UsageError(
        say("{file} is there already, and no script of `grade debug`.", file=path),
        say("Give it another name, and try again."),
    )


def _ours(path: Path) -> str | None:
    """The text of a script of ours, edited or not; None where there is another file, or none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if _MARK.match(text) else None


def _marked(text: str) -> str | None:
    """The script below its mark; None where somebody has edited it."""
    found = _MARK.match(text)
    rest = text[found.end() :] if found else ""
    return rest if found and _digest(rest) == found[1] else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _free(path: Path) -> Path:
    names = (path.with_name(f"{path.stem}.kept-{number}{path.suffix}") for number in count(1))
    return next(name for name in names if not name.exists())


def nothing(report: Report, only: str | None) -> str:
    """Why there is no call to debug, in a line or two."""
    failed = [result for result in report.properties if result.status in FAILED]
    if only is not None:
        names = [result.name for result in report.properties]
        if only not in names:
            raise UsageError(
                say("Exercise {number} has no property {name}.", number=report.number, name=only),
                say("It has: {names}.", names=", ".join(names)) if names else "",
            )
        failed = [result for result in failed if result.name == only]
    if failed and failed[0].message:
        return say("There is no call to debug: {why}", why=failed[0].message)
    if report.status is Status.PASSED or (report.properties and not failed):
        if only is not None:
            return say("{name} does not fail.", name=only)
        return say(
            "Every call gives what it should: there is nothing to debug. (The running time was left"
            " out.)"
        )
    return say("There is no call to debug: {why}", why=report.reason)
