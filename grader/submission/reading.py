"""What the text of a submission alone says, found within limits: here it is parsed for a verdict.

A process of its own reads it (`grader.submission.limited`), and answers in plain values.
"""

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from grader.course.stubs import not_started
from grader.submission import limited, policy
from grader.submission.policy import Violation
from grader.submission.text import Submission, definitions


@dataclass(frozen=True)
class Reading:
    """What reading a submission found: at most one of these, the first in this order."""

    is_too_much: bool = False  # reading it takes more than is given
    is_too_deep: bool = False  # Python's parser gives up
    syntax_error: tuple[int, str] | None = None  # its line and Python's words for it
    is_not_started: bool = False
    violation: Violation | None = None
    stub: str = ""  # the module that goes along, another exercise's answer that nobody has begun
    definitions: Mapping[str, int] = field(default_factory=dict)  # lines of functions, by name
    # The same of those that only a program has: below `if __name__ == "__main__":`.
    in_main: Mapping[str, int] = field(default_factory=dict)
    # Which of the functions asked for each of them may call, itself or by others of the file.
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict)


# What another exercise asks for, and what it forbids.
Contract = tuple[Sequence[str], Sequence[str]]


def read(
    submission: Submission,
    functions: Sequence[str],
    forbidden: Sequence[str],
    uses: Mapping[str, Contract] = MappingProxyType({}),
) -> Reading:
    """Read a submission to an exercise that asks for `functions`, and methods of classes such as
    `JANET.forward`, and forbids the names.

    A module that goes along under a name of `uses` is the answer to another exercise, and held to
    that one's contract.
    """
    if submission.is_too_much:
        return Reading(is_too_much=True)
    modules = [
        (module.name, module.source, offset)
        for module, offset in zip(submission.modules, submission.offsets, strict=True)
    ]
    try:
        contracts = {name: list(map(list, contract)) for name, contract in uses.items()}
        found = limited.ask(
            _found, submission.source, list(functions), list(forbidden), modules, contracts
        )
    except limited.TakesTooMuch:
        return Reading(is_too_much=True)
    if found["syntax_error"] is not None:
        found["syntax_error"] = tuple(found["syntax_error"])
    if found["violation"] is not None:
        found["violation"] = Violation(*found["violation"])
    return Reading(**found)


def _found(
    source: str,
    functions: Sequence[str],
    forbidden: Sequence[str],
    modules: Sequence[tuple[str, str, int]] = (),
    contracts: Mapping[str, Contract] = MappingProxyType({}),
) -> dict[str, Any]:
    """The fields of a `Reading`, as JSON has them; `modules` are the names and texts of those that
    go with the submission, each with the number before its first line."""
    found: dict[str, Any] = {"syntax_error": None, "violation": None}
    try:
        tree = ast.parse(source, feature_version=sys.version_info[:2])
    except SyntaxError as error:
        return {**found, "syntax_error": (error.lineno or 1, error.msg)}
    except (ValueError, RecursionError, MemoryError):
        return {**found, "is_too_deep": True}
    found["definitions"] = definitions(tree)
    found["in_main"] = _in_main(tree)
    found["uses"] = uses(tree, list(dict.fromkeys(n.partition(".")[0] for n in functions)))
    if not_started(tree, functions):
        return {**found, "is_not_started": True}
    for first in policy.violations(tree, forbidden)[:1]:
        found["violation"] = (first.line, first.name, first.reason)
        return found
    for name, text, _ in modules:
        if name in contracts and (own := _tree(text)) and not_started(own, contracts[name][0]):
            return {**found, "stub": name}
    for first in _violations_of_modules(tree, forbidden, modules, contracts)[:1]:
        found["violation"] = (first.line, first.name, first.reason)
    return found


def _in_main(tree: ast.Module) -> dict[str, int]:
    """The functions and classes that stand below `if __name__ == "__main__":`, with their lines."""
    guards = (n for n in tree.body if isinstance(n, ast.If) and policy.is_main_guard(n.test))
    return {
        node.name: node.lineno
        for guard in guards
        for node in guard.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _violations_of_modules(
    main: ast.Module,
    forbidden: Sequence[str],
    modules: Sequence[tuple[str, str, int]],
    contracts: Mapping[str, Contract],
) -> list[Violation]:
    """The uses of forbidden names in modules that go with a submission.

    A function that nothing speaks of is not looked at: an earlier exercise may allow in its answer
    what this one does not. Were it called all the same, the watch in the worker would see it.
    """
    trees = [
        (tree, offset, contracts[name][1] if name in contracts else ())
        for name, text, offset in modules
        if (tree := _tree(text)) is not None
    ]
    spoken = _mentions(main)
    functions: dict[ast.stmt, set[str]] = {}
    for tree, _, _ in trees:
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and not node.decorator_list:
                functions[node] = _mentions(node)
            else:
                spoken |= _mentions(node)
    unused = set(functions)
    while used := [node for node in unused if getattr(node, "name", "") in spoken]:
        for node in used:
            unused.remove(node)
            spoken |= functions[node]
    found = []
    for tree, offset, own in trees:
        spans = [(node.lineno, node.end_lineno or 0) for node in tree.body if node in unused]
        found += [
            Violation(offset + each.line, each.name, each.reason)
            for each in policy.violations(tree, [*forbidden, *own])
            if not any(first <= each.line <= last for first, last in spans)
        ]
    return found


def _mentions(tree: ast.AST) -> set[str]:
    """All words that a text could mean a function by."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(word) | ast.Attribute(_, word) | ast.alias(word):
                found.add(word)
            case ast.Constant(str(text)):
                found.update(text.split())
    return found


def _tree(text: str) -> ast.Module | None:
    """A module's text, parsed; None where it is no Python, which its import will say."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def uses(tree: ast.Module, names: Sequence[str]) -> dict[str, list[str]]:
    """For each of the functions of these names, the others among them that it mentions, in its own
    body or in those of functions that it mentions; those that mention none are left out."""
    mentioned = {
        node.name: {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    found = {}
    for name in names:
        reached: set[str] = set()
        pending = [name]
        while pending:
            for other in mentioned.get(pending.pop(), set()) - reached:
                reached.add(other)
                pending.append(other)
        if others := [each for each in names if each != name and each in reached]:
            found[name] = others
    return found


def is_untouched(source: str, functions: Sequence[str]) -> bool:
    """Whether a text is a stub that nobody has begun; what cannot be read is none."""
    try:
        return bool(limited.ask(_is_untouched_text, source, list(functions)))
    except limited.TakesTooMuch:
        return False


def _is_untouched_text(source: str, functions: Sequence[str]) -> bool:
    try:
        return not_started(ast.parse(source), functions)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
