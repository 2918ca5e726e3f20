"""Mutate a reference solution mechanically: every mutant is a wrong answer, or says why it is not.

A mutant differs from the reference in one place. The operators are those of the mutation-testing
literature (arithmetic, comparison, constants, dropped terms and statements) and some that deep
learning adds: swapped activations, gate blocks in another order, a detached tensor, lost digits.
"""

import ast
import copy
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from grader.errors import UsageError

EQUIVALENT = "equivalent.toml"
MUTANTS, TRAPS = "mutants", "traps"  # the tables in it
T = TypeVar("T")


@dataclass(frozen=True)
class Mutant:
    """One changed statement of a reference solution; `source` is the whole file with the change.

    `operator` names what was done: a function of this module, such as `dropped_statement`.
    """

    operator: str
    line: int
    before: str
    after: str
    source: str


@dataclass(frozen=True)
class Equivalent:
    """A declared change that leaves an answer right, and why.

    It names one change, by the statement `before` and `after`, or all of an `operator`.
    """

    reason: str
    before: str = ""
    after: str = ""
    operator: str = ""

    def covers(self, mutant: Mutant) -> bool:
        """Whether this declaration speaks of `mutant`."""
        if self.operator:
            return self.operator == mutant.operator
        return (self.before, self.after) == (mutant.before, mutant.after)

    def __str__(self) -> str:
        return f"operator {self.operator}" if self.operator else f"{self.before}  ->  {self.after}"


def declared(room: Path) -> list[Equivalent]:
    """The mutants that an exercise's room declares equivalent. UsageError where it cannot be read.

    They stand in `equivalent.toml` as tables `[[mutants]]` with `reason`, and `before` and `after`
    or `operator`.
    """
    return declarations(room, MUTANTS, Equivalent)


def declarations(room: Path, table: str, kind: type[T]) -> list[T]:
    """What `equivalent.toml` in a room has of one of its two tables, each entry as a `kind`; empty
    where there is no such file. UsageError where it cannot be read."""
    path = room / EQUIVALENT
    if not path.is_file():
        return []
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        if not content or content.keys() - {MUTANTS, TRAPS}:
            raise KeyError(f"it has {', '.join(content) or 'nothing'}")
        return [kind(**entry) for entry in content.get(table, [])]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}",
            "It is a list of tables [[mutants]] with reason, before and after, and of tables"
            " [[traps]] with where and reason.",
        ) from None


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a solution, in the order of its lines, each text once."""
    tree = ast.parse(source)
    same = ast.unparse(tree) + "\n"
    found: dict[str, Mutant] = {}
    owners: list[ast.Module | ast.ClassDef] = [tree]
    owners += [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for function in chain.from_iterable(owner.body for owner in owners):
        if isinstance(function, ast.FunctionDef):
            for place, statement in _places(function):
                before = _head(statement)
                for operator, after, text in _variants(place, statement, tree, function):
                    mutant = Mutant(operator, statement.lineno, before, after, text)
                    if text != same:
                        found.setdefault(text, mutant)
    return sorted(found.values(), key=lambda mutant: mutant.line)


# --- places ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """Where a node stands: the field of its parent, and the index where that is a list."""

    parent: ast.AST
    field: str
    index: int | None

    @property
    def node(self) -> ast.AST:
        value = getattr(self.parent, self.field)
        node: ast.AST = value if self.index is None else value[self.index]
        return node

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _places(function: ast.FunctionDef) -> Iterator[tuple[_Place, ast.stmt]]:
    """Every node of a function that a mutant may change, with the statement that it belongs to."""
    todo: list[tuple[ast.AST, ast.stmt]] = [(function, function)]
    while todo:
        parent, statement = todo.pop(0)
        for field, value in ast.iter_fields(parent):
            if field in {"annotation", "returns", "decorator_list"}:
                continue
            nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
            for index, node in nodes:
                if not isinstance(node, ast.AST) or _is_docstring(node):
                    continue
                own = node if isinstance(node, ast.stmt) else statement
                yield _Place(parent, field, index), own
                if not isinstance(node, ast.Raise):  # what an error says is not graded
                    todo.append((node, own))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _head(statement: ast.AST) -> str:
    """A statement as one line: of a compound one, its head."""
    return ast.unparse(statement).split("\n")[0]


def _variants(
    place: _Place, statement: ast.stmt, tree: ast.Module, function: ast.FunctionDef
) -> Iterator[tuple[str, str, str]]:
    """For each change at `place`: the operator, the statement after it, the whole text."""
    original = place.node
    parameters = [argument.arg for argument in function.args.args]
    for mutate in MUTATIONS:
        for variant in mutate(place, parameters):
            place.put(variant)
            try:
                after = variant if original is statement else statement
                text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
                yield mutate.__name__.strip("_"), _head(after), text
            finally:
                place.put(original)


# --- what may go wrong ----------------------------------------------------------------------------

Mutation = Callable[[_Place, list[str]], Iterator[ast.AST]]
MUTATIONS: list[Mutation] = []


def _mutation(function: Mutation) -> Mutation:
    MUTATIONS.append(function)
    return function


def _changed(node: ast.AST, **fields: Any) -> Any:
    """A copy of `node` with other fields."""
    result = copy.copy(node)
    for name, value in fields.items():
        setattr(result, name, value)
    return result


ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@_mutation
def _arithmetic(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """Another arithmetic operator, or one of its two sides alone."""
    node = place.node
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in ARITHMETIC:
        yield _changed(node, op=ARITHMETIC[type(node.op)]())
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right


COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}


@_mutation
def _comparison(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """Another comparison, at its edge or the other way round."""
    node = place.node
    if isinstance(node, ast.Compare):
        for other in COMPARISONS[type(node.ops[0])]:
            yield _changed(node, ops=[other(), *node.ops[1:]])


@_mutation
def _logic(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """`and` for `or`, an operand alone, a sign or a negation left out."""
    node = place.node
    if isinstance(node, ast.BoolOp):
        yield _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        yield from node.values
    if isinstance(node, ast.UnaryOp):
        yield node.operand


@_mutation
def _constant(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A number that is one more or less, twice as large or nought; the other truth value."""
    node = place.node
    if not isinstance(node, ast.Constant) or isinstance(place.parent, ast.JoinedStr):
        return
    match node.value:
        case bool():
            yield ast.Constant(not node.value)
        case int():
            yield ast.Constant(node.value + 1)
            yield ast.Constant(node.value - 1)
        case float():
            yield ast.Constant(2 * node.value if node.value else 1.0)
            yield ast.Constant(0.0)
        case str():
            yield ast.Constant(node.value + "_")


