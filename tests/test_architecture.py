"""Who may import whom: the arrows of the design, held."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "grader"


def imported(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module == "grader":
            yield from (f"grader.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def ours(path: Path) -> set[str]:
    return {module for module in imported(path) if module.split(".")[0] == "grader"}


def files(pattern: str) -> list[Path]:
    found = sorted(PACKAGE.glob(pattern))
    assert found
    return found


@pytest.mark.parametrize("name", ["errors", "language", "picture", "wire"])
def test_leaves_import_nothing_of_ours(name):
    """errors, language, picture and wire stand on nothing."""
    assert ours(PACKAGE / f"{name}.py") == set()


def test_the_report_needs_its_words_alone():
    """report stands on language, in which its verdicts are said."""
    assert ours(PACKAGE / "report.py") <= {"grader.language"}


@pytest.mark.parametrize("path", files("worker/*.py"), ids=lambda p: p.stem)
def test_the_worker_knows_nothing_of_the_judge(path):
    """The worker imports wire, errors and itself: what it does not hold it cannot give away."""
    allowed = ("grader.wire", "grader.errors", "grader.worker")
    assert all(module.startswith(allowed) for module in ours(path))


@pytest.mark.parametrize("path", files("judge/*.py"), ids=lambda p: p.stem)
def test_the_judge_knows_no_format(path):
    """Judging does not depend on how a report looks."""
    assert not any(m.startswith(("grader.formats", "grader.classroom")) for m in ours(path))


@pytest.mark.parametrize("path", files("formats/*.py"), ids=lambda p: p.stem)
def test_formats_know_only_the_report(path):
    """Every format is rendered from the one report model, or from a picture."""
    models = ("grader.report", "grader.picture", "grader.language")
    assert all(m in models or m.startswith("grader.formats") for m in ours(path))


@pytest.mark.parametrize("name", ["extension", "request", "session"])
def test_a_kernel_loads_nothing_that_grades(name):
    """The magic and its session ask another process: what a kernel holds a cell can change."""
    grading = ("grader.judge", "grader.worker", "grader.formats", "grader.notebook.grade_cells")
    assert not any(m.startswith(grading) for m in ours(PACKAGE / "notebook" / f"{name}.py"))


@pytest.mark.parametrize("name", ["cells", "magics", "needs", "program", "statements"])
def test_reading_a_notebook_is_apart_from_grading_it(name):
    """A notebook becomes a submission without the judge, and without any format."""
    apart = ("grader.judge", "grader.worker", "grader.formats", "grader.submission.text")
    assert not any(m.startswith(apart) for m in ours(PACKAGE / "notebook" / f"{name}.py"))


def test_nobody_imports_the_command_line():
    """cli stands on all, and nothing on it but `python -m grader`."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name != "cli" and path.name != "__main__.py":
            assert "grader.cli" not in ours(path), path


def test_only_the_command_line_watches():
    """watch stands on all but cli, and nothing but cli on it."""
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name not in ("cli", "watch"):
            assert not any(module.startswith("grader.watch") for module in ours(path)), path


def test_exercises_and_references_stand_alone():
    """A stub, a reference, a misconception and an answer need torch alone, not the engine."""
    stubs = list((ROOT / "exercises").glob("*.py"))
    rooms = [p for p in (ROOT / "solutions").rglob("*.py") if p.name != "properties.py"]
    assert stubs
    assert rooms
    for path in stubs + rooms:
        assert ours(path) == set(), path
