"""What a statement does to values that names hold already: `T.append(1)`, `setup()`, `fill(T)`.

Python does not say which calls change something, so this is judged by what is known: methods that
change what they belong to, functions of the notebook itself (whose bodies are at hand), and the
ways that libraries name what works in place (`normal_`, `out=`). A call that stands alone is made
for what it does: there a method that nothing is known of counts as one that changes its owner. What
only shows a value changes nothing.

Where a name was made of another (`row` of `for row in T`, `w = model.weight`), a change of the one
is a change of the other.
"""

import ast
import contextlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
GRADIENTS = "<gradients>"  # what `backward` fills, and `step` takes
MOST_ROUNDS = 8  # through functions that call each other

# They change what they are called on, wherever the call stands.
_MUTATORS = frozenset(
    {
        "append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse", "update",
        "setdefault", "popitem", "add", "discard", "difference_update",
        "intersection_update", "symmetric_difference_update", "appendleft", "extendleft",
        "popleft", "rotate", "move_to_end", "subtract", "put", "fill", "setfield",
        "setflags", "itemset", "resize", "partition", "byteswap", "__setitem__",
        "__delitem__", "__setattr__", "__iadd__", "register_buffer", "register_parameter",
        "register_module", "add_module", "add_parameter", "register_forward_hook",
        "register_forward_pre_hook", "register_full_backward_hook", "load_state_dict",
        "zero_grad", "step", "seed", "manual_seed", "shuffle", "fit", "load_parameters",
        "set_", "apply", "train", "eval", "requires_grad_", "heappush", "push", "send",
    }
)  # fmt: skip
# They only show or compute something, also where the call stands alone.
_PURE = frozenset(
    {
        "size", "dim", "numel", "item", "tolist", "numpy", "mean", "sum", "std", "var",
        "min", "max", "amin", "amax", "argmax", "argmin", "softmax", "log_softmax",
        "sigmoid", "tanh", "relu", "matmul", "mm", "bmm", "dot", "norm", "abs", "exp",
        "log", "sqrt", "round", "any", "all", "isnan", "isfinite", "allclose", "equal",
        "eq", "ne", "lt", "gt", "le", "ge", "head", "tail", "describe", "info", "plot",
        "show", "hist", "display", "print", "items", "keys", "values", "get", "copy",
        "clone", "detach", "count", "index", "state_dict", "parameters", "named_parameters",
        "children", "modules", "forward", "join", "split", "strip", "format", "startswith",
        "endswith", "backward", "view", "reshape", "flatten", "transpose", "permute",
        "unsqueeze", "squeeze", "unique", "topk", "float", "double", "half", "long", "int",
        "bool", "type", "expand", "repeat", "chunk", "cumsum", "prod", "sample", "savefig",
        "imshow",
    }
)  # fmt: skip
# They change their first argument.
_IN_PLACE = frozenset(
    {
        "setattr", "delattr", "shuffle", "fill_diagonal", "copyto", "put", "put_along_axis",
        "place", "putmask", "heappush", "heappop", "heapify", "heapreplace", "heappushpop",
        "insort", "insort_left", "insort_right", "setitem", "delitem", "next",
        "register_parametrization", "clip_grad_value",
    }
)  # fmt: skip
_VERBS = frozenset(
    {
        "add", "append", "build", "configure", "extend", "fill", "freeze", "init",
        "initialise", "initialize", "insert", "install", "load", "patch", "populate",
        "push", "register", "reset", "seed", "set", "setup", "share", "shuffle", "sort",
        "tie", "update",
    }
)  # fmt: skip
_SEEDS = frozenset({"seed", "manual_seed"})
_CHANGES_A_MODULE = frozenset({"append", "extend", "insert", "update", "setdefault", "add",
                               "remove", "clear", "pop", "__setitem__"})  # fmt: skip
