"""Keeps the worker's own code out of a submission's reach, as far as one process allows.

Code that shares a process can in the end do anything to it, and values are checked by the judge
alone. But of side effects (hooks that fired, gradients that were replaced) the worker tells, and to
rewrite that must take more than a line: the engine's modules are gone from `sys.modules` and cannot
be imported, its functions look their names up where no module leads to, and frames and the objects
of the garbage collector are refused to the submission's own code.
"""

import builtins
import gc
import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

PACKAGE = __name__.partition(".")[0]
# What shows a process from within, by the names of its audit events.
# Source: Python, "Audit events table".
_LOOKS = frozenset(
    {
        *("sys._getframe", "sys._getframemodulename"),
        *("sys._current_frames", "sys._current_exceptions"),
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents"),
    }
)
_HOOKS = frozenset(
    {"sys.settrace", "sys.setprofile", "sys.monitoring.register_callback", "sys.addaudithook"}
)
_ATTRIBUTES = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
# These only hand on to their caller what they are given.
_HANDED_ON = frozenset(
    {
        *("currentframe", "stack", "trace", "getouterframes", "getinnerframes"),
        *("walk_stack", "walk_tb", "<lambda>", "_find_user_frame"),
        *("gi_frame", "cr_frame", "_task_get_stack", "get_stack"),  # of `types`, of asyncio
    }
)
_LOOKS_UP = "createResolutionCallbackFromFrame"  # of torch.jit: names in a frame further up
# Of Python's library, what sets hooks for others, which are given frames.
_TRACERS = ("profile.py", "trace.py", "threading.py")
REFUSAL = "what lies around your code is out of bounds while it is graded (frames, gc, tracing)"


def _refuse(*_: object) -> NoReturn:
    raise PermissionError(REFUSAL)


def _reaches(frame: types.FrameType, above: str) -> bool:
    """Whether torch.jit, asked for names some frames up from `frame`, would look below `above`."""
    up = frame.f_locals.get("frames_up")
    target: types.FrameType | None = frame
    for _ in range(up + 1 if type(up) is int else 0):
        target = target and target.f_back
    return target is None or target is frame or target.f_code.co_filename.startswith(above)


def watch(libraries: Sequence[str]) -> None:
    """Refuse what shows the process from within, for good, to code that is not of `libraries`.

    `libraries`: the folders that Python and torch are in, as they stand in file names of code. What
    those do for themselves (warnings, logging, dataclasses) goes on.
    """
    engine = f"{Path(__file__).parent.parent}{os.sep}"
    trusted = (*(f"{folder}{os.sep}" for folder in libraries), engine)
    tracers = {os.path.join(os.path.dirname(os.__file__), name) for name in _TRACERS}
    frame_of = sys._getframe
    # Garbage that is kept holds frames, and of this Python says nothing.
    gc.set_debug = _refuse
    busy: list[None] = []

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _LOOKS:
            wanted = event.rpartition(".")[2]
        elif event == "object.__getattr__" and arguments[1] in _ATTRIBUTES:
            wanted = arguments[1]
        elif event in _HOOKS:
            wanted = ""
        else:
            return
        if busy:  # asking who asks is such an event too
            return
        busy.append(None)
        try:
            frame: types.FrameType | None = frame_of(1)
        finally:
            busy.pop()
        # Who asks for itself names what it asks for; a library that calls what it is given does not
        # (`Module.__call__`, `cached_property`, a pool of threads).
        if frame is not None and wanted:
            code = frame.f_code
            if wanted not in code.co_names and wanted not in code.co_consts:
                raise PermissionError(REFUSAL)
        while frame is not None:
            filename = frame.f_code.co_filename
            # A debugger does as the submission tells it, and waits for somebody to type.
            debugs = os.path.basename(filename) == "bdb.py"
            debugs = debugs or (not wanted and filename in tracers)
            if debugs or not filename.startswith((*trusted, "<frozen ")):
                raise PermissionError(REFUSAL)
            if frame.f_code.co_name == _LOOKS_UP and _reaches(frame, engine):
                raise PermissionError(REFUSAL)
            if frame.f_code.co_name not in _HANDED_ON:
                return
            frame = frame.f_back

    sys.addaudithook(hook)


class _Nowhere(importlib.abc.MetaPathFinder):
    """Finds that the engine is not there."""

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        if fullname.partition(".")[0] == PACKAGE:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def vanish() -> None:
    """Take the engine out of `sys.modules`, and have nobody import it anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Nowhere())


def _copied(function: types.FunctionType, names: dict[str, Any]) -> types.FunctionType:
    """The same function, which looks its names up in `names`."""
    copy = types.FunctionType(
        function.__code__,
        names,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def apart(function: Callable[..., None]) -> Callable[..., None]:
    """`function` of an engine's module, working in a copy of the engine's names.

    All functions that it reaches by name find each other in the copy alone, with what is built in
    as it is now, so that a name that is bound anew in a module changes nothing. Classes are the
    modules' own; their methods, which can be found, work in a copy beside.
    """
    copies: dict[int, dict[str, Any]] = {}
    functions: dict[types.FunctionType, types.FunctionType] = {}
    modules = [m for n, m in list(sys.modules.items()) if n.partition(".")[0] == PACKAGE]
    for module in modules:
        copies[id(module)] = {**vars(module), "__builtins__": dict(vars(builtins))}
        beside = {**vars(module), "__builtins__": dict(vars(builtins))}
        for thing in vars(module).values():
            if isinstance(thing, types.FunctionType) and thing.__globals__ is vars(module):
                functions[thing] = _copied(thing, copies[id(module)])
            elif isinstance(thing, type) and thing.__module__ == module.__name__:
                for name, member in list(vars(thing).items()):
                    if isinstance(member, types.FunctionType):
                        setattr(thing, name, _copied(member, beside))
    spaces = {key: types.SimpleNamespace() for key in copies}
    for key, names in copies.items():
        for name, thing in names.items():
            if isinstance(thing, types.FunctionType):
                names[name] = functions.get(thing, thing)
            elif isinstance(thing, types.ModuleType) and id(thing) in spaces:
                names[name] = spaces[id(thing)]
        vars(spaces[key]).update(names)
    assert isinstance(function, types.FunctionType)
    return functions[function]
