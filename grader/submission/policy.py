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
name is a violation, and so is a way around it (`DETOURS`); importing it, or naming it in an
annotation or below `if __name__ == "__main__":`, is not, since none of these computes a result.
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


def detour_reason() -> str:
    """Why what would lead to forbidden names by another way than theirs is forbidden as well."""
    return say("it reaches what is forbidden here another way")


def reason_for(name: str) -> str:
    """Why what the watch in the worker calls `name` is forbidden."""
    return detour_reason() if _TRIPPED.match(name) else usual_reason()


_TRIPPED = re.compile(r"(?:ctypes|marshal|torch\._C)\.|open\(|compile$")


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
    if not forbidden:
        return ()
    rules = _Rules(forbidden)
    source = _Source(rules)
    source.read(tree)
    found = set()
    for node in source.mentions:
        if isinstance(node, ast.Call) and (detour := source.detour_of(node)) is not None:
            found.add(Violation(node.lineno, detour, detour_reason()))
        name = source.name_of(node)
        if name is not None and (match := rules.match(name)) is not None:
            found.add(Violation(node.lineno, *match))
    return tuple(sorted(found))


# --- Ways around -------------------------------------------------------------------------------

# What a torch exercise has no use for, and what gives torch's own code without naming it: its
# libraries, its files, its bytecode, its second runtimes. Importing one is no use of it, as
# everywhere. Each stands for all that is below it.
DETOURS = (
    "_ctypes",
    "_frozen_importlib",
    "_frozen_importlib_external",
    "_imp",
    "cffi",
    "ctypes",
    "imp",
    "importlib._bootstrap",
    "importlib._bootstrap_external",
    "importlib.machinery.ExtensionFileLoader",
    "importlib.machinery.FileFinder",
    "importlib.machinery.PathFinder",
    "importlib.machinery.SourceFileLoader",
    "importlib.machinery.SourcelessFileLoader",
    "importlib.resources",
    "importlib.util.module_from_spec",
    "importlib.util.spec_from_file_location",
    "importlib.util.spec_from_loader",
    "linecache",
    "marshal",
    "pkgutil.get_data",
    "pkgutil.get_importer",
    "pkgutil.get_loader",
    "runpy",
    "torch._C.StaticModule",
    "torch._C._aoti",
    "torch._C._fuse_to_static_module",
    "torch._C._jit_to_static_module",
    "torch._C._nativert",
    "torch._C._te",
    "torch._sources",
    "zipimport",
)
# The same had from a module of torch, which holds what it has imported itself.
_DETOUR = re.compile(
    rf"(?:{'|'.join(map(re.escape, DETOURS))})(?=\.|$)"
    r"|torch(?:\.\w+)*?\.(?:_?ctypes|linecache|marshal|__loader__|__spec__|__cached__)(?=\.|$)"
)
# What is fine with anything but torch's own.
_READERS = frozenset(
    [
        "dis.Bytecode",
        "dis.get_instructions",
        "importlib.reload",
        "inspect.findsource",
        "inspect.getsource",
        "inspect.getsourcelines",
    ]
)
_OPENERS = frozenset(
    [
        "builtins.open",
        "codecs.open",
        "fileinput.input",
        "io.FileIO",
        "io.open",
        "io.open_code",
        "os.open",
        "pathlib.Path",
        "pathlib.PosixPath",
        "tokenize.open",
    ]
)
_FILE = re.compile(r"torch(?:\.\w+)*\.__(?:file|path)__")


# --- Names of torch, and the entries that cover them --------------------------------------------

_ENTRY = re.compile(r"torch(\.\w+)*\.[\w*?]+|\w+::[\w*?]+")

