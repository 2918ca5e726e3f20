"""A file that answers several exercises, seen as the answer to one of them."""

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader import limited
from grader.course import Exercise
from grader.submission import Submission


def only(found: Submission, exercise: Exercise, others: Sequence[Exercise]) -> Submission:
    """`found` without the functions of the `others`, where nothing else in it uses them; of a
    notebook, what the answer to `exercise` needs.

    What is forbidden in this exercise may be right in another one. All lines keep their numbers. A
    file that is not valid Python stays as it is, for grading to say so.
    """
    if found.cells:
        return found.answer_to(exercise)
    theirs = {name for each in others for name in each.functions} - set(exercise.functions)
    try:
        source = limited.ask(_without, found.source, sorted(theirs))
    except limited.TakesTooMuch:
        return found.beyond_reading()
    return replace(found, source=source)


def _without(source: str, names: Iterable[str]) -> str:
    """A text with `pass` for the functions of these names that nothing else in it uses."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source
    theirs = set(names)
    functions = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name in theirs]
    uses = _uses(tree)
    lines = source.split("\n")
    for function in functions:
        # Whether anything but the function itself speaks of it.
        if uses[function.name] == _uses(function)[function.name]:
            start = min([function.lineno, *(each.lineno for each in function.decorator_list)])
            assert function.end_lineno is not None
            lines[start - 1 : function.end_lineno] = [
                "pass",
                *[""] * (function.end_lineno - start),
            ]
    return "\n".join(lines)


def _uses(tree: ast.AST) -> Counter[str]:
    """How often each name stands in a tree."""
    return Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
