"""Where the source of forbidden built-ins lies, so that a worker cannot read it off.

Torch's answers to an exercise stand in its files as Python, which a submission could load as
modules of another name, beside the watch on the real ones (`grader.worker.tripwire`). The files
are kept from it by Landlock; what Python has of their text in memory goes too. Modules that are
loaded need their files no more, except those few places (TorchScript above all) that ask for the
text of a function: for them the text stays, without that of the forbidden functions.
"""

import glob
import importlib.util
import linecache
import os
import sys
import types
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import filter as fnfilter

from grader.worker.tripwire import _RETOLD_OPERATORS, _find, _is_retold

# Where classes of `torch.nn` have second versions of the same name.
_RETOLD_CLASSES = ("torch.nn.", "torch.ao.nn.")


def sources_of(forbidden: Sequence[str]) -> tuple[str, ...]:
    """The files that define what the entries of a course's forbidden list stand for, sorted.

    Each `.py` file and every compiled version of it, of modules that are loaded: a module that is
    not will be imported yet, and needs its file.
    """
    return _files(_definitions(forbidden))


def withhold(forbidden: Sequence[str]) -> tuple[str, ...]:
    """Take the text of what is forbidden out of Python's memory of source lines; `sources_of` it.

    Call it while the files can still be read. Afterwards `linecache`, and with it `inspect`, has
    the lines of those files with the lines of the forbidden things blank, and nothing of other
    files until it is asked for them.
    """
    linecache.clearcache()
    definitions = _definitions(forbidden)
    for module, things in definitions.items():
        path = getattr(module, "__file__", None)
        if not path or not path.endswith(".py"):
            continue
        try:
            status = os.stat(path)
            with open(path, encoding="utf-8") as file:  # `linecache` takes six times as long
                lines = file.readlines()
        except (OSError, UnicodeError):
            continue
        for code in _codes(things):
            _blank(lines, code)
        linecache.cache[path] = (status.st_size, status.st_mtime, lines, path)
    return _files(definitions)


def _files(modules: Iterable[types.ModuleType]) -> tuple[str, ...]:
    files: set[str] = set()
    for module in modules:
        if path := getattr(module, "__file__", None):
            files |= {path, *_compiled(path)}
    return tuple(sorted(map(os.path.realpath, filter(os.path.exists, files))))


def _definitions(forbidden: Iterable[str]) -> dict[types.ModuleType, list[object]]:
    """Loaded modules, and what each defines of the forbidden functions and classes."""
    found: dict[types.ModuleType, dict[int, object]] = defaultdict(dict)
    for entry in forbidden:
        for thing in _things(entry):
            for each in _unwrapped(thing):
                if home := sys.modules.get(getattr(each, "__module__", None) or ""):
                    found[home][id(each)] = each
    return {module: list(things.values()) for module, things in found.items()}


def _things(entry: str) -> Iterator[object]:
    """The functions and classes written in Python that `entry` names, everywhere they are."""
    parent, _, last = entry.rpartition(".")
    if "::" in entry:
        last = entry.partition("::")[2]
    else:
        for _, thing in _find(entry):
            if isinstance(thing, types.ModuleType):
                yield from _written_in(thing)
            else:
                yield thing
    for home in _RETOLD_OPERATORS:
        yield from (thing for thing in _named(home, last) if _is_retold(thing, home))
    if parent == "torch.nn":
        for home in [name for name in sys.modules if name.startswith(_RETOLD_CLASSES)]:
            yield from _named(home, last)


def _named(home: str, pattern: str) -> Iterator[object]:
    members = vars(sys.modules[home]) if home in sys.modules else {}
    names = fnfilter(members, pattern) if set(pattern) & set("*?") else [pattern]
    for name in names:
        if isinstance(thing := members.get(name), types.FunctionType | type):
            yield thing


def _written_in(module: types.ModuleType) -> Iterator[object]:
    """What `module` and the loaded ones below it define."""
    for name, loaded in list(sys.modules.items()):
        if f"{name}.".startswith(f"{module.__name__}."):
            for thing in list(vars(loaded).values()):
                if getattr(thing, "__module__", None) == name:
                    yield thing


def _unwrapped(thing: object) -> Iterator[object]:
    """`thing` and what it wraps, where that is Python's."""
    while isinstance(thing, types.FunctionType | type):
        yield thing
        thing = getattr(thing, "__wrapped__", None)


def _codes(things: Iterable[object]) -> Iterator[types.CodeType]:
    """The code of each function, and of each method of a class."""
    for thing in things:
        members = [thing] if isinstance(thing, types.FunctionType) else vars(thing).values()
        for member in members:
            for function in _unwrapped(_plain(member)):
                if isinstance(function, types.FunctionType):
                    yield function.__code__


def _plain(member: object) -> object:
    """The function in a method of whatever kind."""
    if isinstance(member, property):
        return member.fget
    return getattr(member, "__func__", member)


def _blank(lines: list[str], code: types.CodeType) -> None:
    """Make the lines of a function blank: those that its code knows, and what is left of its last
    statement, which is indented more or closes a bracket."""
    first, end = code.co_firstlineno - 1, _last_line(code)
    if not 0 <= first < len(lines):
        return
    indent = _indent(lines[first])
    while end < len(lines) and (
        not (text := lines[end].strip()) or _indent(lines[end]) > indent or text[0] in ")]}"
    ):
        end += 1
    lines[first:end] = ["\n"] * (min(end, len(lines)) - first)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _last_line(code: types.CodeType) -> int:
    inner = [_last_line(each) for each in code.co_consts if isinstance(each, types.CodeType)]
    return max([code.co_firstlineno, *(line or 0 for _, _, line in code.co_lines()), *inner])


def _compiled(path: str) -> list[str]:
    """Bytecode of the source file `path`, of any version of Python and any level."""
    stem = os.path.splitext(os.path.basename(path))[0]
    folders = [os.path.join(os.path.dirname(path), "__pycache__")]
    try:
        cached = importlib.util.cache_from_source(path)
    except NotImplementedError:
        cached = ""
    if cached:
        folders.append(os.path.dirname(cached))  # elsewhere with PYTHONPYCACHEPREFIX
    found = [
        name
        for folder in dict.fromkeys(folders)
        for name in glob.glob(os.path.join(glob.escape(folder), f"{glob.escape(stem)}.*.pyc"))
    ]
    return [*found, f"{path}c"]
