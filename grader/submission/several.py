"""A file that answers several exercises, seen as the answer to each of them."""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import chain

from grader.course.model import Exercise
from grader.submission import limited
from grader.submission.text import Submission


def each(
    found: Submission, wanted: Sequence[Exercise], others: Sequence[Exercise]
) -> dict[str, Submission]:
    """`found` as the answer to each of the `wanted`, by slug: without the functions of the
    `others`, where nothing else in it uses them; of a notebook, what that answer needs.

    What is forbidden in one exercise may be right in another. All lines keep their numbers. A file
    that is not valid Python stays as it is, for grading to say so. It is read once.
    """
    slugs = [exercise.slug for exercise in wanted]
    if found.cells:
        return dict(zip(slugs, found.answers_to(wanted), strict=True))
    names = {name for exercise in others for name in exercise.names}
    theirs = [sorted(names - set(exercise.names)) for exercise in wanted]
    try:
        sources = limited.ask(_without, found.source, theirs)
    except limited.TakesTooMuch:
        return dict.fromkeys(slugs, found.beyond_reading())
    return {
        slug: replace(found, source=source) for slug, source in zip(slugs, sources, strict=True)
    }


def _without(source: str, several: Sequence[Sequence[str]]) -> list[str]:
    """A text with `pass` for the functions of some names that nothing else in it uses, one text
    for each of several lists of names."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [source] * len(several)
    named = set(chain.from_iterable(several))
    functions = [
        n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name in named
    ]
    uses = _uses(tree)
    # Those that nothing but the function itself speaks of.
    functions = [n for n in functions if uses[n.name] == _uses(n)[n.name]]
    lines = source.split("\n")
    return ["\n".join(_passing_over(functions, set(names), lines)) for names in several]


def _passing_over(
    functions: Iterable[ast.FunctionDef | ast.ClassDef],
    names: Collection[str],
    lines: Sequence[str],
) -> list[str]:
    left = list(lines)
    for function in functions:
        if function.name in names:
            start = min([function.lineno, *(each.lineno for each in function.decorator_list)])
            assert function.end_lineno is not None
            left[start - 1 : function.end_lineno] = [
                "pass",
                *[""] * (function.end_lineno - start),
            ]
    return left


def _uses(tree: ast.AST) -> Counter[str]:
    """How often each name stands in a tree."""
    return Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
