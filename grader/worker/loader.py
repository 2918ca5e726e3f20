"""Turn the text of a submission into functions, and what it raises into plain values."""

import inspect
import io
import linecache
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

MODULE = "submission"
MAX_MESSAGE = 2_000
MAX_LINES = 20


def load(source: str, filename: str) -> types.ModuleType:
    """Run `source` as a module of its own. Whatever it raises passes through."""
    module = types.ModuleType(MODULE)
    module.__file__ = filename
    # Dataclasses look their module up here, and torch.jit.script asks for the source.
    sys.modules[MODULE] = module
    linecache.cache[filename] = (len(source), None, io.StringIO(source).readlines(), filename)
    exec(compile(source, filename, "exec", dont_inherit=True, optimize=0), module.__dict__)  # noqa: S102
    return module


def describe_functions(module: types.ModuleType, names: Sequence[str]) -> dict[str, Any]:
    """For each name: None where it is missing, a type's name where it is not callable, else its
    parameters as `[name, kind, has_default]`, or True where Python cannot tell them."""
    return {name: _describe(vars(module).get(name)) for name in names}


def _describe(value: Any) -> Any:
    if value is None:
        return None
    if not callable(value):
        return type(value).__name__
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError):
        return True
    return [[p.name, p.kind.name, p.default is not p.empty] for p in parameters]


def describe_error(error: BaseException, filename: str) -> dict[str, Any]:
    """Type, message and the lines in the submission that `error` came through, innermost last."""
    lines = []
    if isinstance(error, SyntaxError) and error.filename == filename:
        lines.append(error.lineno or 1)
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == filename:
            lines.append(frame.tb_lineno)
        frame = frame.tb_next
    return {
        "type": type(error).__name__,
        "message": _text(error),
        "lines": lines[-MAX_LINES:],
    }


def _text(error: BaseException) -> str:
    try:
        return str(str(error))[:MAX_MESSAGE]
    except BaseException:  # the student's own __str__ can raise anything
        return "(its message could not be read)"


def guarded(function: Callable[[], Any], filename: str) -> tuple[Any, dict[str, Any] | None]:
    """The result of the student's code and None, or None and the description of what it raised."""
    try:
        return function(), None
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a call, not the worker
        return None, describe_error(error, filename)
