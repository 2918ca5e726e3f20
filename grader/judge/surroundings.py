"""What a student's error has to do with what is around the answer: modules, files, other cells.

The worker's words for an error say what Python missed. Here the judge, who knows what it sent along
and what is installed, says why it was not there, and what to do.
"""

import importlib.util
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from grader.language import say
from grader.submission.notebook.program import LeftOut
from grader.submission.text import Submission

MOST_TOLD = 3  # places that were left out

_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
_NO_NAME = re.compile(r"name '(\w+)' is not defined")
_FILE = re.compile(r"'([^'\n]{1,200})'\s*$|^(\S{1,200}\.\w{1,8}) not found")
_UNREAD = frozenset({"FileNotFoundError", "PermissionError", "IsADirectoryError",
                     "NotADirectoryError"})  # fmt: skip


def _file(message: str) -> str | None:
    """The file that a message is about, where it could have lain beside the answer."""
    found = _FILE.search(message)
    name = found and (found[1] or found[2])
    return None if not name or PurePath(name).is_absolute() else name


def lacking(packages: Iterable[str]) -> list[str]:
    """Those of the packages (names of modules) that this Python does not have."""
    return [name for name in packages if not _is_installed(name)]


def lacked(packages: Sequence[str], kind: str, message: str) -> str | None:
    """The package that the course counts on, this Python lacks, and an error is about; else None.

    `kind` and `message` are what the worker says, which is no evidence: it is looked up here.
    """
    if kind in ("ModuleNotFoundError", "ImportError") and (found := _NO_MODULE.search(message)):
        top = found[1].partition(".")[0]
        if top in packages and not _is_installed(top):
            return top
    return None


def at_fault(name: str) -> str:
    """Whose fault it is that a package is not there, and what to do."""
    return say(
        "The Python that grades lacks `{name}`, which this course counts on. That is no fault of"
        " yours: please tell your teacher. (`pip install {name}` mends it there; `grade doctor`"
        " shows what else is missing.)",
        name=name,
    )


def note(
    submission: Submission,
    packages: Sequence[str],
    kind: str,
    message: str,
    *,
    at_load: bool,
) -> str:
    """What to say of an error beside its own words, in lines; empty where it is none of these.

    `at_load`: it came when the file was loaded, and not in a call.
    """
    if kind in ("ModuleNotFoundError", "ImportError") and (found := _NO_MODULE.search(message)):
        return _of_module(submission, packages, found[1])
    if kind == "ImportError" and (why := _passed_over(submission, message)):
        return why
    # A file that could have lain beside the answer; anywhere else is out of bounds.
    if kind in _UNREAD and (file := _file(message)):
        return say(
            "(Data files do not go along with an answer, so `{file}` is not there when it is"
            " graded: only Python modules that it imports do. Compute what it holds, or write it"
            " into your code.)",
            file=file,
        )
    if kind == "NameError" and (found := _NO_NAME.search(message)):
        return left_out([each for each in submission.left_out if found[1] in each.names])
    if at_load:
        return left_out([each for each in submission.left_out if each.gives])
    return ""


def left_out(places: Sequence[LeftOut]) -> str:
    """Which lines of a notebook were not run, and how to have them run; empty where there are
    none."""
    if not places:
        return ""
    shown = "; ".join(each.place for each in places[:MOST_TOLD])
    if len(places) > MOST_TOLD:
        shown += say(" and {count} more", count=len(places) - MOST_TOLD)
    return say(
        "(Not run, because it seems to only try things out: {places}. To have all of a cell run,"
        " begin it with the line `# grade:keep`.)",
        places=shown,
    )


def _of_module(submission: Submission, packages: Sequence[str], name: str) -> str:
    top = name.partition(".")[0]
    if top in packages and not _is_installed(top):
        return at_fault(top)
    passed_over = submission.carried.passed_over
    if why := passed_over.get(name) or passed_over.get(top):
        return f"({why}.)"
    if name.startswith("submission.") or any(top == m.name for m in submission.modules):
        return say(
            "(There is no module `{name}` in the folder of your file.)",
            name=name.removeprefix("submission."),
        )
    there = ", ".join(["torch", "numpy", *packages])
    return say(
        "(Answers can import Python's own library, {there}, and modules of your own that are handed"
        " in in the same folder: `{top}` is none of these. Do without it, or hand in `{top}.py`"
        " with your file.)",
        there=there,
        top=top,
    )


def _passed_over(submission: Submission, message: str) -> str:
    for name, why in submission.carried.passed_over.items():
        if re.search(rf"\b{re.escape(name)}\b", message):
            return f"({why}.)"
    if "attempted relative import" in message:
        return say(
            "(A relative import reaches modules in the folder of your file and below it, not those"
            " above.)"
        )
    return ""


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False
