"""A file that answers several exercises, seen as the answer to one of them."""

import ast
from collections.abc import Sequence
from dataclasses import replace

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
    try:
        tree = ast.parse(found.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return found
    theirs = {name for each in others for name in each.functions} - set(exercise.functions)
    functions = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in theirs
    ]
    lines = found.source.split("\n")
    for function in functions:
        if not _is_used(function, tree):
            start = min([function.lineno, *(each.lineno for each in function.decorator_list)])
            assert function.end_lineno is not None
            lines[start - 1 : function.end_lineno] = [
                "pass",
                *[""] * (function.end_lineno - start),
            ]
    return replace(found, source="\n".join(lines))


def _is_used(function: ast.FunctionDef, tree: ast.Module) -> bool:
    """Whether anything but the function itself speaks of it."""
    return any(
        isinstance(node, ast.Name) and node.id == function.name
        for statement in tree.body
        if statement is not function
        for node in ast.walk(statement)
    )