_LIBRARIES = sys.stdlib_module_names | {"torch", "numpy", "matplotlib", "IPython", "pytest"}
_CONSTRUCTION = ("__init__", "__new__", "__post_init__", "__call__", "__set_name__")


@dataclass
class Facts:
    """What a piece of code does, read without knowing what it calls.

    `gives`: names of the module that it binds by `global`. `origins`: for a name, those that it was
    made of. `calls`: what is called by name, with the roots of its arguments. `methods`: the roots
    that a method is called on, and the method.
    """

    gives: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    origins: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    calls: list[tuple[str, tuple[str | None, ...], Mapping[str, str | None]]] = field(
        default_factory=list
    )
    methods: list[tuple[str, str]] = field(default_factory=list)

    @property
    def takes_gradients(self) -> bool:
        """Whether it goes on with what an earlier `backward` has left."""
        return any(method == "step" for _, method in self.methods)


def _closure(names: Iterable[str], origins: Mapping[str, set[str]]) -> set[str]:
    """The names, and all that they were made of."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        if (name := todo.pop()) not in found:
            found.add(name)
            todo += origins.get(name, ())
    return found


@dataclass
class _Summary:
    """What a call of one of the notebook's own functions does to names of the module, and to its
    parameters. `names` are all that its body takes; `has_value`: it returns one."""

    parameters: list[str]
    local: set[str]
    facts: Facts
    names: set[str]
    has_value: bool
    gives: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    changed_parameters: set[str] = field(default_factory=set)

    @property
    def size(self) -> int:
        """How much is known of it, which only grows."""
        return len(self.gives) + len(self.changes) + len(self.changed_parameters)


class Notebook:
    """What is known of the names of a notebook's module, from all of its statements.

    `roots` are the functions that are asked for. Calls of them only try them out, and so do calls
    of what they call and take the value of: what such a function notes for itself (a table of what
    it has computed), it will note again.
    """

    def __init__(self, statements: Sequence[ast.stmt], roots: Iterable[str] = ()) -> None:
        self._modules: dict[str, str] = {}  # where each imported name comes from
        self._whole: set[str] = set()  # those that are modules themselves
        self._functions: dict[str, list[_Summary]] = defaultdict(list)
        self._methods: dict[str, list[_Summary]] = defaultdict(list)
        self._classes: dict[str, ast.ClassDef] = {}
        self._origins: dict[str, set[str]] = defaultdict(set)
        self._roots = frozenset(roots)
        for statement in statements:
            self._imports(statement)
        for statement in statements:
            self._note(statement)
        self._reached = self._names_within(self._roots)
        self._settle()
        for statement in statements:
            for name, sources in facts_of([statement], self).origins.items():
                self._origins[name] |= sources

    def _imports(self, node: ast.AST) -> None:
        match node:
            case ast.Import(names):
                for alias in names:
                    name = alias.asname or alias.name.partition(".")[0]
                    self._modules[name] = alias.name
                    self._whole.add(name)
            case ast.ImportFrom(module, names):
                for alias in names:
                    self._modules[alias.asname or alias.name] = module or "."
            case ast.stmt() | ast.ExceptHandler() if not isinstance(node, FUNCTIONS):
                for child in ast.iter_child_nodes(node):
                    self._imports(child)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._functions[node.name].append(_summary(node, self))
            case ast.Assign([ast.Name(name)], ast.Lambda() as function):
                self._functions[name].append(_summary(function, self))
            case ast.ClassDef():
                self._classes[node.name] = node
                for inner in node.body:
                    if isinstance(inner, FUNCTIONS):
                        self._methods[inner.name].append(_summary(inner, self))
            case ast.If() | ast.Try() | ast.With() | ast.For() | ast.While() | ast.ExceptHandler():
                for child in ast.iter_child_nodes(node):
                    self._note(child)

    def _names_within(self, roots: Iterable[str]) -> frozenset[str]:
        """The names that the bodies of these functions take, and of those in turn."""
        found: set[str] = set()
        todo = list(roots)
        while todo:
            if (name := todo.pop()) not in found:
                found.add(name)
                for summary in self._functions.get(name, ()):
                    todo += summary.names
        return frozenset(found)

    def _settle(self) -> None:
        """Hand what functions do on to those that call them."""
        tables = (self._functions, self._methods)
        every = [summary for table in tables for known in table.values() for summary in known]
        for _ in range(MOST_ROUNDS):
            is_new = False
            for summary in every:
                own = set(summary.parameters)
                gives, changes = self.outcome(summary.facts, own | summary.local)
                before = summary.size
                summary.gives |= gives
                summary.changed_parameters |= changes & own
                summary.changes |= changes - own - summary.local
                is_new = is_new or before != summary.size
            if not is_new:
                return

    def outcome(self, facts: Facts, local: Iterable[str] = ()) -> tuple[set[str], set[str]]:
        """The names that code with these facts gives a value by what it calls, and those whose
        value it changes; a function's `local` names are nothing else's."""
        local = set(local)
        gives = set(facts.gives)
        changes = set(facts.changes)
        for name, given, named in facts.calls:
            if name in local or name in self._roots:
                continue
            functions = ((summary, False) for summary in self._functions.get(name, ()))
            makers = ((summary, True) for summary in self._construction(name))
            for summary, is_method in (*functions, *makers):
                if not (name in self._reached and summary.has_value):
                    gives |= summary.gives
                    changes |= summary.changes
                parameters = summary.parameters[is_method:]
                pairs = [*zip(parameters, given, strict=False), *named.items()]
                changes |= {
                    argument
                    for parameter, argument in pairs
                    if argument and parameter in summary.changed_parameters
                }
        for owner, method in facts.methods:
            for summary in self._methods.get(method, ()):
                gives |= summary.gives
                changes |= summary.changes
                if set(summary.parameters[:1]) & summary.changed_parameters:
                    changes.add(owner)
        origins = facts.origins if local else self._origins
        return gives, changes | {n for n in _closure(changes, origins) if n not in self._modules}

    def _construction(self, name: str) -> Iterator[_Summary]:
        """What runs when an object of the class of that name is made, or is called."""
        if name in self._classes:
            inside = {each.name for each in self._classes[name].body if isinstance(each, FUNCTIONS)}
            for method in inside.intersection(_CONSTRUCTION):
                yield from self._methods.get(method, ())

    def is_module(self, name: str) -> bool:
        """Whether the name is a module's, or comes from a library that is known."""
        return name in self._modules and (name in self._whole or not self.is_foreign(name))

    def is_foreign(self, name: str) -> bool:
        """Whether the name is imported from elsewhere than a library that is known."""
        library = self._modules.get(name, "torch").partition(".")[0]
        return library not in _LIBRARIES

    def classes_among(self, nodes: Iterable[ast.AST | None]) -> set[str]:
        """The notebook's own classes among expressions that are names, or names in quotes."""
        named = {getattr(node, "id", getattr(node, "value", None)) for node in nodes}
        return {name for name in named if isinstance(name, str) and name in self._classes}

    def told_of(self, node: ast.ClassDef) -> tuple[set[str], set[str]]:
        """The classes that may note a class of their own, as its bases, and as its metaclass."""
        bases: set[str] = set()
        makers: set[str] = set()
        todo = [node]
        while todo:
            each = todo.pop()
            makers |= {word.value.id for word in each.keywords if isinstance(word.value, ast.Name)}
            for base in each.bases:
                if isinstance(base, ast.Name) and base.id in self._classes.keys() - bases:
                    bases.add(base.id)
                    todo.append(self._classes[base.id])
        return bases, makers


