"""Which of a notebook's statements an answer needs, by the names that they give and take.

A notebook holds more than an answer: other exercises, earlier attempts, trying things out. From
the functions that an exercise asks for, follow the names that they use to the statements that give
those names a value or change it, and so on. What a later definition has replaced counts only for
what ran before it did. Where names are looked up by other means (`globals`, `eval`), all that
defines something is needed.

A statement that holds others (`for`, `with`, `if`, `try`, ...) is taken apart: of what is in it
only the needed counts. Its parts may run in any order and any number of times, so to each other
they are one moment.
"""

import ast
import builtins
import symtable
import warnings
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from grader.submission.notebook.changes import FUNCTIONS, GRADIENTS, Notebook, facts_of

MOST_STEPS = 1_000_000  # of a text that takes more, everything is kept
MOST_PARTS = 200  # of one statement that is taken apart

_DYNAMIC = {"eval", "exec", "globals", "locals", "vars"}
_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.TryStar, ast.Match)
_CONTROL = (ast.Break, ast.Continue, ast.Raise, ast.Pass)


@dataclass(frozen=True)
class Effect:
    """What one statement of a module has to do with the module's names.

    It gives a value to `binds`, and changes in place what `changes` hold. It takes `uses` at some
    time, and of those `at_once` when the module is loaded: a function's body runs later. What the
    names in `replaces` held before does not matter any more. `gives_any`: it may give a value to
    any name, as a star import does, or `exec`.
    """

    binds: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    at_once: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    imports_all: bool = False
    gives_any: bool = False


@dataclass(frozen=True)
class Unit:
    """A statement, a part of one that is taken apart, or the head of a block in it.

    `statement` is the number of the whole in the module, and `heads` those of the units that stand
    at the head of the blocks around it. `always`: it goes with the whole, whatever it gives.
    `is_certain`: it defines something by its form.
    """

    statement: int
    node: ast.stmt
    effect: Effect
    heads: tuple[int, ...] = ()
    always: bool = False
    is_part: bool = False
    is_certain: bool = False


def units_of(
    statement: int,
    node: ast.stmt,
    text: str,
    notebook: Notebook,
    first: int,
    *,
    is_certain: bool = False,
) -> list[Unit]:
    """A top-level statement, whose own text is `text`, in its parts. `first` is the number that the
    first of these units gets."""
    if not isinstance(node, _BLOCKS) or _is_large(node):
        whole = effect(node, text, notebook)
        return [Unit(statement, node, whole, is_certain=is_certain)]
    found: list[Unit] = []

    def take(each: ast.stmt, heads: tuple[int, ...], *, always: bool) -> None:
        is_block = isinstance(each, _BLOCKS)
        if is_block:
            known = _of_head(each, notebook)
        elif isinstance(each, _CONTROL):
            known = _of_expressions(ast.iter_child_nodes(each), notebook)
        else:
            known = effect(each, ast.unparse(each), notebook)
        replaces = frozenset(_definite([node])) - known.changes if each is node else frozenset()
        found.append(
            Unit(
                statement,
                each,
                replace(known, replaces=replaces),
                heads,
                always or isinstance(each, _CONTROL),
                is_part=True,
                is_certain=is_certain,
            )
        )
        if is_block:
            inside = (*heads, first + len(found) - 1)
            together = always or _goes_together(each)
            for inner in _inside(each):
                take(inner, inside, always=together or is_elif(each, inner))

    take(node, (), always=False)
    return found


