"""The watch for ways around the tripwires: torch's code had from its libraries and its files.

A tripwire sits in the function that torch has loaded. A second one, from torch's file or its
bytecode, has none, and neither has the C++ below the dispatcher, which `ctypes` could call, and
which torch has second runtimes for. Python says of most such steps that they are about to be taken
(its audit events), and here it is answered with who asks: the submission, or a library for itself.

What is Python's own is looked through, since it only does what it is told. Then it counts who
told it: the submission, or nobody (a thread of its own); a library, which may need it (torch counts
GPUs by ctypes, TorchScript reads source); or the import of a module.
"""

import contextlib
import ctypes
import linecache
import os
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import torch

Trip = Callable[[str], NoReturn]

_STDLIB = os.path.dirname(os.__file__) + os.sep
_PACKAGES = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
_TORCH = os.path.dirname(torch.__file__) + os.sep
_REAL_TORCH = os.path.realpath(_TORCH) + os.sep
_ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# Of torch too, what calls whatever function it is given.
_THROUGH = tuple(
    _TORCH + name.replace("/", os.sep)
    for name in (
        "_sources.py",
        "nn/modules/module.py",
        "overrides.py",
        "utils/_contextlib.py",
        "utils/_cxx_pytree.py",
        "utils/_pytree.py",
        "utils/data/",
    )
)
# They show the lines that an error or a warning came through. Since Python 3.14 the text of
# `warnings` stands in a second file.
_SHOWING = tuple(
    _STDLIB + name for name in ("traceback.py", "warnings.py", "_py_warnings.py", "pydoc.py")
)
_LIBRARIES = ("torch", "c10", "aten", "shm", "_c.")  # of torch's, in the names of its files
_SYMBOLS = ("_Z", "Py", "_Py", "THP", "aoti_", "at_", "c10", "torch")

# What runs a graph without the dispatcher, by kernels of its own (Static Runtime and what follows
# it), or by code that it makes of the graph. Nothing in torch uses them by itself.
_RUNTIMES = (
    *("_jit_to_static_module", "_fuse_to_static_module", "_nativert.PyModelRunner"),
    *("_te.TensorExprKernel", "_te.lower"),
)

STUDENT, LIBRARY, IMPORT, ENGINE = "student", "library", "import", "engine"
_realpath = os.path.realpath


def watch(trip: Trip) -> None:
    """Have `trip(name)` raise for every such step in this process that the submission takes, for
    good."""
    loaded = frozenset(sys.modules)

    def opened(path: Any, *_: Any) -> None:
        name = _of_torch(path)
        if name is None:
            return
        who, module, shown = _asker()
        # A module of torch's that is loaded for the first time is loaded by its name.
        first = module.startswith("torch") and module not in loaded
        if (who == STUDENT and not shown) or (who == IMPORT and not first):
            trip(f"open('{name}')")

    def of_ctypes(event: str) -> Callable[..., None]:
        name = event.partition("/")[0]

        def told(*arguments: Any) -> None:
            who, _, _ = _asker()
            if who == STUDENT or (who == LIBRARY and _is_torchs(event, arguments)):
                trip(name)

        return told

    def unmarshalled(*_: Any) -> None:
        if _asker()[0] == STUDENT:
            trip("marshal.loads")

    def compiled(_: Any, filename: Any, *__: Any) -> None:
        # Code under the name of a library's file would count as the library's.
        name = os.fsdecode(filename) if isinstance(filename, str | bytes) else ""
        if _kind(name) != STUDENT and _asker()[0] == STUDENT:
            trip("compile")

    answers: dict[str, Callable[..., None]] = {
        "open": opened,
        "marshal.loads": unmarshalled,
        "marshal.load": unmarshalled,
        "compile": compiled,
        "code.__new__": compiled,
    }
    for event in (
        "ctypes.dlopen",
        "ctypes.dlsym",
        "ctypes.dlsym/handle",
        "ctypes.call_function",
        "ctypes.cdata",
        "ctypes.string_at",
        "ctypes.wstring_at",
    ):
        answers[event] = of_ctypes(event)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if (answer := answers.get(event)) is not None:
            answer(*arguments)

    _guard_addresses(trip)
    _guard_runtimes(trip)
    _guard_lines(opened)
    _show_in_python()
    sys.addaudithook(hook)