@_mutation
def _changed_arguments(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """Neighbouring arguments swapped, one of them left out, `min` for `max` among the named."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    for index in range(len(node.args) - 1):
        yield _changed(node, args=_swapped(node.args, index))
    if len(node.args) > 1:
        yield _changed(node, args=node.args[:-1])
    for index, keyword in enumerate(node.keywords):
        others = [other for other in node.keywords if other is not keyword]
        yield _changed(node, keywords=others)
        if turned := {"min": "max", "max": "min"}.get(keyword.arg or ""):
            keywords = list(node.keywords)
            keywords[index] = _changed(keyword, arg=turned)
            yield _changed(node, keywords=keywords)


@_mutation
def _swapped_items(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """Neighbours of a tuple or a list swapped: unpacked blocks, returned values, indices, axes."""
    node = place.node
    if isinstance(node, ast.Tuple | ast.List):
        for index in range(len(node.elts) - 1):
            yield _changed(node, elts=_swapped(node.elts, index))


def _swapped(items: list[Any], index: int) -> list[Any]:
    return [*items[:index], items[index + 1], items[index], *items[index + 2 :]]


ALIKE: dict[str, tuple[str, ...]] = {
    "sigmoid": ("tanh",),
    "tanh": ("sigmoid",),
    "relu": ("sigmoid", "abs"),
    "sin": ("cos",),
    "cos": ("sin",),
    "exp": ("expm1",),
    "log": ("log1p",),
    "softmax": ("log_softmax", "sigmoid"),
    "log_softmax": ("softmax",),
    "sum": ("mean", "prod"),
    "mean": ("sum",),
    "max": ("min",),
    "min": ("max",),
    "amax": ("amin",),
    "amin": ("amax",),
    "argmax": ("argmin",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "var": ("std",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "new_zeros": ("new_ones",),
    "new_ones": ("new_zeros",),
    "stack": ("cat",),
    "cat": ("stack",),
    "tril": ("triu",),
    "triu": ("tril",),
    "any": ("all",),
    "all": ("any",),
    "normal_": ("uniform_",),
    "randn": ("rand",),
}


@_mutation
def _other_call(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A function that is easily taken for another, or is not called at all."""
    node = place.node
    if not isinstance(node, ast.Call):
        return
    callee = node.func
    if isinstance(callee, ast.Attribute):
        for other in ALIKE.get(callee.attr, ()):
            yield _changed(node, func=_changed(callee, attr=other))
        if not _is_module(callee.value):
            yield callee.value
    elif isinstance(callee, ast.Name):
        for other in ALIKE.get(callee.id, ()):
            yield _changed(node, func=_changed(callee, id=other))
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]