def effect(node: ast.stmt, text: str, notebook: Notebook) -> Effect:
    """The effect of a statement as a whole, whose own text is `text`."""
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return Effect(imports_all=True, gives_any=True)
    with warnings.catch_warnings(action="ignore"):  # the worker will see them
        table = symtable.symtable(text, "<cell>", "exec")
    facts = facts_of([node], notebook)
    gives, changed = notebook.outcome(facts)
    changes = frozenset(changed)
    taken = frozenset(s.get_name() for s in table.get_symbols() if s.is_referenced()) | changes
    if facts.takes_gradients or _reads_gradient(node):
        taken |= {GRADIENTS}
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    replaces = set(_definite([node])) - changes
    if isinstance(node, ast.Delete):
        # What is deleted at the end is no longer wanted by its author, but perhaps by the answer.
        # `del sum` gives a name of Python's own its meaning back.
        deleted = {target.id for target in node.targets if isinstance(target, ast.Name)}
        binds = replaces = {name for name in deleted if hasattr(builtins, name)}
        taken |= binds
    uses = taken.union(*map(_taken_inside, table.get_children()))
    runs_later = isinstance(node, FUNCTIONS) and not node.decorator_list
    return Effect(
        binds=frozenset(binds | gives),
        changes=changes,
        uses=uses,
        at_once=taken if runs_later else uses,
        replaces=frozenset(replaces),
        gives_any=_gives_any(node),
    )


def needed(
    units: Sequence[Unit],
    roots: Iterable[str],
    *,
    lent: AbstractSet[int] = frozenset(),
    stale: AbstractSet[int] = frozenset(),
    kept: AbstractSet[int] = frozenset(),
) -> set[int]:
    """The indices of the units, in the order of the module, that `roots` need.

    A unit that is `lent` gives only names that no other does. One that is `stale` is there no more:
    it counts for what ran before its successor, in names that are still there and that it gave
    anew. One that is `kept` is needed in any case.
    """
    return _Search(units, lent, stale).needed(roots, kept)


class _Search:
    def __init__(
        self, units: Sequence[Unit], lent: AbstractSet[int], stale: AbstractSet[int]
    ) -> None:
        self._units = units
        self._lent = lent
        self._stale = stale
        self._end = units[-1].statement + 1 if units else 0
        self._replaced: dict[int, frozenset[str]] = defaultdict(frozenset)
        self._always: dict[int, list[int]] = defaultdict(list)
        for index, unit in enumerate(units):
            self._replaced[unit.statement] |= unit.effect.replaces
            if unit.always:
                self._always[unit.statement].append(index)
        self._givers = self._all_givers()
        self._found: set[int] = set()
        self._demands: list[tuple[str, float]] = []
        self._seen: set[tuple[str, float]] = set()
        self._taken: set[tuple[int, float]] = set()
        self._steps = 0

    def needed(self, roots: Iterable[str], kept: AbstractSet[int]) -> set[int]:
        """See the function of that name."""
        self._ask((name, self._end) for name in roots)
        for index in kept:
            self._take(index, self._end)
        if not self._follow():
            return self._everything()
        names = {n for n, _ in self._seen if n.isidentifier() and not n.startswith("__")}
        if any(name not in self._givers and not hasattr(builtins, name) for name in names):
            for index, unit in enumerate(self._units):
                if unit.effect.gives_any and index not in self._stale:
                    self._take(index, self._end)  # a part of a loop with the loop around it
                    if not self._follow() or not unit.effect.imports_all:
                        return self._everything()
        return self._found

    def _follow(self) -> bool:
        """Take what is asked for; False where nobody can tell what that is."""
        while self._demands:
            name, time = self._demands.pop()
            for index in self._giving(name, time):
                self._take(index, time)
                if self._steps > MOST_STEPS or self._looks_names_up(index):
                    return False
        return True

    def _everything(self) -> set[int]:
        certain = {index for index, unit in enumerate(self._units) if unit.is_certain}
        return self._found | (certain - self._lent - self._stale)

    def _looks_names_up(self, index: int) -> bool:
        uses = self._units[index].effect.uses
        return any(used in _DYNAMIC and used not in self._givers for used in uses)

    def _ask(self, demands: Iterable[tuple[str, float]]) -> None:
        new = set(demands) - self._seen
        self._demands += new
        self._seen |= new

    def _take(self, index: int, time: float) -> None:
        """Have a unit, what it needs, and what goes with it."""
        unit = self._units[index]
        together = self._always[unit.statement] if unit.is_part else ()
        for each in (index, *unit.heads, *together):
            if (each, time) in self._taken:
                continue
            self._taken.add((each, time))
            self._found.update((each, *self._units[each].heads))
            known = self._units[each].effect
            # What a function uses, it uses when it is called: then, or at any later time.
            asked = {(used, when) for used in known.uses for when in (time, self._end)}
            # Among the parts of one statement any may have run before any other.
            now = unit.statement + (0.5 if unit.is_part else 0)
            asked |= {(used, now) for used in known.at_once}
            self._steps += len(asked) + 1
            self._ask(asked)
            if each != index:
                for head in self._units[each].heads:
                    self._take(head, time)

    def _all_givers(self) -> dict[str, list[int]]:
        """For each name the units that bind or change it, in order."""
        own, others = set[str](), set[str]()
        for index, unit in enumerate(self._units):
            if index not in self._stale:
                (others if index in self._lent else own).update(unit.effect.binds)
        givers: dict[str, list[int]] = {}
        for index, unit in enumerate(self._units):
            for name in unit.effect.binds | unit.effect.changes:
                if index in self._stale and name not in own and name not in others:
                    continue
                if index not in self._lent or name not in own:
                    givers.setdefault(name, []).append(index)
        return givers

    def _giving(self, name: str, time: float) -> Iterator[int]:
        """The units that what a name holds at `time` comes from, the last one first; what one that
        takes the name itself needs is not followed here."""
        givers = self._givers.get(name, [])
        end = bisect_left(givers, time, key=lambda index: self._units[index].statement)
        last: int | None = None  # the statement before which nothing matters
        for index in reversed(givers[:end]):
            unit = self._units[index]
            if last is not None and unit.statement != last:
                return
            replaces = name in self._replaced[unit.statement]
            if index in self._stale and (time == self._end or not replaces):
                continue  # what changed something in place did so again when it ran anew
            yield index
            is_settled = replaces or (not unit.is_part and name in unit.effect.at_once)
            if is_settled and time != unit.statement + 0.5:
                last = unit.statement