_LONGEST_NAME = 300  # torch has none that is half as long

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
    """The entries, found by their homes: a name is held to those that stand where it stands."""

    def __init__(self, forbidden: Iterable[str] | Mapping[str, str]) -> None:
        if not isinstance(forbidden, Mapping):
            forbidden = dict.fromkeys(forbidden, usual_reason())
        # By what stands before the last dot or "::", each last part with its place in the list.
        self._objects: dict[str, list[tuple[int, str, str]]] = {}
        self._operators: dict[str, list[tuple[int, str, str]]] = {}
        ways = {*_WAYS, *(part for detour in DETOURS for part in _prefixes(detour))}
        for place, (entry, reason) in enumerate(forbidden.items()):
            if not _ENTRY.fullmatch(entry):
                problem = f'cannot read "{entry}": write it as torch.nn.Name or as aten::name'
                raise ValueError(problem)
            operator = entry if "::" in entry else _operator(entry)
            if operator is not None:
                namespace, _, last = operator.partition("::")
                self._operators.setdefault(namespace, []).append((place, last, reason))
            if "::" not in entry:
                home, _, last = entry.rpartition(".")
                self._objects.setdefault(home, []).append((place, last, reason))
                ways.update(_prefixes(home))
        self._ways = frozenset(ways)
        self.match = cache(self._match)

    def _match(self, name: str) -> tuple[str, str] | None:
        """The part of `name` that an entry covers, and why it is forbidden."""
        if found := _DETOUR.match(name):
            return found[0], detour_reason()
        home, _, _ = name.rpartition(".")
        if not f"{home}.".startswith("torch."):
            return None
        if above := self.match(home):
            return above
        reason = self._reason(name)
        return None if reason is None else (name, reason)

    def _reason(self, part: str) -> str | None:
        """Why this very name is forbidden, by the first entry that says so."""
        found = []
        for address in {part, _public(part)}:
            home, _, last = address.rpartition(".")
            found += [each for each in self._objects.get(home, ()) if fnmatchcase(last, each[1])]
        namespace, _, last = (_operator(part) or "").partition("::")
        found += [each for each in self._operators.get(namespace, ()) if fnmatchcase(last, each[1])]
        return min(found)[2] if found else None

    def leads_on(self, name: str) -> bool:
        """Whether `name` is forbidden or is on the way to what is."""
        return name in self._ways or self.match(name) is not None

    def star(self, module: str) -> str | None:
        """What tells a star import from others that give the same names as far as the entries go;
        None where it can give none that leads on."""
        if len(module) > _LONGEST_NAME:
            return None
        if self.match(module) is not None:
            return "forbidden"
        if any(detour.startswith(f"{module}.") for detour in DETOURS):
            return module
        namespace = module.removeprefix("torch.ops.")
        if module in self._ways or (namespace != module and namespace in self._operators):
            return module
        public = _public(f"{module}.X")
        return None if public == f"{module}.X" else public


def _prefixes(name: str) -> Iterator[str]:
    """`a.b.c`, `a.b` and `a`."""
    while name:
        yield name
        name = name.rpartition(".")[0]


# Every module on the way to an operator, or to a class by its second address.
_WAYS = frozenset(
    part
    for home in (*_OPERATOR_HOMES, "torch.ops.aten", "torch.nn.modules")
    for part in _prefixes(home)
)


# --- Reading the source -------------------------------------------------------------------------

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Read = Callable[[ast.expr], str | None]

# What a name is bound to: what an import says ("torch.nn"), the expression assigned, or None for a
# value that the source does not show.
_Binding: TypeAlias = str | ast.expr | None


@dataclass(eq=False)
class _Scope:
    """The names bound in a module, class, function or comprehension (its `kind`)."""

    kind: str
    parent: "_Scope | None" = None
    bindings: dict[str, list[_Binding]] = field(default_factory=dict)
    names: list[ast.Name] = field(default_factory=list)  # that are looked up from here
    inner: "list[_Scope]" = field(default_factory=list)
    elsewhere: "dict[str, _Scope]" = field(default_factory=dict)  # global and nonlocal names

    def within(self, kind: str) -> "_Scope":
        """A new scope inside of this one."""
        self.inner.append(_Scope(kind, self))
        return self.inner[-1]

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

    def shown(self) -> "dict[str, _Scope]":
        """The names that are found from here without looking further out, each with its home."""
        homes = (
            (name, self.elsewhere.get(name, self)) for name in (*self.bindings, *self.elsewhere)
        )
        return {name: home for name, home in homes if name in home.bindings}


