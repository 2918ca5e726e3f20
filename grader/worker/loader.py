"""Turn the text of a submission into functions, and what it raises into plain values."""

import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import inspect
import io
import linecache
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

MODULE = "submission"
MAX_MESSAGE = 2_000
MAX_LINES = 20

_Module: Any = torch.nn.Module


def load(
    source: str, filename: str, modules: Sequence[tuple[str, str, str, int]] = ()
) -> types.ModuleType:
    """Run `source` as a module of its own, which can import `modules`: each a name, its file, its
    text, and the number before that of its first line. Whatever it raises passes through."""
    module = types.ModuleType(MODULE)
    # Dataclasses look their module up here, and torch.jit.script asks for the source.
    sys.modules[MODULE] = module
    if modules:
        module.__package__ = MODULE  # `from .helpers import scale` means the file beside it
        module.__path__ = []
        sys.meta_path.insert(0, _Carried(modules))
    _run(source, filename, module)
    return module


def _run(source: str, filename: str, module: types.ModuleType) -> None:
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, io.StringIO(source).readlines(), filename)
    code = compile(source, filename, "exec", dont_inherit=True, optimize=0)
    exec(code, module.__dict__)  # noqa: S102


class _Carried(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules that came with the submission, by their own names and as its parts."""

    def __init__(self, modules: Sequence[tuple[str, str, str, int]]) -> None:
        self._modules = {name: (file, source) for name, file, source, _ in modules}
        self._run = _run

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        name = fullname.removeprefix(f"{MODULE}.")
        file, _ = self._modules.get(name, (None, None))
        holds = any(each.startswith(f"{name}.") for each in self._modules)
        if file is None and not holds:
            return None
        is_package = holds or (file or "").endswith("__init__.py")
        return importlib.util.spec_from_loader(fullname, self, origin=file, is_package=is_package)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        del spec

    def exec_module(self, module: types.ModuleType) -> None:
        file, source = self._modules.get(module.__name__.removeprefix(f"{MODULE}."), (None, None))
        if file is not None and source is not None:
            self._run(source, file, module)


def describe_functions(module: types.ModuleType, names: Sequence[str]) -> dict[str, Any]:
    """For each name: None where it is missing, a type's name where it is not callable, else its
    parameters as `[name, kind, has_default]`, or True where Python cannot tell them."""
    return {name: _describe(vars(module).get(name)) for name in names}


def describe_classes(
    module: types.ModuleType, classes: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """For each name: None where it is missing, what it is where it is no class, else the parameters
    of its constructor and of the methods named, by name (the constructor's is empty), as
    `describe_functions` gives a function's."""
    found: dict[str, Any] = {}
    for name, methods in classes.items():
        value = vars(module).get(name)
        if not issubclass(type(value), type):
            found[name] = None if value is None else _KINDS.get(type(value), type(value).__name__)
            continue
        found[name] = {"": _quietly(value)} | {each: _method(value, each) for each in methods}
    return found


_KINDS = {types.FunctionType: "function", types.BuiltinFunctionType: "function"}


def _quietly(value: Any) -> Any:
    """Its parameters; True where the object has a way of its own to answer, and raises."""
    try:
        return _parameters(value)
    except Exception:
        return True


def _method(owner: Any, name: str) -> Any:
    """A method's parameters, without the object itself; None where the class has none of its own.

    True where an instance may have it all the same."""
    try:
        static = inspect.getattr_static(owner, name, None)
        if static is None:
            return None
        if static is inspect.getattr_static(_Module, name, None):
            return None if name == "forward" else True
        found = _parameters(getattr(owner, name))
    except Exception:  # an object with a way of its own to answer
        return True
    bare = isinstance(found, list) and isinstance(static, types.FunctionType)
    return found[1:] if bare else found


# An exception of the student's own is also what it inherits from; only what cannot be made up.
_ANCESTORS: Any = type.__dict__["__mro__"].__get__
_BUILTINS = frozenset(
    each
    for each in vars(builtins).values()
    if isinstance(each, type) and issubclass(each, Exception)
)


def _new_of(owner: type) -> object:
    return inspect.getattr_static(owner, "__new__")


def _makes_instances(value: Any) -> bool:
    """Whether this is a class of which a call gives an instance, and no value of another type."""
    return type(value) is type and _new_of(value) is _new_of(object)


def _describe(value: Any) -> Any:
    if value is None:
        return None
    if not callable(value):
        return type(value).__name__
    return "class" if _makes_instances(value) else _parameters(value)


def _parameters(value: Any) -> Any:
    try:
        parameters = inspect.signature(value, follow_wrapped=False).parameters.values()
    except (TypeError, ValueError):
        return True
    return [[p.name, p.kind.name, p.default is not p.empty] for p in parameters]


Files = str | Mapping[str, int]  # one file, or files with what is added to the numbers of lines


def describe_error(error: BaseException, files: Files) -> dict[str, Any]:
    """Type, its built-in ancestors, message, and the lines in the submission that `error` came
    through, innermost last."""
    offsets = {files: 0} if isinstance(files, str) else files
    lines = []
    frame = error.__traceback__
    while frame is not None:
        if (filename := frame.tb_frame.f_code.co_filename) in offsets:
            lines.append(offsets[filename] + frame.tb_lineno)
        frame = frame.tb_next
    if isinstance(error, SyntaxError) and (filename := error.filename or "") in offsets:
        lines.append(offsets[filename] + (error.lineno or 1))
    return {
        "type": type(error).__name__,
        "bases": [each.__name__ for each in _ANCESTORS(type(error)) if each in _BUILTINS],
        "message": _text(error),
        "lines": lines[-MAX_LINES:],
    }


def _text(error: BaseException) -> str:
    try:
        return str(str(error))[:MAX_MESSAGE]
    except BaseException:  # the student's own __str__ can raise anything
        return "(its message could not be read)"


def guarded(
    function: Callable[[], Any], files: Files, left: Sequence[str] = ()
) -> tuple[Any, dict[str, Any] | None]:
    """The result of the student's code and None, or None and the description of what it raised,
    with the kinds of torch's settings that it has `left` otherwise, where there are some then."""
    try:
        return function(), None
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a call, not the worker
        told = describe_error(error, files)
        return None, told | ({"left": [*left]} if left else {})
