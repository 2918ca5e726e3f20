"""The watch for forbidden built-ins that reading the source cannot find.

`grader.submission.policy` judges what a submission's text shows. What it cannot show (names put
together at run time, `exec`, functions kept in containers) ends in a call all the same, and the
call is what is watched here: in a worker, where nobody needs the forbidden function, a tripwire
takes the place of its code, once, before the submission is loaded. That covers every alias of the
function, and calls of other functions cost nothing more.

- An operator: wherever torch's dispatcher has a kernel of it (for some device, with gradients
  or without, under `vmap`, autocast, tracing) the tripwire takes the kernel's place. Ways into an
  operator go through the dispatcher: Python's, C++'s and TorchScript's. A few runtimes of torch's
  have kernels of their own; they are among what leads around.
- A Python function: its `__code__` is replaced, and that of the functions it wraps.
- A class: so are its own methods, `__init__` first. A module: all its functions and classes.

- What leads around all of these, to torch's own libraries and files: `grader.worker.detours`.

It is a watch and not a wall: to silence it takes code that stands in the submission for all to
read, and gains the use of a built-in, never an answer.
"""

import ctypes
import importlib.util
import re
import sys
import types
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import filter as fnfilter
from typing import NoReturn, TypeGuard

import torch

from grader.worker import detours

# What torch has a second time, written in Python: some operators, and some classes.
_RETOLD_OPERATORS = ("torch._decomp.decompositions", "torch._refs", "torch._refs.nn.functional")
_RETOLD_CLASSES = {"torch.nn": "torch.ao.nn.quantizable"}

# No report needs more, and code made up at run time could have lines without end.
_MOST_TRIPS = 100

Spring = Callable[..., NoReturn]


class ForbiddenCall(RuntimeError):
    """The submission called what its exercise forbids. `Tripwires.tripped` has it as well."""


class Tripwires:
    """Watches `names` in this process, for good: nothing but the end of the process undoes it.

    `names` are entries of a course's forbidden list, in the notation of `grader.submission.policy`,
    and `files` the file names that the submission's code is compiled with, each with what is added
    to the numbers of its lines. A name that this torch
    does not have is passed over and stands in `missing`, so that a slip of the pen can be told
    from a name of another version. A module that is not loaded yet is passed over too, but is
    not missing: importing it is for the source analysis to see.

    A call adds its name and the submission's innermost line to `tripped`, each pair once, and
    raises `ForbiddenCall`. Read `tripped` rather than wait for the exception, which the
    submission may swallow. The line is 0 where the call did not come through `files`.
    """

    def __init__(self, names: Sequence[str], files: str | Mapping[str, int]) -> None:
        self.tripped: list[tuple[str, int]] = []
        self._offsets = {files: 0} if isinstance(files, str) else dict(files)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of an overridden kernel: that is the idea
            # Backwards: of two entries for one thing the earlier then names it.
            found = {name: self._watch(name) for name in reversed(names)}
        self.missing = tuple(name for name in names if not found[name])
        if names:
            detours.watch(lambda name: self._spring(name)())

    def _watch(self, name: str) -> bool:
        """Watch what `name` stands for; False where there is no such thing."""
        if "::" in name:
            return self._watch_operators(name)
        found = [self._watch_object(full_name, thing) for full_name, thing in _find(name)]
        return any(found) or _can_be_imported(name)

    def _watch_object(self, name: str, thing: object) -> bool:
        match thing:
            case types.FunctionType():
                _replace_code(thing, self._spring(name))
                return True
            case type():
                methods = [m for m in vars(thing).values() if _is_own(m, thing)]
                for method in methods:
                    _replace_code(method, self._spring(name))
                return bool(methods)
            case types.ModuleType():
                for full_name, member in _members(thing):
                    self._watch_object(full_name, member)
                return True
        # What is left is written in C, and there it is an operator, or out of reach.
        name = getattr(thing, "__name__", "")
        return self._watch_operators(getattr(thing, "_qualified_op_name", f"aten::{name}"))

    def _watch_operators(self, pattern: str) -> bool:
        operators = fnfilter(_OPERATORS, pattern)
        for operator in operators:
            _replace_kernels(operator, self._spring(_python_name(operator)))
        if pattern.startswith("aten::"):
            for module in _RETOLD_OPERATORS:
                for full_name, thing in _find(pattern.replace("aten::", f"{module}.")):
                    if _is_retold(thing, module):
                        _replace_code(thing, self._spring(full_name))
        return bool(operators)

    def _spring(self, name: str) -> Spring:
        def spring(*_: object, **__: object) -> NoReturn:
            trip = (name, self._line())
            if trip not in self.tripped and len(self.tripped) < _MOST_TRIPS:
                self.tripped.append(trip)
            raise ForbiddenCall(f"{name} is not allowed in this exercise")

        return spring

    def _line(self) -> int:
        frame: types.FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_filename not in self._offsets:
            frame = frame.f_back
        if frame is None:
            return 0
        return self._offsets[frame.f_code.co_filename] + (frame.f_lineno or 0)