def _guard_addresses(trip: Trip) -> None:
    """Watch what Python says nothing of, or under another name in each version: a function made of
    an address, memory read at one, or as something else."""

    def guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def guard(*arguments: Any, **named: Any) -> Any:
            if _asker()[0] == STUDENT:
                trip(f"ctypes.{name}")
            return function(*arguments, **named)

        return guard

    for name in _OF_ADDRESSES:
        # Python 3.14 was the first to have `memoryview_at`.
        function = getattr(ctypes, name, None)
        if function is not None and function not in _guards:
            _guards.append(guarded(name, function))
            setattr(ctypes, name, _guards[-1])


def _guard_runtimes(trip: Trip) -> None:
    """Watch what computes beside the dispatcher, where the tripwires of operators are."""

    def guarded(name: str) -> Callable[..., NoReturn]:
        return lambda *_, **__: trip(f"torch._C.{name}")

    for name in _RUNTIMES:
        home, _, last = name.rpartition(".")
        # Not every torch has each of them.
        owner = getattr(torch._C, home, None) if home else torch._C
        if hasattr(owner, last):
            setattr(owner, last, guarded(name))


_OF_ADDRESSES = (
    *("CFUNCTYPE", "PYFUNCTYPE", "cast", "memmove", "memset"),
    *("string_at", "wstring_at", "memoryview_at"),
)
_guards: list[Callable[..., Any]] = []


def _guard_lines(opened: Callable[..., None]) -> None:
    """Watch for torch's text where it is in memory already (`grader.worker.sources` leaves some):
    nothing is opened then."""
    lines_of = linecache.getlines

    def getlines(filename: str, module_globals: Any = None) -> list[str]:
        opened(filename)
        return lines_of(filename, module_globals)

    if lines_of not in _guards:
        _guards.append(getlines)
        linecache.getlines = getlines


def _show_in_python() -> None:
    """Show exceptions that nobody catches by `traceback`, as in a thread or a `__del__`.

    Python itself would read the lines that they came through from torch's files, and compile them,
    with nothing that tells this from the submission's doing so."""

    def excepthook(kind: Any, error: Any, came_through: Any) -> None:
        traceback.print_exception(kind, error, came_through)

    def of_thread(args: Any) -> None:
        if args.exc_type is not SystemExit:
            name = args.thread.name if args.thread else threading.get_ident()
            print(f"Exception in thread {name}:", file=sys.stderr)
            traceback.print_exception(args.exc_type, args.exc_value, args.exc_traceback)

    def unraisable(args: Any) -> None:
        with contextlib.suppress(Exception):  # of the object's own `__repr__`
            words = args.err_msg or "Exception ignored in"
            print(f"{words}: {args.object!r}", file=sys.stderr)
        traceback.print_exception(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = sys.__excepthook__ = excepthook
    sys.unraisablehook = sys.__unraisablehook__ = unraisable
    threading.excepthook = threading.__excepthook__ = of_thread


def _asker() -> tuple[str, str, bool]:
    """Who asks for what Python is about to do; the module, where that is an import; and whether it
    is to show lines of code."""
    frame: FrameType | None = sys._getframe(1)
    shown = False
    while frame is not None:
        name = frame.f_code.co_filename
        if name == "<frozen importlib._bootstrap>" and frame.f_code.co_name == "_find_and_load":
            return IMPORT, str(frame.f_locals.get("name")), shown
        if name != __file__:
            kind = _kind(name)
            if kind:
                return kind, "", shown
            shown = shown or name.startswith(_SHOWING)
        frame = frame.f_back
    return STUDENT, "", shown


def _kind(filename: str) -> str:
    """Whose code a file holds; empty for what only does as it is told."""
    if filename.startswith(("<frozen ", *_THROUGH)):
        return ""
    if filename.startswith(_ENGINE):
        return ENGINE
    if filename.startswith(_TORCH):
        return LIBRARY
    if any(folder in filename for folder in _PACKAGES):
        return LIBRARY
    return "" if filename.startswith(_STDLIB) else STUDENT


def _of_torch(path: Any) -> str | None:
    """The name of torch's source or bytecode at `path`, if it is that."""
    try:
        name = os.fsdecode(path)
    except TypeError:  # a descriptor, or nothing that can be opened
        return None
    if not name.endswith((".py", ".pyc")):
        return None
    real = _realpath(name)
    return f"torch/{real.removeprefix(_REAL_TORCH)}" if real.startswith(_REAL_TORCH) else None


def _is_torchs(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether what is asked of ctypes is a library or a symbol of torch's, or of Python's."""
    name = arguments[-1] if arguments else None
    if event == "ctypes.dlopen":
        file = os.path.basename(os.fsdecode(name)).lower() if name else "torch"
        return any(each in file for each in _LIBRARIES)
    if event.startswith("ctypes.dlsym"):
        return isinstance(name, str) and name.startswith(_SYMBOLS)
    return False
