"""What an exercise asks: the docstrings and signatures of its stub, in the language in use."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import indent

from grader.course import translation
from grader.course.model import Exercise
from grader.course.stubs import MOST_CHARACTERS, Definition, definitions, pristine
from grader.errors import UsageError
from grader.language import say
from grader.submission import text as submission


@dataclass(frozen=True)
class Function:
    """One function to write: `def f(x: Tensor) -> Tensor`, and what is said of it."""

    signature: str
    docstring: str


@dataclass(frozen=True)
class Statement:
    """The text of an exercise, and its functions by name."""

    text: str
    functions: Mapping[str, Function]

    def __str__(self) -> str:
        parts = [self.text]
        for function in self.functions.values():
            parts.append(f"{function.signature}\n{indent(function.docstring, ' ' * 4)}")
        return "\n\n".join(parts)


def of(exercise: Exercise, kept: str | None = None) -> Statement:
    """The statement in the language in use; what is not translated is English.

    `kept` is what a history has of the stub. UsageError where there is no stub.
    """
    english = in_english(exercise, kept)
    texts = translation.of_exercise(exercise.course, exercise.stem)
    functions = {
        name: Function(function.signature, texts.functions.get(name) or function.docstring)
        for name, function in english.functions.items()
    }
    return Statement(texts.statement or english.text, functions)


def in_english(exercise: Exercise, kept: str | None = None) -> Statement:
    """What the stub says, whatever the student's file says by now; the file as it stands where
    there is no more to be had."""
    path = exercise.original_stub
    text = submission.read(path).source if path.is_file() else ""
    said = _docstrings(pristine(exercise, kept) or "") or _docstrings(text)
    if not (said or text):
        raise UsageError(say("{file} is missing, and the statement with it.", file=path))
    return said or Statement(text, {})


def result_names(exercise: Exercise, function: str) -> list[str]:
    """What the parts of a function's result are called, in order: `Returns (output (N, T), h_n)`.

    Empty where the statement gives no names, or is not to be had.
    """
    try:
        said = in_english(exercise).functions.get(function)
    except UsageError:
        return []
    found = re.search(r"\bReturns \(", said.docstring if said else "")
    return _names(said.docstring[found.end() :]) if said and found else []


def _names(text: str) -> list[str]:
    """The names before the bracket that closes `text`, the shapes behind them left out; none where
    something else stands there too."""
    parts, depth = [""], 0
    for character in text:
        if character == ")" and not depth:
            break
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and not depth:
            parts.append("")
        else:
            parts[-1] += character
    names = [re.sub(r"(?<=\S) \(.*", "", part.strip(), flags=re.DOTALL) for part in parts]
    named = all(re.fullmatch(r"\w+'?|\([\w', ]+\)", name) for name in names)
    # A single capital letter is a size: `Returns (N, T, E)` tells a shape.
    sized = any(re.fullmatch(r"[A-Z]\w?", name) for name in names)
    return names if named and not sized else []


def _docstrings(source: str) -> Statement | None:
    """What a stub says; None where it has no docstring, is not valid, or is none by its length."""
    if len(source) > MOST_CHARACTERS:
        return None
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    head = ast.get_docstring(tree)
    if not head:
        return None
    functions = {
        name: Function(_signature(node), ast.get_docstring(node) or "")
        for name, node in definitions(tree)
    }
    return Statement(head, functions)


def _signature(node: Definition) -> str:
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(map(ast.unparse, node.bases))
        return f"class {node.name}({bases})" if bases else f"class {node.name}"
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"def {node.name}({ast.unparse(node.args)}){returns}"