def _is_module(node: ast.AST) -> bool:
    return "torch" in ast.unparse(node) or ast.unparse(node) in {"math", "itertools", "F"}


@_mutation
def _untransposed(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A matrix that is not transposed."""
    node = place.node
    if isinstance(node, ast.Attribute) and node.attr in {"T", "mT", "H", "mH"}:
        yield node.value


@_mutation
def _other_parameter(place: _Place, parameters: list[str]) -> Iterator[ast.AST]:
    """The next parameter in place of this one."""
    node = place.node
    if (
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Load)
        and node.id in parameters
        and len(parameters) > 1
    ):
        after = parameters[(parameters.index(node.id) + 1) % len(parameters)]
        yield ast.Name(after, ast.Load())


@_mutation
def _other_slice(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A slice that begins or ends elsewhere, or takes every element."""
    node = place.node
    if isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part) is not None:
                yield _changed(node, **{part: None})


@_mutation
def _other_rounds(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A loop that runs backwards, misses its first or its last round, or ignores its condition."""
    node = place.node
    if isinstance(node, ast.For | ast.comprehension):
        rounds = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
        for text in ("[::-1]", "[1:]", "[:-1]"):
            subscript = ast.parse(f"_{text}", mode="eval").body
            assert isinstance(subscript, ast.Subscript)
            yield _changed(node, iter=_changed(subscript, value=rounds))
    if isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield _changed(node, ifs=[other for other in node.ifs if other is not condition])


@_mutation
def _condition(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A condition that is always or never met."""
    node = place.node
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    if isinstance(node, ast.If | ast.While):
        yield _changed(node, test=ast.Constant(False))
    if isinstance(node, ast.If):
        yield _changed(node, test=ast.Constant(True))


@_mutation
def _dropped_statement(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A statement that is left out."""
    node = place.node
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Raise | ast.Return):
        yield ast.Pass()
    if isinstance(node, ast.Continue):
        yield ast.Break()
    if isinstance(node, ast.Break):
        yield ast.Continue()


@_mutation
def _detached(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A computed value that no gradient passes."""
    yield from _computed(place, lambda value: ast.Call(_attribute(value, "detach"), [], []))


@_mutation
def _rounded(place: _Place, _: list[str]) -> Iterator[ast.AST]:
    """A computed value that has lost half of its digits on the way, and has its dtype again."""
    rounding = ast.parse("(lambda value: value.float().to(value.dtype))", mode="eval").body
    yield from _computed(place, lambda value: ast.Call(rounding, [value], []))


def _attribute(value: ast.expr, name: str) -> ast.Attribute:
    return ast.Attribute(value, name, ast.Load())


def _computed(place: _Place, change: Callable[[ast.expr], ast.expr]) -> Iterator[ast.AST]:
    """An assignment or a return with `change` made to its value, or to one of several."""
    node = place.node
    if not isinstance(node, ast.Assign | ast.Return):
        return
    kinds = ast.BinOp | ast.Call | ast.Name | ast.Subscript | ast.Attribute
    if isinstance(node.value, kinds):
        yield _changed(node, value=change(node.value))
    elif isinstance(node.value, ast.Tuple):
        items = node.value.elts
        for index, item in enumerate(items):
            if isinstance(item, kinds):
                changed = [*items[:index], change(item), *items[index + 1 :]]
                yield _changed(node, value=_changed(node.value, elts=changed))