def _summary(
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, notebook: Notebook
) -> _Summary:
    signature = function.args
    every = [*signature.posonlyargs, *signature.args, *signature.kwonlyargs]
    parameters = [each.arg for each in every]
    parameters += [each.arg for each in (signature.vararg, signature.kwarg) if each]
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    facts = Facts()
    reader = _Reader(facts, notebook, inside=True)
    for each in body:
        reader.visit(each)
    facts.gives = reader.globals & reader.stored
    inside = [node for each in body for node in ast.walk(each)]
    return _Summary(
        parameters,
        reader.stored - reader.globals,
        facts,
        names={node.id for node in inside if isinstance(node, ast.Name)},
        has_value=isinstance(function, ast.Lambda)
        or any(isinstance(node, ast.Return | ast.Yield) and node.value for node in inside),
    )


def facts_of(nodes: Iterable[ast.AST], notebook: Notebook) -> Facts:
    """What statements or expressions of the module do when they run."""
    facts = Facts()
    reader = _Reader(facts, notebook, inside=False)
    with contextlib.suppress(RecursionError):  # what is as deep as that changes nothing by a call
        for node in nodes:
            reader.visit(node)
    return facts


class _Reader:
    """Notes what code does; `inside` a function, also what functions in it do."""

    def __init__(self, facts: Facts, notebook: Notebook, *, inside: bool) -> None:
        self._facts = facts
        self._notebook = notebook
        self._inside = inside
        self.globals: set[str] = set()
        self.stored: set[str] = set()

    def visit(self, node: ast.AST) -> None:
        """Note what `node` does, and all that is in it."""
        match node:
            case ast.Global():
                self.globals.update(node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node)
            case ast.Lambda():
                if self._inside:
                    self.visit(node.body)
            case ast.ClassDef():
                self._class(node)
            case ast.Name():
                if not isinstance(node.ctx, ast.Load):
                    self.stored.add(node.id)
            case _:
                self._note(node)
                for child in ast.iter_child_nodes(node):
                    self.visit(child)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign():
                self._made_of(node.targets, node.value)
            case ast.AnnAssign() if node.value is not None:
                self._made_of([node.target], node.value)
            case ast.NamedExpr():
                self._made_of([node.target], node.value)
            case ast.AugAssign(ast.Name(name)):
                self._facts.changes.add(name)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                self._made_of([node.target], node.iter, iterates=True)
            case ast.withitem(made, ast.expr() as target):
                self._made_of([target], made)
            case ast.Expr(ast.Call() as call):
                self._stands_alone(call)
            case ast.Attribute() | ast.Subscript():
                if not isinstance(node.ctx, ast.Load) and (owner := _root(node)):
                    self._facts.changes.add(owner)
            case ast.Call():
                self._call(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.stored.add(node.name)
        self._decorated(node)
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        if self._inside:
            self.stored |= {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
            for each in node.body:
                self.visit(each)

    def _class(self, node: ast.ClassDef) -> None:
        self._decorated(node)
        bases, makers = self._notebook.told_of(node)
        self._facts.methods += ((base, "__init_subclass__") for base in bases)
        self._facts.calls += ((maker, (), {}) for maker in makers)
        for each in (*node.bases, *node.keywords, *node.body):
            self.visit(each)

    def _decorated(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            owner = _root(called)
            if isinstance(called, ast.Name):
                self._facts.calls.append((called.id, (), {}))
                self._facts.methods.append((called.id, "__call__"))
            elif owner and not self._notebook.is_module(owner):
                self._facts.changes.add(owner)
            # A method is put into a class that stands above: `@add_to_class(Net)`.
            given = decorator.args if isinstance(decorator, ast.Call) else []
            self._facts.changes |= self._notebook.classes_among(given)
            self.visit(decorator)
        if node.decorator_list and isinstance(node, FUNCTIONS) and node.args.args:
            first = node.args.args[0]  # `@patch` takes the class from `def forward(self: Net, x)`
            self._facts.changes |= self._notebook.classes_among([first.annotation])

    def _stands_alone(self, call: ast.Call) -> None:
        """A call that is a statement: it is made for what it does."""
        name = _last(call.func)
        owner = _root(call.func)
        is_module = bool(owner and self._notebook.is_module(owner))
        is_method = isinstance(call.func, ast.Attribute)
        does = name in _SEEDS | _CHANGES_A_MODULE if is_module else name not in _PURE
        if is_method and owner and does:
            self._facts.changes.add(owner)
        # What comes from elsewhere works in place where its name says so: `fill(TABLE)`.
        if owner and self._notebook.is_foreign(owner) and name.partition("_")[0] in _VERBS:
            self._facts.changes |= {root for each in call.args if (root := _root(each))}

    def _call(self, node: ast.Call) -> None:
        name = _last(node.func)
        owner = _root(node.func)
        is_module = bool(owner and self._notebook.is_module(owner))
        roots = tuple(_root(each) for each in node.args)
        if isinstance(node.func, ast.Name):
            named = {word.arg: _root(word.value) for word in node.keywords if word.arg}
            self._facts.calls.append((name, roots, named))
            self._facts.methods.append((name, "__call__"))
        elif owner and not is_module:
            if name == "backward":
                self._facts.changes.add(GRADIENTS)
            if name in _MUTATORS or _works_in_place(name):
                self._facts.changes.add(owner)
            self._facts.methods.append((owner, name))
        is_function = is_module or isinstance(node.func, ast.Name)
        is_in_place = name in _IN_PLACE or _works_in_place(name)
        if is_function and is_in_place and roots and roots[0]:
            self._facts.changes.add(roots[0])
        for word in node.keywords:
            if word.arg == "out" and (root := _root(word.value)):
                self._facts.changes.add(root)

    def _made_of(
        self, targets: Sequence[ast.expr], value: ast.expr, *, iterates: bool = False
    ) -> None:
        names = {
            node.id
            for target in targets
            for node in ast.walk(target)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        }
        shared = names if len(targets) > 1 else set()  # `a = b = []`
        for name in names:
            self._facts.origins[name] |= (shared | set(_sources(value, iterates))) - {name}


def _works_in_place(name: str) -> bool:
    return name.endswith("_") and not name.endswith("__")


def _root(node: ast.AST | None) -> str | None:
    """The name that `a.b[0].c` begins with, also through calls of methods: `a.view(-1)[0]`."""
    while True:
        match node:
            case ast.Attribute(value) | ast.Subscript(value) | ast.Starred(value):
                node = value
            case ast.Call(ast.Attribute() as function):
                node = function
            case ast.Name(name):
                return name
            case _:
                return None


def _last(node: ast.expr) -> str:
    match node:
        case ast.Attribute(_, name) | ast.Name(name):
            return name
    return ""


def _sources(value: ast.expr, iterates: bool) -> Iterator[str]:
    """The names that a value may share its parts with: what it was looked up in, what a class was
    made with, what a loop goes through. What a function gives is new."""
    match value:
        case ast.Tuple(parts) | ast.List(parts) | ast.Set(parts):
            for part in parts:
                yield from _sources(part, iterates)
        case ast.Dict(_, values):
            for part in values:
                yield from _sources(part, iterates)
        case ast.IfExp(_, body, orelse):
            yield from _sources(body, iterates)
            yield from _sources(orelse, iterates)
        case ast.BoolOp(_, values):
            for part in values:
                yield from _sources(part, iterates)
        case ast.Starred(inner) | ast.NamedExpr(_, inner):
            yield from _sources(inner, iterates)
        case ast.Call(function, arguments, words):
            name = _last(function)
            if isinstance(function, ast.Attribute) and (root := _root(function)):
                yield root
            # A class keeps what it is given; so does what goes through several at once.
            if name[:1].isupper() or iterates or name in ("iter", "enumerate", "zip", "reversed"):
                for part in (*arguments, *(word.value for word in words)):
                    yield from _sources(part, iterates)
        case _:
            if root := _root(value):
                yield root
