"""A student's own modules that a submission imports: found, and carried along as part of it.

`from helpers import scale` takes the `helpers.py` beside the file, whose imports are followed in
turn. Only Python files that are imported by name are taken, from the submission's own folder and
below it, and nothing of them is run here: a worker runs them, under the same walls as the file
itself. What Python, torch or numpy have a module of is theirs. Links are not followed.
"""

import ast
import os
import re
import stat
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.errors import UsageError
from grader.language import say
from grader.submission import limited

MOST_MODULES = 40
MOST_CHARACTERS = 1 << 20  # of all of them together
# Names that are looked for, and the characters of one: what nobody writes is not searched on the
# disk for either.
MOST_NAMES = 2_000
LONGEST_NAME = 300
# Whatever lies beside a submission, these are not a student's.
LIBRARIES = frozenset({"torch", "numpy", "grader", "submission"})

_NAMED = re.compile(r"^[ \t]*(?:%time[ \t]+)?(?:from|import)[ \t]+([\w. \t,]+)", re.MULTILINE)
_BY_TEXT = re.compile(r"(?:import_module|__import__)\(\s*['\"]([\w.]+)")

# The text of the file at a path below the submission's folder; None where there is none. UsageError
# where there is one that is not taken.
Look = Callable[[str], str | None]


@dataclass(frozen=True)
class Module:
    """One module: its name for `import`, its file below the submission's folder, its text, and the
    names of those that it imports itself."""

    name: str
    file: str
    source: str
    imports: tuple[str, ...] = ()

    @property
    def is_package(self) -> bool:
        """Whether it holds others."""
        return PurePosixPath(self.file).name == "__init__.py"


@dataclass(frozen=True)
class Carried:
    """The modules that go with a submission, and for the names of others why they do not."""

    modules: tuple[Module, ...] = ()
    passed_over: Mapping[str, str] = field(default_factory=dict)

    def needed_by(self, imports: Iterable[str]) -> "Carried":
        """Those that a text needs which imports these names."""
        known = {module.name: module for module in self.modules}
        found: set[str] = set()
        todo = list(imports)
        while todo:
            for name in _with_parents(todo.pop()):
                if name in known and name not in found:
                    found.add(name)
                    todo += known[name].imports
        return Carried(tuple(m for m in self.modules if m.name in found), self.passed_over)


def find_modules(
    texts: Sequence[str],
    look: Look,
    packages: Iterable[str] = (),
    reader: Callable[[Sequence[str], str, bool], list[str]] | None = None,
) -> Carried:
    """The modules that code of these texts imports, as far as `look` finds them.

    `packages` are those that the course says are there, which come first. `reader` takes the place
    of `imported` for these texts, where they are no plain Python. UsageError where there are more
    modules than are taken, or more names than are looked for.
    """
    theirs = LIBRARIES | sys.stdlib_module_names | set(packages)
    modules: dict[str, Module] = {}
    passed_over: dict[str, str] = {}
    size = 0

    def load(name: str) -> Module | None:
        """The module of that name where it is one of the student's."""
        nonlocal size
        path = name.replace(".", "/")
        for file in (f"{path}/__init__.py", f"{path}.py"):
            try:
                text = look(file)
            except UsageError as error:
                passed_over[name] = error.problem
                return None
            if text is None:
                continue
            if name.partition(".")[0] in theirs:
                passed_over[name] = say(
                    "{file} was not taken: there is another module of that name, which comes first",
                    file=file,
                )
                return None
            size += len(text)
            if len(modules) == MOST_MODULES or size > MOST_CHARACTERS:
                raise UsageError(
                    say(
                        "More than {count} modules, or {size} MiB of them, are imported from beside"
                        " the file.",
                        count=MOST_MODULES,
                        size=MOST_CHARACTERS >> 20,
                    ),
                    say("Import only what the exercise needs."),
                )
            try:
                imports = limited.ask(imported, [text], name, file.endswith("__init__.py"))
            except limited.TakesTooMuch:
                passed_over[name] = say("{file} takes too long to read", file=file)
                return None
            return Module(name, file, text, tuple(imports))
        return None

    if not any(map(_may_import(look, theirs), texts)):
        return Carried()
    try:
        todo = deque(limited.ask(reader or imported, list(texts), "", True))
    except limited.TakesTooMuch:
        return Carried()
    looked_for: set[str] = set()
    while todo:
        for name in _with_parents(todo.popleft()):
            if name not in looked_for:
                looked_for.add(name)
                if len(looked_for) > MOST_NAMES:
                    raise UsageError(
                        say("More than {count} names are imported.", count=MOST_NAMES),
                        say("Import only what the exercise needs."),
                    )
                if (module := load(name)) is not None:
                    modules[name] = module
                    todo += module.imports
    ordered = tuple(sorted(modules.values(), key=lambda module: module.name))
    return Carried(ordered, passed_over)


