"""What a submission must not use: torch's own answers to the exercise, found in its source.

A course lists them, per exercise, in one of two notations:

- `torch.nn.LSTMCell`, a Python name: this object and everything below it, under its other
  addresses too (`torch.nn.modules.rnn.LSTMCell`, `torch.ao.nn.quantizable.LSTMCell`);
- `aten::lstm_cell`, an operator: in every spelling that Python has for it (`torch.lstm_cell`,
  `torch._VF.lstm_cell`, `torch.ops.aten.lstm_cell.default`, `torch.nn.functional....`).

The last part may hold `*` and `?`, so that `aten::*lstm*` covers what the next torch adds.

This half reads source. It follows imports, aliases, and names put together from constants,
scope by scope, and judges only what it is sure of: a name with two possible meanings is left
to the watch in the worker (`grader.worker.tripwire`), which sees the call itself. Using a
name is a violation; importing it, or naming it in an annotation or below
`if __name__ == "__main__":`, is not, since none of these computes a result.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import TypeAlias

from grader.language import say


def usual_reason() -> str:
    """Why a name is forbidden where the course says nothing else."""
    return say("it does what this exercise asks you to write yourself")


@dataclass(frozen=True, order=True)
class Violation:
    """A use of a forbidden name: where, which, and a reason that completes "not allowed: ..."."""

    line: int  # 1-based, in the submission's source
    name: str  # as the source spells it, aliases resolved: "torch.nn.functional.conv2d"
    reason: str = field(default_factory=usual_reason)


def violations(
    tree: ast.Module, forbidden: Iterable[str] | Mapping[str, str]
) -> tuple[Violation, ...]:
    """The uses of `forbidden` names in `tree`, by line, each name once a line.

    `forbidden` holds the course's entries, or maps each to a reason of its own. An entry in
    neither notation is a `ValueError`; a strange tree is not an error.
    """
    rules = _Rules(forbidden)
    source = _Source(rules)
    source.read(tree)
    found = set()
    for node, scope in source.mentions:
        name = source.name_of(node, scope)
        if name is not None and (match := rules.match(name)) is not None:
            found.add(Violation(node.lineno, *match))
    return tuple(sorted(found))


# --- Names of torch, and the entries that cover them --------------------------------------------

_ENTRY = re.compile(r"torch(\.\w+)*\.[\w*?]+|\w+::[\w*?]+")

# Where Python finds an operator, and what its name there lacks of the operator's own.
_OPERATOR_HOMES = {
    "torch": "",
    "torch.Tensor": "",
    "torch.nn.functional": "",
    "torch._C._nn": "",
    "torch._C._VariableFunctions": "",
    "torch._C.TensorBase": "",
    "torch._VF": "",
    "torch._decomp.decompositions": "",
    "torch._refs": "",
    "torch._refs.nn.functional": "",
    "torch.fft": "fft_",
    "torch.linalg": "linalg_",
    "torch.special": "special_",
}

# Classes have one public address and some by which they can be had as well.
_SECOND_ADDRESSES = (
    (
        re.compile(
            r"torch\.(?:ao\.nn|nn\.(?:modules|qat|quantiz\w+|intrinsic))(?:\.[a-z]\w*)*"
            r"\.(?=_?[A-Z])"
        ),
        "torch.nn.",
    ),
    (re.compile(r"torch\.nn\.utils\.[a-z]\w*\.(?=\w)"), "torch.nn.utils."),
)


def _public(name: str) -> str:
    for address, public in _SECOND_ADDRESSES:
        if found := address.match(name):
            return public + name[found.end() :]
    return name


def _operator(name: str) -> str | None:
    """The operator that `name` would be, as "namespace::name", if such a name can be one."""
    home, _, last = name.rpartition(".")
    if home in _OPERATOR_HOMES:
        return f"aten::{_OPERATOR_HOMES[home]}{last}"
    if home.startswith("torch.ops."):
        return f"{home.removeprefix('torch.ops.')}::{last}"
    return None


class _Rules:
    def __init__(self, forbidden: Iterable[str] | Mapping[str, str]) -> None:
        if not isinstance(forbidden, Mapping):
            forbidden = dict.fromkeys(forbidden, usual_reason())
        self._rules: list[tuple[str, str | None, str]] = []
        for entry, reason in forbidden.items():
            if not _ENTRY.fullmatch(entry):
                problem = f'cannot read "{entry}": write it as torch.nn.Name or as aten::name'
                raise ValueError(problem)
            operator = entry if "::" in entry else _operator(entry)
            self._rules.append((entry, operator, reason))
        self.match = cache(self._match)

    def _match(self, name: str) -> tuple[str, str] | None:
        """The part of `name` that an entry covers, and why it is forbidden."""
        parts = name.split(".")
        if parts[0] != "torch":
            return None
        for end in range(2, len(parts) + 1):
            part = ".".join(parts[:end])
            addresses, operator = {part, _public(part)}, _operator(part)
            for entry, forbidden_operator, reason in self._rules:
                if any(_fits(address, entry) for address in addresses) or (
                    operator and forbidden_operator and fnmatchcase(operator, forbidden_operator)
                ):
                    return part, reason
        return None

    def leads_on(self, name: str) -> bool:
        """Whether `name` is forbidden or is on the way to what is."""
        below = f"{name}."
        homes = (*_OPERATOR_HOMES, "torch.ops.aten", "torch.nn.modules")
        return (
            self.match(name) is not None
            or any(entry.startswith(below) for entry, _, _ in self._rules)
            or any(home == name or home.startswith(below) for home in homes)
        )


def _fits(name: str, entry: str) -> bool:
    return name.count(".") == entry.count(".") and fnmatchcase(name, entry)


# --- Reading the source -------------------------------------------------------------------------

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Read = Callable[[ast.expr], str | None]

# What a name is bound to: what an import says ("torch.nn"), the expression assigned with the
# scope to read it in, or None for a value that the source does not show.
_Binding: TypeAlias = "str | tuple[ast.expr, _Scope] | None"


@dataclass(eq=False)
class _Scope:
    """The names bound in a module, class, function or comprehension (its `kind`)."""

    kind: str
    parent: "_Scope | None" = None
    bindings: dict[str, list[_Binding]] = field(default_factory=dict)
    elsewhere: "dict[str, _Scope]" = field(default_factory=dict)  # global and nonlocal names

    def bind(self, name: str, value: _Binding) -> None:
        self.elsewhere.get(name, self).bindings.setdefault(name, []).append(value)

    def outward(self) -> "Iterator[_Scope]":
        """The scopes in which Python looks a name up: this one, then enclosing functions."""
        yield self
        scope = self.parent
        while scope is not None:
            if scope.kind != "class":
                yield scope
            scope = scope.parent

    def find(self, name: str) -> list[_Binding] | None:
        """Everything that `name` is ever bound to where Python would find it, if anything."""
        for scope in self.outward():
            home = scope.elsewhere.get(name, scope)
            if name in home.bindings:
                return home.bindings[name]
        return None


class _Source:
    """A submission's scopes, the expressions in it that may name something, and their names."""

    # Right code does not go this deep; what does is left to the watch.
    _DEPTH = 60
    _LONGEST_TEXT = 200

    def __init__(self, rules: _Rules) -> None:
        self.mentions: list[tuple[ast.expr, _Scope]] = []
        self._rules = rules
        self._module = _Scope("module")
        self._stars: list[str] = []
        self._names: dict[tuple[ast.expr, _Scope], str | None] = {}
        self._texts: dict[tuple[ast.expr, _Scope], str | None] = {}

    def read(self, tree: ast.Module) -> None:
        """Walk `tree` in source order, without recursion: it may be deeper than the stack."""
        todo: list[tuple[ast.AST, _Scope]] = [(tree, self._module)]
        while todo:
            node, scope = todo.pop()
            todo.extend(reversed(list(self._step(node, scope))))

    def _step(self, node: ast.AST, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
        """Note what `node` binds or mentions; give its children with the scope of each."""
        match node:
            case ast.Import(names):
                for alias in names:
                    top = alias.name.partition(".")[0]
                    scope.bind(alias.asname or top, alias.name if alias.asname else top)
            case ast.ImportFrom(module, names, level):
                for alias in names:
                    if alias.name == "*":
                        self._stars.append(module or "")
                    else:
                        known = f"{module}.{alias.name}" if module and not level else None
                        scope.bind(alias.asname or alias.name, known)
            case ast.Global(names):
                scope.elsewhere.update(dict.fromkeys(names, self._module))
            case ast.Nonlocal(names):
                for name in names:
                    for outer in list(scope.outward())[1:]:
                        if name in outer.bindings:
                            scope.elsewhere[name] = outer
                            break
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                yield from self._function(node, scope)
            case ast.ClassDef():
                scope.bind(node.name, None)
                for child in (*node.decorator_list, *node.bases, *node.keywords):
                    yield child, scope
                inner = _Scope("class", scope)
                for statement in node.body:
                    yield statement, inner
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner, outermost = _Scope("comprehension", scope), node.generators[0]
                yield outermost.iter, scope
                for child in (outermost.target, *outermost.ifs):
                    yield child, inner
                for child in ast.iter_child_nodes(node):
                    if child is not outermost:
                        yield child, inner
            case ast.Assign(targets, value):
                yield value, scope
                for target in targets:
                    yield from self._assign(target, value, scope)
            case ast.AnnAssign(target, _, value):
                if value is not None:
                    yield value, scope
                    yield from self._assign(target, value, scope)
            case ast.NamedExpr(target, value):
                yield value, scope
                home = scope
                while home.kind == "comprehension" and home.parent is not None:
                    home = home.parent
                home.bind(target.id, (value, scope))
            case ast.Name(name, context):
                if isinstance(context, ast.Load):
                    self.mentions.append((node, scope))
                else:
                    scope.bind(name, None)
            case ast.If(test, _, orelse) if _is_main_guard(test):
                for statement in orelse:
                    yield statement, scope
            case _:
                for caught in ("name", "rest"):  # `except ... as`, and the captures of `match`
                    if isinstance(captured := getattr(node, caught, None), str):
                        scope.bind(captured, None)
                if isinstance(node, ast.Call) or (
                    isinstance(node, ast.Attribute | ast.Subscript)
                    and isinstance(node.ctx, ast.Load)
                ):
                    self.mentions.append((node, scope))
                for child in ast.iter_child_nodes(node):
                    yield child, scope

    def _function(self, node: _Function, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
        inner = _Scope("function", scope)
        signature = node.args
        for arg in (*signature.posonlyargs, *signature.args, *signature.kwonlyargs):
            inner.bind(arg.arg, None)
        for rest in (signature.vararg, signature.kwarg):
            if rest is not None:
                inner.bind(rest.arg, None)
        for default in (*signature.defaults, *signature.kw_defaults):
            if default is not None:
                yield default, scope
        if isinstance(node, ast.Lambda):
            yield node.body, inner
            return
        scope.bind(node.name, None)
        for decorator in node.decorator_list:
            yield decorator, scope
        for statement in node.body:
            yield statement, inner

    def _assign(
        self, target: ast.expr, value: ast.expr, scope: _Scope
    ) -> Iterator[tuple[ast.AST, _Scope]]:
        match target, value:
            case ast.Name(name), _:
                scope.bind(name, (value, scope))
            case ((ast.Tuple(targets) | ast.List(targets)), (ast.Tuple(values) | ast.List(values))):
                starred = any(isinstance(each, ast.Starred) for each in (*targets, *values))
                if starred or len(targets) != len(values):
                    yield target, scope
                else:
                    for pair in zip(targets, values, strict=True):
                        yield from self._assign(*pair, scope)
            case _:
                yield target, scope

    # --- What an expression names ---------------------------------------------------------------

    def name_of(self, node: ast.expr, scope: _Scope, depth: int = 0) -> str | None:
        """The dotted name of the one object that `node` can only be, else None."""
        if depth > self._DEPTH:
            return None
        if (node, scope) not in self._names:
            self._names[node, scope] = None  # an alias of itself names nothing
            self._names[node, scope] = self._name_of(node, scope, depth + 1)
        return self._names[node, scope]

    def _name_of(self, node: ast.expr, scope: _Scope, depth: int) -> str | None:
        def name(other: ast.expr) -> str | None:
            return self.name_of(other, scope, depth)

        def text(other: ast.expr) -> str | None:
            return self.text_of(other, scope, depth)

        match node:
            case ast.Name(variable):
                if (bindings := scope.find(variable)) is None:
                    return self._unbound(variable)
                meanings = {
                    self.name_of(*binding, depth) if isinstance(binding, tuple) else binding
                    for binding in bindings
                }
                return meanings.pop() if len(meanings) == 1 else None
            case ast.Attribute(owner, attribute):
                return _member(name(owner), attribute)
            case ast.Subscript(owner, key):
                return _member(name(owner), text(key))
            case ast.NamedExpr(_, value):
                return name(value)
            case ast.Call(ast.Call(maker, [path]), [owner]) if name(maker) == "operator.attrgetter":
                return _member(name(owner), text(path))
            case ast.Call(_, [_, *_]):
                return _looked_up(node, name, text)
        return None

    def _unbound(self, name: str) -> str:
        """What a name means that the source never binds: from a star import, or built in."""
        for module in reversed(self._stars):
            if self._rules.leads_on(f"{module}.{name}"):
                return f"{module}.{name}"
        return f"builtins.{name}"

    def text_of(self, node: ast.expr, scope: _Scope, depth: int = 0) -> str | None:
        """The string that `node` can only be, else None."""
        if depth > self._DEPTH:
            return None
        if (node, scope) not in self._texts:
            self._texts[node, scope] = None
            text = self._text_of(node, scope, depth + 1)
            if text is not None and len(text) <= self._LONGEST_TEXT:
                self._texts[node, scope] = text
        return self._texts[node, scope]

    def _text_of(self, node: ast.expr, scope: _Scope, depth: int) -> str | None:
        match node:
            case ast.Constant(str(text)):
                return text
            case ast.BinOp(left, ast.Add(), right):
                return _joined([self.text_of(side, scope, depth) for side in (left, right)])
            case ast.JoinedStr(values):
                return _joined([self.text_of(value, scope, depth) for value in values])
            case ast.FormattedValue(value, -1, None):
                return self.text_of(value, scope, depth)
            case ast.Name(name):
                match scope.find(name):
                    case [(value, home)]:
                        return self.text_of(value, home, depth)
        return None


def _joined(texts: list[str | None]) -> str | None:
    return None if None in texts else "".join(text for text in texts if text is not None)


def _member(owner: str | None, key: str | None) -> str | None:
    """`owner.key`, where a module and the dictionary of its names are one and the same."""
    if owner is None or key is None:
        return None
    if owner == "sys.modules":
        return key if key not in {"get", "__getitem__"} else f"{owner}.{key}"
    return owner if key == "__dict__" else f"{owner}.{key}"


def _looked_up(call: ast.Call, name: _Read, text: _Read) -> str | None:
    """What a call gives that only looks something up, by its first arguments."""
    first, *others = call.args
    function = name(call.func) or ""
    match function:
        case "builtins.vars":
            return name(first)
        case "builtins.getattr" if others:
            return _member(name(first), text(others[0]))
        case "importlib.import_module":
            return text(first)
        case "builtins.__import__" | "importlib.__import__":
            module = text(first)
            whole = len(others) >= 3 or any(word.arg == "fromlist" for word in call.keywords)
            return module if whole or module is None else module.partition(".")[0]
    owner, _, method = function.rpartition(".")
    if method in {"get", "__getitem__", "__getattribute__", "__getattr__"}:
        return _member(owner, text(first))
    return None


def _is_main_guard(test: ast.expr) -> bool:
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
        case ast.Compare(ast.Constant("__main__"), [ast.Eq()], [ast.Name("__name__")]):
            return True
    return False