def _homes(module: _Scope) -> dict[ast.Name, _Scope]:
    """Where Python finds each name that is looked up in `module`, if it is bound anywhere.

    One walk through the scopes, with the innermost home of every name at hand: looking outward from
    each name would go through all the scopes around it.
    """
    homes = {}
    seen: dict[str, list[_Scope]] = {}
    todo: list[_Scope | Iterable[str]] = [module]
    while todo:
        scope = todo.pop()
        if not isinstance(scope, _Scope):  # the names of one that is left
            for name in scope:
                seen[name].pop()
            continue
        shown = scope.shown()
        for node in scope.names:
            if home := shown.get(node.id) or next(reversed(seen.get(node.id, ())), None):
                homes[node] = home
        if scope.kind == "class":  # what is inside of it does not see its names
            shown = {}
        for name, home in shown.items():
            seen.setdefault(name, []).append(home)
        todo += [shown, *scope.inner]
    return homes


class _Source:
    """A submission's scopes, the expressions in it that may name something, and their names."""

    # Right code does not go this deep; what does is left to the watch.
    _DEPTH = 60
    _LONGEST_TEXT = 200

    def __init__(self, rules: _Rules) -> None:
        self.mentions: list[ast.expr] = []
        self._rules = rules
        self._module = _Scope("module")
        self._stars: dict[str, str] = {}
        self._homes: dict[ast.Name, _Scope] = {}
        self._names: dict[ast.expr, str | None] = {}
        self._texts: dict[ast.expr, str | None] = {}
        self._meanings: dict[tuple[_Scope, str], str | None] = {}
        self._on_files: dict[ast.AST | tuple[_Scope, str], bool] = {}
        self._unbound = cache(self._from_outside)

    def read(self, tree: ast.Module) -> None:
        """Walk `tree` in source order, without recursion: it may be deeper than the stack."""
        todo: list[tuple[ast.AST, _Scope]] = [(tree, self._module)]
        while todo:
            node, scope = todo.pop()
            todo.extend(reversed(list(self._step(node, scope))))
        self._homes = _homes(self._module)

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
                        self._star(module or "")
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
                inner = scope.within("class")
                for statement in node.body:
                    yield statement, inner
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                inner, outermost = scope.within("comprehension"), node.generators[0]
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
                home.bind(target.id, value)
            case ast.Name(name, context):
                if isinstance(context, ast.Load):
                    scope.names.append(node)
                    self.mentions.append(node)
                else:
                    scope.bind(name, None)
            case ast.If(test, _, orelse) if is_main_guard(test):
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
                    self.mentions.append(node)
                for child in ast.iter_child_nodes(node):
                    yield child, scope

    def _function(self, node: _Function, scope: _Scope) -> Iterator[tuple[ast.AST, _Scope]]:
        inner = scope.within("function")
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
                scope.bind(name, value)
            case ((ast.Tuple(targets) | ast.List(targets)), (ast.Tuple(values) | ast.List(values))):
                # Lengths first: many targets may share one long value.
                if len(targets) != len(values) or any(
                    isinstance(each, ast.Starred) for each in (*targets, *values)
                ):
                    yield target, scope
                else:
                    for pair in zip(targets, values, strict=True):
                        yield from self._assign(*pair, scope)
            case _:
                yield target, scope

    # --- What an expression names ---------------------------------------------------------------

    def name_of(self, node: ast.expr, depth: int = 0) -> str | None:
        """The dotted name of the one object that `node` can only be, else None."""
        if depth > self._DEPTH:
            return None
        if node not in self._names:
            self._names[node] = None  # an alias of itself names nothing
            name = self._name_of(node, depth + 1)
            if name is not None and len(name) <= _LONGEST_NAME:
                self._names[node] = name
        return self._names[node]

    def _name_of(self, node: ast.expr, depth: int) -> str | None:
        def name(other: ast.expr) -> str | None:
            return self.name_of(other, depth)

        def text(other: ast.expr) -> str | None:
            return self.text_of(other, depth)

        match node:
            case ast.Name(variable):
                if (home := self._homes.get(node)) is None:
                    return self._unbound(variable)
                return self._meaning(home, variable, depth)
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

    def _meaning(self, home: _Scope, variable: str, depth: int) -> str | None:
        """What all that `variable` is ever bound to agrees on; asked of each variable once, however
        often it is bound and used."""
        place = home, variable
        if place not in self._meanings:
            self._meanings[place] = None
            meanings = {
                self.name_of(binding, depth) if isinstance(binding, ast.expr) else binding
                for binding in home.bindings[variable]
            }
            if len(meanings) == 1:
                self._meanings[place] = meanings.pop()
        return self._meanings[place]

    def detour_of(self, call: ast.Call) -> str | None:
        """The reader that a call hands something of torch's own, where it does."""
        function = self.name_of(call.func)
        if function in _READERS:
            named = (self.name_of(each) or "" for each in call.args[:1])
            return function if any(f"{name}.".startswith("torch.") for name in named) else None
        if function in _OPENERS:
            return function if any(self._is_on_file(each) for each in call.args[:3]) else None
        return None

    def _is_on_file(self, node: ast.AST, depth: int = 0) -> bool:
        """Whether the path of a file of torch's goes into what `node` gives."""
        if depth > self._DEPTH:
            return False
        if node not in self._on_files:
            self._on_files[node] = False
            self._on_files[node] = self._holds_file(node, depth + 1)
        return self._on_files[node]

    def _holds_file(self, node: ast.AST, depth: int) -> bool:
        if isinstance(node, ast.expr) and _FILE.match(self.name_of(node, depth) or ""):
            return True
        if isinstance(node, ast.Name):
            if (home := self._homes.get(node)) is None:
                return False
            place = home, node.id
            if place not in self._on_files:
                self._on_files[place] = False
                bindings = (each for each in home.bindings[node.id] if isinstance(each, ast.expr))
                self._on_files[place] = any(self._is_on_file(each, depth) for each in bindings)
            return self._on_files[place]
        return any(self._is_on_file(each, depth) for each in ast.iter_child_nodes(node))

    def _star(self, module: str) -> None:
        """Note a star import. Of those that give the same names the last counts, so that there are
        never more than the entries can tell apart."""
        if (kind := self._rules.star(module)) is not None:
            self._stars.pop(kind, None)
            self._stars[kind] = module

    def _from_outside(self, name: str) -> str:
        """What a name means that the source never binds: from a star import, or built in."""
        for module in reversed(self._stars.values()):
            if self._rules.leads_on(f"{module}.{name}"):
                return f"{module}.{name}"
        return f"builtins.{name}"

    def text_of(self, node: ast.expr, depth: int = 0) -> str | None:
        """The string that `node` can only be, else None."""
        if depth > self._DEPTH:
            return None
        if node not in self._texts:
            self._texts[node] = None
            text = self._text_of(node, depth + 1)
            if text is not None and len(text) <= self._LONGEST_TEXT:
                self._texts[node] = text
        return self._texts[node]

    def _text_of(self, node: ast.expr, depth: int) -> str | None:
        match node:
            case ast.Constant(str(text)):
                return text
            case ast.BinOp(left, ast.Add(), right):
                return _joined([self.text_of(side, depth) for side in (left, right)])
            case ast.JoinedStr(values):
                return _joined([self.text_of(value, depth) for value in values])
            case ast.FormattedValue(value, -1, None):
                return self.text_of(value, depth)
            case ast.Name(name) if home := self._homes.get(node):
                match home.bindings[name]:
                    case [ast.expr() as value]:
                        return self.text_of(value, depth)
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


def is_main_guard(test: ast.expr) -> bool:
    """Whether a condition asks if the file is run as a program."""
    match test:
        case ast.Compare(ast.Name("__name__"), [ast.Eq()], [ast.Constant("__main__")]):
            return True
        case ast.Compare(ast.Constant("__main__"), [ast.Eq()], [ast.Name("__name__")]):
            return True
    return False
