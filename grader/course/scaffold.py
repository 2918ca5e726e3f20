"""Begin an exercise: its files, filled so that only what the author must write is missing.

Every place that waits for the author holds the mark `AUTHOR:` and says what belongs there;
`grade validate` lists them in the order in which they are best written.
"""

import ast
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course import model as course
from grader.errors import UsageError
from grader.writing import put, unwritable

MARK = "AUTHOR:"
SLUG = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Function:
    """A function of the contract: what its stub says of it."""

    name: str
    arguments: ast.arguments
    returns: str
    docstring: str

    @property
    def signature(self) -> str:
        """The line that defines it."""
        returns = f" -> {self.returns}" if self.returns else ""
        return f"def {self.name}({ast.unparse(self.arguments)}){returns}:"

    @property
    def case(self) -> str:
        """The name of the class of its inputs."""
        return "".join(word.capitalize() for word in self.name.split("_")) + "Case"

    @property
    def names(self) -> str:
        """The names of its parameters, as a caller lists them."""
        return ", ".join(name for name, _ in self.parameters)

    @property
    def takes_tensors(self) -> bool:
        """Whether it has parameters that have no default, and all are tensors."""
        return bool(self.parameters) and all("Tensor" in kind for _, kind in self.parameters)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters that have no default: name and annotation."""
        given = [*self.arguments.posonlyargs, *self.arguments.args]
        required = given[: len(given) - len(self.arguments.defaults)]
        return [(p.arg, ast.unparse(p.annotation) if p.annotation else "") for p in required]


@dataclass(frozen=True)
class Class:
    """A class of the contract: what its stub says of it, and its methods."""

    name: str
    bases: str
    docstring: str
    methods: tuple[Function, ...]

    @property
    def signature(self) -> str:
        """The line that defines it."""
        return f"class {self.name}({self.bases}):" if self.bases else f"class {self.name}:"


@dataclass(frozen=True)
class Solution:
    """The answer that an exercise begins with: its text, its imports, its public functions, or the
    class that is asked for."""

    source: str
    imports: tuple[str, ...]
    functions: tuple[Function, ...]
    owner: Class | None = None

    @property
    def body(self) -> str:
        """The text without the docstring of the module."""
        tree = ast.parse(self.source)
        first = tree.body[0].end_lineno if ast.get_docstring(tree) is not None else 0
        return "\n".join(self.source.split("\n")[first:]).strip()


EXAMPLE_CLASS = '''"""The answer."""

import torch
from torch import Tensor, nn


class {name}(nn.Module):
    """AUTHOR: what it is, with the names and shapes of its parameters."""

    def __init__(self, size: int) -> None:
        """AUTHOR: what it is made of."""
        super().__init__()
        # AUTHOR: the answer, with comments that say why. This one scales.
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x: Tensor) -> Tensor:
        """AUTHOR: the shapes of what it reads and gives."""
        return x * self.weight
'''

EXAMPLE = '''"""The answer."""

from torch import Tensor


def {slug}(x: Tensor) -> Tensor:
    # AUTHOR: the answer, with comments that say why. This one doubles.
    return x + x
'''


def create(
    slug: str,
    folder: Path | None = None,
    *,
    after: str | None = None,
    solution: Path | None = None,
    class_name: str | None = None,
) -> list[Path]:
    """Write the files of a new exercise and its entry in the course; the paths, in writing order.

    With `class_name`, the exercise asks for that class. Without a course in `folder` (by default
    the nearest above the working directory, else that itself), one is begun there. UsageError where
    something is in the way; then nothing is written.
    """
    if not SLUG.fullmatch(slug):
        raise UsageError(
            f"{slug!r} cannot be a slug.",
            "It begins with a small letter; small letters, digits and _ follow: causal_mask.",
        )
    if class_name is not None and not (class_name.isidentifier() and class_name[:1].isupper()):
        raise UsageError(f"{class_name!r} cannot be a class.", "Name it such as CausalMask.")
    answer = _solution(slug, solution, class_name)
    home = _home(folder)
    path = home / course.COURSE_FILE
    text = path.read_text(encoding="utf-8") if path.is_file() else _new_course(home)
    number, end = _place(home, text, slug, after)
    stem = f"ex{number:02d}_{slug}"
    title = slug.replace("_", " ").capitalize()
    room = home / "solutions" / stem
    points, laws = _shares(answer) if answer.owner is None else ({}, {})
    values = {
        "number": number,
        "slug": slug,
        "title": title,
        "answer": answer,
        "points": points,
        "laws": laws,
        "draws": DRAWS,
    }
    kind = "" if answer.owner is None else "class_"
    files = {
        home / "exercises" / f"{stem}.py": _template(f"{kind}stub.py", **values),
        room / "reference.py": _template("reference.py", **values),
        room / "properties.py": _template(f"{kind}properties.py", **values),
        room / "misconceptions.py": _template(f"{kind}misconceptions.py", **values),
    }
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already.", "Choose another slug, or move it away.")
    entry = _template("entry.toml", **values)
    lines = text.split("\n")
    before, rest = "\n".join(lines[:end]).rstrip("\n"), "\n".join(lines[end:]).strip("\n")
    changed = f"{before}\n{entry}" + (f"\n{rest}\n" if rest else "")
    if answer.owner is not None:
        changed = _with_format_of_classes(changed, path)
    tomllib.loads(changed)  # before anything is written
    for file, content in files.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(file, error) from None
        put(file, content)
    put(path, changed)
    return [*files, path]


def _with_format_of_classes(text: str, path: Path) -> str:
    """The text of a course file, in the format that has classes."""
    if tomllib.loads(text).get("format") == course.FORMAT_OF_CLASSES:
        return text
    line = f"format = {course.FORMAT_OF_CLASSES}"
    changed, count = re.subn(r"^format\s*=\s*\d+", line, text, count=1, flags=re.MULTILINE)
    if not count:
        changed = f"{line}\n{text}"
    if tomllib.loads(changed).get("format") != course.FORMAT_OF_CLASSES:
        raise UsageError(f"{path} is of an older format.", f"Write {line} at its top.")
    return changed


def unwritten(exercise: course.Exercise) -> Iterator[tuple[Path, int, str]]:
    """What waits for the author still: file, line, and what belongs there; in writing order."""
    room = exercise.room
    names = ("reference.py", "properties.py", "misconceptions.py")
    for path in (exercise.stub, *(room / name for name in names)):
        if path.is_file():
            yield from _marked(path)
    path = exercise.course / course.COURSE_FILE
    lines = path.read_text(encoding="utf-8").split("\n")
    end = _end_of_entry(lines, exercise.number)
    yield from _marked(path, _begin_of_entry(lines, exercise.number), end)


def _marked(path: Path, begin: int = 0, end: int | None = None) -> Iterator[tuple[Path, int, str]]:
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines[begin:end], start=begin + 1):
        if MARK in line:
            yield path, number, line.partition(MARK)[2].strip(' "},')


# --- where it goes --------------------------------------------------------------------------------


def _home(folder: Path | None) -> Path:
    if folder is not None:
        return folder
    here = Path.cwd()
    found = (c for c in (here, *here.parents) if (c / course.COURSE_FILE).is_file())
    return next(found, here)


def _new_course(home: Path) -> str:
    title = (
        Path(os.path.realpath(home)).name.replace("_", " ").replace("-", " ").capitalize()
        or "A course"
    )
    return _template("course.toml", format=course.FORMAT, title=title)


def _place(home: Path, text: str, slug: str, after: str | None) -> tuple[int, int]:
    """The number of the new exercise, and the line of the course file before which it goes."""
    lines = text.split("\n")
    if not (home / course.COURSE_FILE).is_file():
        return 1, len(lines)
    found = course.load(home)
    if found.is_workspace:
        raise UsageError(
            f"{home} is a workspace, of the course in {found.folder}.",
            f"Begin the exercise there: --course {found.folder}",
        )
    taken = {exercise.number for exercise in found.exercises}
    if any(exercise.slug == slug for exercise in found.exercises):
        raise UsageError(f"The course has an exercise {slug!r} already.", "Choose another slug.")
    if after is None:
        return max(taken, default=0) + 1, len(lines)
    before = found.exercise(after)
    number = next(n for n in range(before.number + 1, before.number + len(taken) + 2)
                  if n not in taken)  # fmt: skip
    return number, _end_of_entry(lines, before.number)


def _end_of_entry(lines: list[str], number: int) -> int:
    """The line after the entry of the exercise `number`."""
    begin = _begin_of_entry(lines, number)
    later = (i for i in range(begin, len(lines)) if lines[i].startswith("[["))
    return next(later, len(lines))


def _begin_of_entry(lines: list[str], number: int) -> int:
    own = re.compile(rf"\s*number\s*=\s*{number}\b")
    return next((i for i, line in enumerate(lines) if own.match(line)), len(lines))


# --- what it holds --------------------------------------------------------------------------------


def _solution(slug: str, path: Path | None, class_name: str | None) -> Solution:
    """The author's own answer, or an example in its place."""
    if path is None and class_name is not None:
        return _read(EXAMPLE_CLASS.format(name=class_name), "the example", class_name)
    if path is None:
        return _read(EXAMPLE.format(slug=slug), "the example", None)
    try:
        return _read(path.read_text(encoding="utf-8"), str(path), class_name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


def _read(source: str, name: str, class_name: str | None) -> Solution:
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise UsageError(f"{name} is not valid Python: line {error.lineno}, {error.msg}.") from None
    functions = tuple(
        _function(node)
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    )
    if class_name is not None:
        return _with_class(source, tree, class_name, name)
    if not functions:
        problem = f"{name} defines no public function."
        classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
        if public := [each for each in classes if not each.startswith("_")]:
            problem += f" It has the class {public[-1]}: --class {public[-1]} asks for it."
        raise UsageError(problem, "An exercise needs one at least.")
    signatures = " ".join(function.signature for function in functions)
    return Solution(source, _imports(tree, signatures), functions)


def _function(node: ast.FunctionDef) -> Function:
    returns = ast.unparse(node.returns) if node.returns else ""
    return Function(node.name, node.args, returns, (ast.get_docstring(node) or "").strip())


def _imports(tree: ast.Module, text: str) -> tuple[str, ...]:
    """The imports of what `text` uses."""
    return tuple(
        ast.unparse(kept)
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom) and (kept := _used(node, text)) is not None
    )