# --- Finding what a name stands for ---------------------------------------------------------------


def _find(name: str) -> Iterator[tuple[str, object]]:
    """The loaded objects that the dotted `name` fits, each with its full name."""
    parent, _, last = name.rpartition(".")
    for home in (parent, _RETOLD_CLASSES.get(parent, "")):
        owner = _loaded(home)
        members = fnfilter(dir(owner), last) if set(last) & set("*?") else [last]
        for member in members:
            if (thing := getattr(owner, member, None)) is not None:
                yield f"{home}.{member}", thing
    if name in sys.modules:
        yield name, sys.modules[name]


def _loaded(name: str) -> object:
    """The module or attribute `name`, or None; imports nothing."""
    if not name or name in sys.modules:
        return sys.modules.get(name)
    parent, _, last = name.rpartition(".")
    owner = _loaded(parent)
    # Asked by getattr, some of torch's modules would import what they lack.
    in_module = isinstance(owner, types.ModuleType)
    return vars(owner).get(last) if in_module else getattr(owner, last, None)


def _members(module: types.ModuleType) -> Iterator[tuple[str, object]]:
    """The functions and classes that `module`, or a loaded module below it, defines."""
    for name, loaded in list(sys.modules.items()):
        if f"{name}.".startswith(f"{module.__name__}."):
            for member, thing in list(vars(loaded).items()):
                written_here = getattr(thing, "__module__", None) == name
                if written_here and isinstance(thing, types.FunctionType | type):
                    yield f"{name}.{member}", thing


def _can_be_imported(name: str) -> bool:
    """Whether `name`, or what holds it, is a module on disk that nobody has loaded so far."""
    while (parent := name.rpartition(".")[0]) and parent not in sys.modules:
        name = parent
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _is_own(member: object, owner: type) -> TypeGuard[types.FunctionType]:
    """Whether `member` is a function of the library that the class `owner` is of. Others use those
    of Python too: since 3.13 a dataclass has `dataclasses._replace` itself as its `__replace__`."""
    if not isinstance(member, types.FunctionType):
        return False
    home = (member.__module__ or "").partition(".")[0]
    return home == owner.__module__.partition(".")[0]


def _is_retold(thing: object, module: str) -> TypeGuard[types.FunctionType]:
    """Whether `thing` is an operator written again in `module`, rather than a helper that it has
    from elsewhere, such as `_maybe_convert_to_dtype`."""
    return isinstance(thing, types.FunctionType) and thing.__module__ == module


def _python_name(operator: str) -> str:
    """Where a person finds the `operator`: "torch.lstm_cell" rather than "aten::lstm_cell"."""
    namespace, _, name = operator.partition("::")
    for home in ("torch.nn.functional", "torch"):
        if isinstance(getattr(_loaded(home), name, None), types.BuiltinFunctionType):
            return f"{home}.{name}"
    return f"torch.ops.{namespace}.{name}"


# --- Putting a spring where its code was ----------------------------------------------------------


def _replace_code(function: types.FunctionType, spring: Spring) -> None:
    """Make `function`, and each function that it wraps, call `spring` whatever it is given.

    Replacing the code and not the name catches whoever holds the function already. The spring
    is a constant of the new code, so that no global name of torch's, nor of ours, is needed.
    """
    constants = tuple(spring if c == "spring" else c for c in _template.__code__.co_consts)
    while isinstance(function, types.FunctionType):
        function.__code__ = _template.__code__.replace(
            co_consts=constants,
            co_name=function.__code__.co_name,
            co_freevars=function.__code__.co_freevars,  # Python wants the closure to fit
        )
        function = getattr(function, "__wrapped__", None)  # type: ignore[assignment]


def _template(*_: object, **__: object) -> object:
    spring: object = "spring"
    return spring()  # type: ignore[operator]


def _overloads() -> dict[str, list[str]]:
    overloads: dict[str, list[str]] = defaultdict(list)
    for name in torch._C._dispatch_get_all_op_names():
        overloads[name.partition(".")[0]].append(name.partition("::")[2])
    return dict(overloads)


# "aten::lstm" to ["lstm.input", "lstm.data"]. Read once, in the process that workers fork from.
_OPERATORS = _overloads()


def _replace_kernels(operator: str, spring: Spring) -> None:
    """Make `operator` call `spring` at every dispatch key that torch has a kernel for."""
    namespace = operator.partition("::")[0]
    # This is the core of `torch.library.Library`, which keeps a finalizer within Python's reach.
    library = torch._C._dispatch_library("IMPL", namespace, "")
    for overload in _OPERATORS[operator]:
        registered = torch._C._dispatch_dump(f"{namespace}::{overload}")
        for key in re.findall(r"^([A-Z]\w*)(?:\[alias\])?: ", registered, re.MULTILINE):
            library.impl(overload, key, spring)
    # The original kernels come back when the library object goes. One reference that nothing
    # in Python holds keeps it for good, where neither `del` nor a walk through `gc` finds it.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))
