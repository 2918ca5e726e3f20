"""The stubs of a course as their author wrote them, whatever a learner has made of them since."""

import ast
import subprocess
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from grader.course.model import Course, Exercise

MOST_COMMITS = 100
MOST_CHARACTERS = 1 << 15  # of a stub; what is longer has been written into, and may take for ever
GIT_SECONDS = 20


def untouched(course: Course) -> dict[str, str]:
    """The slugs of the exercises whose stub nobody has edited, each with its text."""
    found = {}
    for exercise in course.exercises:
        text = _text(exercise.stub)
        if text is not None and _is_untouched(exercise, text):
            found[exercise.slug] = text
    return found


def pristine(exercise: Exercise, kept: str | None = None) -> str | None:
    """The stub as its author wrote it; None where it is nowhere to be had.

    The first that is untouched of: the course's own file, which a learner in a workspace does not
    edit; its versions in git, the newest first, since authors mend their stubs; and `kept`, what
    the history has of it.
    """
    path = exercise.original_stub
    candidates = chain([_text(path)], _versions(path), [kept])
    return next((text for text in candidates if text and _is_untouched(exercise, text)), None)


def not_started(tree: ast.Module, names: Sequence[str]) -> bool:
    """Whether all of the functions and methods (`JANET.forward`) are there, and none does more than
    raise NotImplementedError; a constructor may call its parent's before."""
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    for owner in tree.body:
        if isinstance(owner, ast.ClassDef):
            methods = (n for n in owner.body if isinstance(n, ast.FunctionDef))
            functions |= {f"{owner.name}.{n.name}": n for n in methods}
    return all(name in functions and _is_unwritten(functions[name]) for name in names)


def _is_unwritten(function: ast.FunctionDef) -> bool:
    body = [
        node
        for node in function.body
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    if function.name == "__init__" and body and ast.unparse(body[0]) == "super().__init__()":
        body = body[1:]
    if len(body) != 1 or not isinstance(body[0], ast.Raise):
        return False
    error = body[0].exc
    name = error.func if isinstance(error, ast.Call) else error
    return isinstance(name, ast.Name) and name.id == "NotImplementedError"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _is_untouched(exercise: Exercise, text: str) -> bool:
    if len(text) > MOST_CHARACTERS:
        return False
    try:
        return not_started(ast.parse(text), exercise.unwritten)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _versions(path: Path) -> Iterator[str | None]:
    """What git has of a file, the newest first; nothing where there is no git."""
    log = _git(path.parent, "log", f"--max-count={MOST_COMMITS}", "--format=%H", "--", path.name)
    for commit in (log or "").split():
        yield _git(path.parent, "show", f"{commit}:./{path.name}")


def _git(folder: Path, *arguments: str) -> str | None:

    try:
        done = subprocess.run(
            ["git", "-C", folder, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=GIT_SECONDS,
        )
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