def _with_class(source: str, tree: ast.Module, wanted: str, name: str) -> Solution:
    """The answer with that class; its public methods and the constructor are the contract."""
    node = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == wanted), None)
    methods = (
        ()
        if node is None
        else tuple(
            _function(each)
            for each in node.body
            if isinstance(each, ast.FunctionDef)
            and (each.name == "__init__" or not each.name.startswith("_"))
        )
    )
    if node is None or not methods:
        raise UsageError(
            f"{name} defines no class {wanted} with methods.", "Name the class that is there."
        )
    bases = ", ".join(map(ast.unparse, node.bases))
    owner = Class(wanted, bases, (ast.get_docstring(node) or "").strip(), methods)
    text = " ".join([owner.signature, *(method.signature for method in methods)])
    return Solution(source, _imports(tree, text), (), owner)


def _used(node: ast.Import | ast.ImportFrom, text: str) -> ast.stmt | None:
    """The import with the names alone that `text` uses, or None."""
    names = [
        alias
        for alias in node.names
        if re.search(rf"\b{re.escape((alias.asname or alias.name).split('.')[0])}\b", text)
    ]
    if not names:
        return None
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)


DRAWS = {
    "Tensor": "draw(tensors((n, d), dtype))",
    "torch.Tensor": "draw(tensors((n, d), dtype))",
    "int": "draw(st.integers(1, 5))",
    "float": "draw(st.floats(0.5, 2.0))",
    "bool": "draw(st.booleans())",
}
LAWS = {
    "precision": 15,
    "gradients": 15,
    "layout": 10,
    "inputs_unchanged": 10,
    "middle_sizes": 10,
}


def _template(name: str, **values: object) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Python and TOML, not HTML
        loader=PackageLoader("grader", "templates/new"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{name}.j2").render(mark=MARK, **values)


def _shares(answer: Solution) -> tuple[dict[str, int], dict[str, int]]:
    """The points of each function's values, and of the laws that can be written already."""
    names = [function.name for function in answer.functions]
    laws = LAWS if answer.functions[0].takes_tensors else {}
    left = 100 - sum(laws.values())
    points = dict.fromkeys(names, left // len(names))
    points[names[0]] += left - sum(points.values())
    return points, laws