def _may_import(look: Look, theirs: Iterable[str]) -> Callable[[str], bool]:
    """Tells texts that surely import none of a student's modules, without parsing them."""
    known: dict[str, bool] = {}

    def is_there(name: str) -> bool:
        if name not in known:
            if len(known) == MOST_NAMES:
                return True
            try:
                known[name] = any(
                    look(file) is not None for file in (f"{name}.py", f"{name}/__init__.py")
                )
            except UsageError:
                known[name] = True
        return known[name]

    def may(text: str) -> bool:
        for match in (*_NAMED.finditer(text), *_BY_TEXT.finditer(text)):
            for name in re.split(r"[,\s]+", match[1]):
                top = name.partition(".")[0]
                # A relative import begins with a dot; without `__init__.py` files a module may lie
                # deeper than its first name.
                is_deep = "." in name and (not top or top not in theirs)
                if is_deep or (top and is_there(top)):
                    return True
        return False

    return may


def imported(texts: Sequence[str], name: str, is_package: bool) -> list[str]:
    """The names that texts import, in order, each once; what is no Python imports nothing. No more
    than MOST_NAMES and one, none that is longer than LONGEST_NAME.

    `name` is that of the module that they are, from which relative imports count; empty for the
    submission itself, whose folder is then a package.
    """
    found: dict[str, None] = {}
    for text in texts:
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            for each in _names(node, name, is_package):
                if len(each) <= LONGEST_NAME:
                    found[each] = None
            if len(found) > MOST_NAMES:
                return list(found)[: MOST_NAMES + 1]
    return list(found)


def _names(node: ast.AST, name: str, is_package: bool) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module, names, level):
            base = _base(name, is_package, level) if level else ""
            if base is None:
                return
            whole = ".".join(filter(None, (base, module)))
            if whole:
                yield whole
            yield from (".".join(filter(None, (whole, each.name))) for each in names
                        if each.name != "*")  # fmt: skip
        case ast.Call(
            ast.Name("__import__" | "import_module") | ast.Attribute(_, "import_module"),
            [ast.Constant(str(text)), *_],
        ) if re.fullmatch(r"\w+(\.\w+)*", text):
            yield text


def _base(name: str, is_package: bool, level: int) -> str | None:
    """The package that so many dots stand for; None where that lies outside of the folder."""
    parts = name.split(".") if name else []
    up = level - is_package
    if up > len(parts):
        return None
    return ".".join(parts[: len(parts) - up])


def _with_parents(name: str) -> list[str]:
    """`a`, `a.b` and `a.b.c`: to import the last imports the first two."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def beside(folder: Path, read: Callable[[Path, Path], str]) -> Look:
    """Looks for modules in a folder on disk; `read` gives the text of a file and what it is called
    in messages."""

    def look(file: str) -> str | None:
        path = folder
        parts = PurePosixPath(file).parts
        for part in parts:
            path = path / part
            try:
                mode = os.lstat(path).st_mode
            except (OSError, ValueError):
                return None
            if stat.S_ISLNK(mode):
                raise UsageError(
                    say("{file} was not taken: links are not followed", file=file),
                    say("Put the file itself beside your answer."),
                )
        return read(path, Path(file)) if stat.S_ISREG(mode) else None

    return look
