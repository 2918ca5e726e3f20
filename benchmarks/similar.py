"""How well `grade similar` tells copies from answers that people wrote by themselves.

    python benchmarks/similar.py

The right answers of each room are the class: every two of them were written another way, and are
no copies. A copy of each is disguised: every name, docstring and comment is another, functions
stand in reverse order, and the line breaks are those of `ast.unparse`. Taken off are the stub and
the reference alone; in a real class the other right answers would be too. Where copydetect is
installed, it is asked the same, with its own measure of similarity.
"""

import ast
import io
import warnings
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

from grader.classroom.similarity import similar
from grader.course import model as course

ROOT = Path(__file__).resolve().parent.parent
Share = Callable[[str, str, list[str]], float]  # of two texts, and of what is taken off


def main() -> None:
    methods: dict[str, tuple[Share, tuple[float, ...]]] = {
        "grade similar": (ours, (0.3, similar.SHARE, 0.5)),
    }
    try:
        import copydetect
    except ModuleNotFoundError:
        print("copydetect is not installed and left out.\n")
    else:
        methods[f"copydetect {copydetect.__version__}"] = (copydetects, (0.33, 0.5, 0.7))
    print("| | share from | answers of their own listed | copies found |\n|---|---|---|---|")
    for name, (share, limits) in methods.items():
        apart, copies = measured(share)
        for limit in limits:
            wrong = sum(each >= limit for each in apart)
            found = sum(each >= limit for each in copies)
            print(f"| {name} | {limit:.0%} | {wrong} of {len(apart)} | {found} of {len(copies)} |")


def measured(share: Share) -> tuple[list[float], list[float]]:
    """The shares of answers that are no copies, and of those that are."""
    apart, copies = [], []
    for exercise in course.load(ROOT).exercises:
        known = [p.read_text() for p in (exercise.stub, exercise.room / "reference.py")]
        right = [p.read_text() for p in sorted((exercise.room / "right").glob("*.py"))]
        apart += [share(one, other, known) for one, other in combinations(right, 2)]
        copies += [share(each, disguised(each, exercise.functions), known) for each in right]
    return apart, copies


def ours(one: str, other: str, known: list[str]) -> float:
    """0 where `grade similar` would list the pair at no share."""
    found = similar.pairs({"one": one, "other": other}, known, share=0.0)
    return found[0].share if found else 0.0


def copydetects(one: str, other: str, known: list[str]) -> float:
    """By its defaults: 25 characters of filtered code."""
    import numpy as np
    from copydetect import CodeFingerprint, compare_files

    def fingerprints(text: str, boilerplate: object = None) -> CodeFingerprint:
        return CodeFingerprint("answer.py", 25, 1, boilerplate, fp=io.StringIO(text))

    taken_off = np.unique([hash_ for text in known for hash_ in fingerprints(text).hashes])
    with warnings.catch_warnings(action="ignore"):  # a text without fingerprints
        _, shares, _ = compare_files(fingerprints(one, taken_off), fingerprints(other, taken_off))
    return float(np.nan_to_num(max(shares)))


class Renamed(ast.NodeTransformer):
    """Other names, and no docstrings or annotations."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(self._names.get(node.arg, node.arg))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.name = self._names.get(node.name, node.name)
        self.generic_visit(node)
        if ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
        return node


def disguised(source: str, functions: tuple[str, ...]) -> str:
    """The text under other names, in another order, without comments; `functions` stay."""
    tree = ast.parse(source)
    given = sorted(set(names(tree)) - set(functions))
    Renamed({name: f"renamed_{number}" for number, name in enumerate(given)}).visit(tree)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    rest = [node for node in tree.body if node not in imports]
    tree.body = [*imports, *reversed(rest)]
    return ast.unparse(ast.fix_missing_locations(tree))


def names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


if __name__ == "__main__":
    main()
