"""Which of a notebook's statements an answer needs, by the names that they give and take.

A notebook holds more than an answer: other exercises, earlier attempts, trying things out. From
the functions that an exercise asks for, follow the names that they use to the statements that give
those names a value, and so on. What a later definition has replaced counts only for what ran
before it did. Where names are looked up by other means (`globals`, `eval`), everything is needed.
"""

import ast
import builtins
import symtable
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

MOST_STEPS = 1_000_000  # of a text that takes more, everything is kept

_DYNAMIC = {"eval", "exec", "globals", "locals", "vars"}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ALIASED = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Effect:
    """What one statement of a module has to do with the module's names.

    It gives a value to `binds`, and changes in place what `changes` hold. It takes `uses` at some
    time, and of those `at_once` when the module is loaded: a function's body runs later. With
    `replaces`, what the names held before does not matter any more.
    """

    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    at_once: frozenset[str] = frozenset()
    replaces: bool = False
    imports_all: bool = False


def effect(node: ast.stmt, text: str) -> Effect:
    """The effect of a top-level statement, whose own text is `text`."""
    if _imports_all(node):
        return Effect(imports_all=True)
    with warnings.catch_warnings(action="ignore"):  # the worker will see them
        table = symtable.symtable(text, "<cell>", "exec")
    changes = frozenset(_changed(node))
    taken = frozenset(s.get_name() for s in table.get_symbols() if s.is_referenced()) | changes
    uses = taken.union(*map(_taken_inside, table.get_children()))
    runs_later = isinstance(node, _FUNCTIONS) and not node.decorator_list
    return Effect(
        binds=frozenset(
            s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()
        ),
        changes=changes,
        uses=uses,
        at_once=taken if runs_later else uses,
        replaces=_replaces(node) and not changes,
    )


def needed(
    effects: Sequence[Effect],
    roots: Iterable[str],
    *,
    lent: AbstractSet[int] = frozenset(),
    stale: AbstractSet[int] = frozenset(),
) -> set[int]:
    """The indices of the statements, in the order of the module, that `roots` need.

    A statement that is `lent` gives only names that no other does. One that is `stale` is there no
    more: it counts for what ran before its successor, in names that are still there.
    """
    givers = _givers(effects, lent, stale)
    end = len(effects)
    found: set[int] = set()
    demands = [(name, end) for name in roots]
    seen = set(demands)
    steps = 0
    while demands:
        name, time = demands.pop()
        gone = stale if time == end else frozenset[int]()
        for index in _giving(effects, name, givers.get(name, []), time, gone):
            steps += 1
            each = effects[index]
            if steps > MOST_STEPS or any(
                used in _DYNAMIC and used not in givers for used in each.uses
            ):
                return set(range(end)) - lent - stale
            found.add(index)
            # What a function uses, it uses when it is called: then, or at any later time.
            asked = {(used, when) for used in each.uses for when in (time, end)}
            asked |= {(used, index) for used in each.at_once}
            steps += len(asked)
            demands += asked - seen
            seen |= asked
    if any(name not in givers and not hasattr(builtins, name) for name, _ in seen):
        found |= {i for i, each in enumerate(effects) if each.imports_all and i not in stale}
    return found


def _givers(
    effects: Sequence[Effect], lent: AbstractSet[int], stale: AbstractSet[int]
) -> dict[str, list[int]]:
    """For each name the statements that bind or change it, in order."""
    own, others = set[str](), set[str]()
    for index, each in enumerate(effects):
        if index not in stale:
            (others if index in lent else own).update(each.binds)
    givers: dict[str, list[int]] = {}
    for index, each in enumerate(effects):
        for name in each.binds | each.changes:
            if index in stale and name not in own and name not in others:
                continue
            if index not in lent or name not in own:
                givers.setdefault(name, []).append(index)
    return givers


def _giving(
    effects: Sequence[Effect], name: str, givers: list[int], time: int, gone: AbstractSet[int]
) -> Iterator[int]:
    """Those of `givers` that what a name holds at `time` comes from, the last one first; what one
    that takes the name itself needs is not followed here."""
    for place in range(bisect_left(givers, time) - 1, -1, -1):
        index = givers[place]
        if index not in gone:
            yield index
            if effects[index].replaces or name in effects[index].at_once:
                return


def _imports_all(node: ast.stmt) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def _taken_inside(table: symtable.SymbolTable) -> set[str]:
    """The module's names that a function or a class uses."""
    # In a class a name may be looked up in the module although the class binds it too.
    every = table.get_type() == "class"
    own = {s.get_name() for s in table.get_symbols() if s.is_global() or every}
    return own.union(*map(_taken_inside, table.get_children()))


def _changed(node: ast.AST) -> Iterator[str]:
    """The names whose value is changed in place: `x[0] = 1`, `x.a = 1`, `x += 1`."""
    if isinstance(node, (*_FUNCTIONS, ast.Lambda)):
        return
    if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store):
        target: ast.AST = node
        while isinstance(target, ast.Attribute | ast.Subscript):
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    for child in ast.iter_child_nodes(node):
        yield from _changed(child)


def _replaces(node: ast.stmt) -> bool:
    if isinstance(node, ast.AnnAssign):
        return node.value is not None
    return isinstance(node, (*_FUNCTIONS, *_ALIASED, ast.ClassDef, ast.Assign))