# The parts of a statement


def inside_of(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that a block holds directly, in order; none where it is no block."""
    return _inside(node) if isinstance(node, _BLOCKS) else iter(())


def is_elif(node: ast.stmt, inner: ast.stmt) -> bool:
    """Whether `inner` is the `elif` of the `if` that `node` is: it goes on with it."""
    return (
        isinstance(node, ast.If)
        and node.orelse == [inner]
        and isinstance(inner, ast.If)
        and inner.col_offset == node.col_offset
    )


def _inside(node: ast.AST) -> Iterator[ast.stmt]:
    match node:
        case ast.Match(_, cases):
            for case in cases:
                yield from case.body
        case ast.Try() | ast.TryStar():
            yield from node.body
            for handler in node.handlers:
                yield from handler.body
            yield from (*node.orelse, *node.finalbody)
        case ast.With():
            yield from node.body
        case ast.If() | ast.For() | ast.While():
            yield from (*node.body, *node.orelse)


def _is_large(node: ast.stmt) -> bool:
    todo, count = [node], 0
    while todo and count <= MOST_PARTS:
        count += 1
        todo += inside_of(todo.pop())
    return count > MOST_PARTS


def _goes_together(node: ast.stmt) -> bool:
    """Whether each part of a block may keep others from running, and so none can be left out."""
    if isinstance(node, ast.With):
        return any("suppress" in ast.unparse(item.context_expr) for item in node.items)
    return isinstance(node, ast.Try | ast.TryStar)


def _of_head(node: ast.stmt, notebook: Notebook) -> Effect:
    """The effect of what stands at the head of a block, and between its parts."""
    match node:
        case ast.If(test) | ast.While(test):
            return _of_expressions([test], notebook)
        case ast.For(target, iterated):
            return _of_expressions([iterated, target], notebook)
        case ast.With(items):
            return _of_expressions(items, notebook)
        case ast.Try(_, handlers) | ast.TryStar(_, handlers):
            return _of_expressions((each.type for each in handlers if each.type), notebook)
        case ast.Match(subject, cases):
            return _of_expressions([subject, *(c.pattern for c in cases),
                                    *(c.guard for c in cases if c.guard)], notebook)  # fmt: skip
    raise AssertionError(node)


def _of_expressions(nodes: Iterable[ast.AST], notebook: Notebook) -> Effect:
    every = list(nodes)
    inside = [node for each in every for node in ast.walk(each)]
    names = [node for node in inside if isinstance(node, ast.Name)]
    captured = {name for node in inside for each in ("name", "rest")
                if isinstance(name := getattr(node, each, None), str)}  # fmt: skip
    gives, changes = notebook.outcome(facts_of(every, notebook))
    uses = frozenset(node.id for node in names if isinstance(node.ctx, ast.Load)) | changes
    stored = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    return Effect(
        binds=frozenset(stored | gives | captured),
        changes=frozenset(changes),
        uses=uses,
        at_once=uses,
    )


def _definite(nodes: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that have a new value after these statements, whatever happened in them."""
    for node in nodes:
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
                yield name
            case ast.Import(names) | ast.ImportFrom(_, names):
                # `import a.b` adds to what an `import a.c` gave.
                yield from (n.asname or n.name for n in names if n.asname or "." not in n.name)
            case ast.Assign(targets):
                yield from (name for target in targets for name in _stored(target))
            case ast.AnnAssign(target, _, value) if value is not None:
                yield from _stored(target)
            case ast.Expr(ast.NamedExpr(ast.Name(name))):
                yield name
            case ast.With(items, body) if not _goes_together(node):
                for item in items:
                    yield from _stored(item.optional_vars) if item.optional_vars else ()
                yield from _definite(body)
            case ast.If(_, body, orelse):
                yield from set(_definite(body)).intersection(_definite(orelse))
            case ast.Try(body, handlers, orelse, final) | ast.TryStar(
                body, handlers, orelse, final
            ):
                ways = [set(_definite([*body, *orelse]))]
                ways += [set(_definite(each.body)) for each in handlers]
                yield from set.intersection(*ways)
                yield from _definite(final)


def _stored(target: ast.expr) -> Iterator[str]:
    match target:
        case ast.Name(name):
            yield name
        case ast.Tuple(parts) | ast.List(parts):
            for part in parts:
                yield from _stored(part)
        case ast.Starred(inner):
            yield from _stored(inner)


def _taken_inside(table: symtable.SymbolTable) -> set[str]:
    """The module's names that a function or a class uses."""
    # In a class a name may be looked up in the module although the class binds it too.
    every = table.get_type() == "class"
    own = {s.get_name() for s in table.get_symbols() if s.is_global() or every}
    return own.union(*map(_taken_inside, table.get_children()))


def _reads_gradient(node: ast.stmt) -> bool:
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return False
    return any(isinstance(each, ast.Attribute) and each.attr == "grad" for each in ast.walk(node))


def _gives_any(node: ast.stmt) -> bool:
    """Whether it gives names a value that only show when it runs: `exec(...)`,
    `globals()["T"] = 1`, `setattr(sys.modules[__name__], "T", 1)`."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return False
    for each in ast.walk(node):
        match each:
            case ast.Call(ast.Name("exec")):
                return True
            case (
                ast.Subscript(ast.Call(ast.Name("globals" | "locals" | "vars"), []), _, ast.Store())
                | ast.Call(ast.Attribute(ast.Call(ast.Name("globals" | "locals" | "vars"), [])))
            ):  # fmt: skip
                return True
            case ast.Subscript(ast.Attribute(_, "modules"), ast.Name("__name__")):
                return True
    return False
