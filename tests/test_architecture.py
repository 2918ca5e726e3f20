"""Who may import whom: the arrows of the design, held."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "grader"


# What each wing of the house may stand on: nothing but what is named before it, so that no arrow
# runs back. What is left out here is left out on purpose.
WINGS = {
    "errors": "",
    "language": "",
    "picture": "",
    "wire": "",
    "measure": "language",
    "report": "language measure",
    "systems": "",
    "writing": "errors language",
    "course": "errors language writing",
    "submission": "course errors language systems",
    # What the worker does not hold it cannot give away.
    "worker": "wire errors systems",
    "learner": "course errors language report submission systems writing",
    # Judging does not depend on how a report looks, nor on who asked for it.
    "judge": "course errors language learner measure picture report submission systems wire worker"
    " writing",
    # What an assistant asks for it is told by commands of their own, which hold the rest.
    "tutor": "course errors language learner",
    "grading": "course errors judge language report submission systems wire worker",
    # Every format is rendered from the one report model, or from a picture.
    "formats": "language picture report",
    "notebook": "course errors formats grading language learner report submission",
    "classroom": "course errors formats grading judge language notebook report submission systems"
    " writing",
    "watch": "course errors formats judge language learner report submission systems",
    # The command line stands on all, and nothing on it but `python -m grader`.
    "cli": "course errors formats grading judge language learner notebook report submission worker"
    " classroom tutor watch writing",
}
# The same inside a wing, for its folders and for the files beside them.
ROOMS = {
    "submission": {
        "limited": "",
        "policy": "",
        "notebook": "",
        "carried": "limited",
        "text": "carried limited notebook",
        "reading": "limited policy text",
        "naming": "text",
        "several": "limited text",
        "finding": "limited naming reading several text",
    },
    "judge": {
        "compare": "",
        "effort": "",
        "profile": "",
        "room": "",
        "wrong": "",
        "surroundings": "",
        "refusals": "",
        "strategies": "",
        "processes": "",
        "middle": "strategies",
        "story": "",
        "handles": "compare story",
        "reference": "compare handles story",
        "corners": "compare middle reference strategies",
        "rounding": "compare",
        "script": "",
        "replay": "",
        "student": "compare handles processes reference refusals replay story surroundings",
        "clock": "compare processes reference room student",
        "ways": "compare student",
        "explain": "compare profile reference room story student ways wrong",
        "retry": "compare explain reference room student",
        "provenance": "compare retry story student",
        "debugging": "compare explain handles reference script story student",
        "harness": "clock compare debugging effort explain processes profile provenance reference"
        " replay retry room story student",
        "laws": "clock compare corners middle profile reference rounding strategies student ways",
        "laws_of_modules": (
            "corners compare handles profile reference story strategies student ways"
        ),
        "laws_of_training": "compare reference student",
        "laws_of_models": "compare handles",
        "capstone": "compare handles profile student",
        "grading": "clock debugging effort explain harness processes reference replay retry room"
        " script story student surroundings wrong",
        "exhibit": "compare effort grading processes room story student",
        "plugin": "grading",
        "versions": "",
        "doctor": "processes",
        "prove": "capstone corners effort exhibit explain grading harness processes reference room"
        " story student wrong",
    },
    "worker": {
        "detours": "",
        "devices": "",
        "effects": "",
        "guard": "",
        "invoke": "effects",
        "objects": "effects invoke",
        "loader": "",
        "pool": "",
        "resident": "pool",
        "state": "",
        "walls": "",
        "sandbox": "walls",
        "stock": "",
        "serving": "walls",
        "warmth": "sandbox",
        "keeper": "serving stock walls",
        "tripwire": "detours",
        "sources": "tripwire",
        "process": "devices effects guard invoke loader objects pool resident sandbox sources state"
        " tripwire walls",
        "forkserver": "devices process sandbox serving walls warmth",
        "executed": "process stock walls warmth",
        "origin": "walls",
    },
    "worker.walls": {
        "layers": "",
        "system": "layers",
        "limits": "layers",
        "paths": "layers",
        "processes": "layers system",
        "disk": "layers system",
        "landlock": "layers paths system",
        "users": "landlock layers system",
        "seccomp": "layers",
        "seatbelt": "layers",
    },
    "systems": {
        "system": "",
        "posix": "system",
        "linux": "posix",
        "macos": "posix",
        "windows": "system",
        "here": "linux macos system windows",
        "clean": "here",
    },
    "classroom": {
        "kept": "",
        "received": "kept",
        "shown": "kept received",
        "exported": "kept received shown",
        # What counts is graded again, so a run knows what counts.
        "run": "kept received shown",
        "similarity": "",
        "given_out": "",
    },
}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def statements(path: Path) -> list[ast.Import | ast.ImportFrom]:
    """The import statements of a file, wherever in it."""
    text = path.read_text()
    nodes = ast.walk(ast.parse(text)) if "import" in text else iter(())
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """The modules that a file imports, each with the name that it takes of it, if any."""
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield (whole, "") if whole in MODULES else (node.module, alias.name)


def ours(path: Path) -> set[str]:
    return {module for module, _ in imported(path) if module.split(".")[0] == "grader"}


def arrows(base: str) -> set[tuple[str, str]]:
    """Which folder or file of the package `base` imports which other one."""
    depth = len(base.split("."))
    found = set()
    for module, path in MODULES.items():
        for other in ours(path):
            pair = [m.split(".")[depth] for m in (module, other) if m.startswith(f"{base}.")]
            if len(set(pair)) == 2:
                found.add((pair[0], pair[1]))
    return found


PLANS = {"grader": WINGS, **{f"grader.{name}": plan for name, plan in ROOMS.items()}}


@pytest.mark.parametrize("base", PLANS)
def test_each_stands_on_what_it_may(base):
    """No wing, and no room of one, imports what the plan does not say."""
    allowed = {(name, other) for name, others in PLANS[base].items() for other in others.split()}
    started = {("__main__", "cli"), ("__main__", "judge")} if base == "grader" else set()
    assert arrows(base) - allowed - started == set()


@pytest.mark.parametrize("base", PLANS)
def test_the_plan_has_no_circle(base):
    """Each stands on what is named before it; what is gone from the code goes from the plan."""
    names = list(PLANS[base])
    for name, others in PLANS[base].items():
        assert set(others.split()) <= set(names[: names.index(name)]), name
    folder = PACKAGE.joinpath(*base.split(".")[1:])
    assert [n for n in names if not ((folder / n).is_dir() or (folder / f"{n}.py").is_file())] == []


def test_every_folder_says_what_it_is_for():
    """Whoever opens a folder with modules reads in its first line what is in it."""
    folders = {path.parent for path in (ROOT / "grader").rglob("*.py")}
    assert len(folders) > 20
    for folder in folders:
        said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        assert said.split("\n\n")[0].endswith("."), folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "files", ["grader/**/*.py", "tests/**/*.py", "benchmarks/*.py", "solutions/*/properties.py"]
)
def test_a_name_has_one_door(files):
    """What a module of ours gives, that module defines: nobody takes it from one that took it."""
    for path in ROOT.glob(files):
        for module, name in imported(path):
            if name and module in MODULES:
                assert name in defined(MODULES[module]), f"{path}: {name} from {module}"


@cache
def defined(path: Path) -> frozenset[str]:
    """The names that a module binds at its top itself: by `def`, `class`, `=` and the like."""
    found = set()
    outside = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
    left: list[ast.AST] = [ast.parse(path.read_text())]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, outside):
            left.extend(ast.iter_child_nodes(node))
    return frozenset(found)


@pytest.mark.parametrize("name", ["extension", "request", "session"])
def test_a_kernel_loads_nothing_that_grades(name):
    """The magic and its session ask another process: what a kernel holds a cell can change."""
    loaded = {module.split(".")[1] for module in ours(PACKAGE / "notebook" / f"{name}.py")}
    assert loaded <= {"errors", "language", "notebook", "report"}
    assert "grader.notebook.grade_cells" not in ours(PACKAGE / "notebook" / f"{name}.py")


@pytest.mark.parametrize("name", ["cells", "magics", "needs", "program", "statements"])
def test_reading_a_notebook_needs_the_course_alone(name):
    """A notebook becomes text without what is done with the text."""
    path = PACKAGE / "submission" / "notebook" / f"{name}.py"
    within = ("grader.course", "grader.errors", "grader.language", "grader.submission.notebook")
    assert all(module.startswith(within) for module in ours(path))


def test_exercises_and_references_stand_alone():
    """A stub, a reference, a misconception and an answer need torch alone, not the engine; the plot
    of a capstone also what its source is drawn by."""
    stubs = list((ROOT / "exercises").glob("*.py"))
    rooms = [p for p in (ROOT / "solutions").rglob("*.py") if p.name != "properties.py"]
    sources = {f"grader.judge.capstone.{each}" for each in ("markov", "source", "small_language")}
    assert stubs
    assert rooms
    for path in stubs + rooms:
        assert ours(path) <= (sources if path.name == "plot.py" else set()), path
