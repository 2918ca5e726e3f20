"""The stubs of a course as their author wrote them, whatever a learner has made of them since."""

import ast
import subprocess
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from grader.course import translation
from grader.course.model import Course, Exercise

TODO = "# TODO: "
MOST_COMMITS = 100
MOST_CHARACTERS = 1 << 15  # of a stub; what is longer has been written into, and may take for ever
GIT_SECONDS = 20

Definition = ast.FunctionDef | ast.ClassDef


def untouched(course: Course) -> dict[str, str]:
    """The slugs of the exercises whose stub nobody has edited, each with its text."""
    found = {}
    for exercise in course.exercises:
        text = _text(exercise.stub)
        if text is not None and is_untouched(exercise, text):
            found[exercise.slug] = text
    return found


def pristine(exercise: Exercise, kept: str | None = None, *, is_edited: bool = False) -> str | None:
    """The stub as its author wrote it; None where it is nowhere to be had.

    The first that is untouched of: the course's own file, which a learner in a workspace does not
    edit; its versions in git, the newest first, since authors mend their stubs; and `kept`, what
    the history has of it. With `is_edited` the course's own file comes last, which a learner may
    have written a comment into.
    """
    path = exercise.original_stub
    own = [_text(path)]
    older = chain(_versions(path), [kept])
    candidates = chain(older, own) if is_edited else chain(own, older)
    return next((text for text in candidates if text and is_untouched(exercise, text)), None)


def translated(exercise: Exercise, text: str) -> str:
    """A stub with its docstrings, and what it says at each TODO, in the language in use, as far as
    the course has them."""
    texts = translation.of_exercise(exercise.course, exercise.stem)
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    lines = text.split("\n")
    said: list[tuple[str, ast.Module | Definition]] = [("", tree), *definitions(tree)]
    docstrings = {**texts.functions, "": texts.statement}
    changes: list[tuple[slice, list[str]]] = []
    for name, node in said:
        if docstrings.get(name) and ast.get_docstring(node) is not None:
            first = node.body[0]
            place = slice(first.lineno - 1, first.end_lineno)
            changes.append((place, _docstring(docstrings[name], first.col_offset)))
        where = _todo(lines, node) if isinstance(node, ast.FunctionDef) else None
        if where and (todo := texts.todos.get(name)):
            margin = " " * lines[where.start].index("#")
            rows = f"{TODO}{todo}".replace("\n", "\n# ").split("\n")
            changes.append((where, [f"{margin}{row}" for row in rows]))
    # From the end, so that the lines above keep their places.
    for place, instead in sorted(changes, key=lambda each: -each[0].start):
        lines[place] = instead
    changed = "\n".join(lines)
    return changed if is_untouched(exercise, changed) else text


def definitions(tree: ast.Module) -> Iterator[tuple[str, Definition]]:
    """What is to be written in a stub, by name: functions, classes, methods (`JANET.forward`)."""
    for node in tree.body:
        if isinstance(node, Definition):
            yield node.name, node
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            yield from ((f"{node.name}.{each.name}", each) for each in methods)


def todos(text: str) -> dict[str, str]:
    """What a stub says at each TODO, by the name of the function or method."""
    lines = text.split("\n")
    found = {}
    for name, node in definitions(ast.parse(text)):
        where = _todo(lines, node) if isinstance(node, ast.FunctionDef) else None
        if where:
            said = " ".join(line.strip().removeprefix("#").strip() for line in lines[where])
            found[name] = said.removeprefix(TODO.removeprefix("# "))
    return found


def _todo(lines: Sequence[str], node: ast.FunctionDef) -> slice | None:
    """The lines of the comment in a function that says what to do."""
    for first in range(node.lineno, node.end_lineno or 0):
        if lines[first].lstrip().startswith(TODO):
            last = first + 1
            while lines[last].lstrip().startswith("#"):
                last += 1
            return slice(first, last)
    return None


def _docstring(text: str, indent: int) -> list[str]:
    """The lines of a docstring; those after the first are indented."""
    quotes = 'r"""' if "\\" in text else '"""'
    first, *rest = text.split("\n")
    margin = " " * indent
    lines = [f"{margin}{quotes}{first}", *(f"{margin}{line}".rstrip() for line in rest)]
    if rest:
        return [*lines, f'{margin}"""']
    return [f'{lines[0]}"""']


def not_started(tree: ast.Module, names: Sequence[str]) -> bool:
    """Whether all of the functions and methods (`JANET.forward`) are there, and none does more than
    raise NotImplementedError; a constructor may call its parent's before."""
    functions = {name: n for name, n in definitions(tree) if isinstance(n, ast.FunctionDef)}
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


def is_untouched(exercise: Exercise, text: str) -> bool:
    """Whether a text is a stub that nobody has begun; what is too long, or no Python, is none."""
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
