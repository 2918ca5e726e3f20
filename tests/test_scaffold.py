"""What an author gets from `grade new`, and hears from `grade validate` until it is written."""

import contextlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from commands import GRADE
from typer.testing import CliRunner

from grader import cli
from grader.course import model as course
from grader.course import scaffold
from grader.errors import UsageError
from grader.judge.prove import validate as prove

ROOT = Path(__file__).resolve().parent.parent
ANSWER = '''
"""A mask."""
import math
import torch
from torch import Tensor, nn

def causal_mask(scores: Tensor, fill: float = -1.0) -> Tensor:
    """Hide the future.

    scores: (T, T).
    """
    return scores.masked_fill(_future(scores), fill)

def scaled(scores: Tensor, steps: int) -> torch.Tensor:
    return scores / math.sqrt(steps)

def _future(scores):
    return torch.ones_like(scores, dtype=torch.bool).triu(1)
'''


def grade(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The real program, run from `cwd`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(
        [*GRADE, *map(str, arguments)],
        cwd=cwd, env=environment, capture_output=True, text=True,
    )  # fmt: skip


def texts(folder: Path) -> dict[Path, str]:
    return {p.relative_to(folder): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.slow
def test_an_empty_folder_becomes_a_course(tmp_path):
    """`grade new double` in an empty folder: a course with one exercise, which can be graded."""
    done = grade("new", "double", cwd=tmp_path)
    assert done.returncode == 0
    assert "grade validate 1" in done.stdout
    assert "Double" in grade("list", cwd=tmp_path).stdout
    assert "not_started" in grade("exercise", "1", cwd=tmp_path).stdout.replace(" ", "_")


@pytest.mark.slow
def test_validate_asks_for_what_is_missing_and_for_nothing_else(tmp_path):
    """All that does not hold is the author's to write; what is there already, holds."""
    grade("new", "double", cwd=tmp_path)
    done = grade("validate", "1", "--seeds", "2", cwd=tmp_path)
    missing = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert done.returncode == 1
    assert all("is yours to write" in line or "of at least" in line for line in missing)
    files = [line.split()[2].rstrip(",") for line in missing if "is yours to write" in line]
    order = ["ex01_double.py", "reference.py", "properties.py", "misconceptions.py", "course.toml"]
    assert [name for name in order if any(f.endswith(name) for f in files)] == order
    assert sorted(files, key=lambda f: order.index(Path(f).name)) == files
    assert "✓  1  the reference gets every point for 2 seeds" in done.stdout
    assert "laws.middle_sizes(" in next(tmp_path.rglob("properties.py")).read_text()


def test_an_answer_that_is_there_already_is_taken_over(tmp_path):
    """`--from`: its functions, signatures, docstrings and the imports that these need."""
    (tmp_path / "mine.py").write_text(ANSWER)
    scaffold.create("mask", tmp_path, solution=tmp_path / "mine.py")
    exercise = course.load(tmp_path).exercise("mask")
    assert exercise.functions == ("causal_mask", "scaled")
    stub = exercise.stub.read_text()
    assert "def causal_mask(scores: Tensor, fill: float=-1.0) -> Tensor:" in stub
    assert '    """Hide the future.\n\n    scores: (T, T).\n    """\n' in stub
    assert "import torch\nfrom torch import Tensor\n\n" in stub
    assert "math" not in stub
    assert "_future" in (exercise.room / "reference.py").read_text()
    assert "draw(st.integers(1, 5))" in (exercise.room / "properties.py").read_text()
    compile(stub, "stub", "exec")


DRAW = """
import json, runpy, sys
from hypothesis import find
found = {}
for path in sys.argv[1:]:
    names = runpy.run_path(path)
    case = find(names["f_cases"](), lambda _: True)
    found[path] = [[type(each).__name__ for each in case], "test_middle_sizes" in names]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_what_is_drawn_is_what_the_answer_takes(tmp_path):
    """Properties that can be loaded as they are written; middle sizes where all are tensors."""
    expected = {}
    for slug, parameters, drawn in (
        ("one", "x: Tensor", (["Tensor"], True)),
        ("two", "x: torch.Tensor, w: Tensor", (["Tensor", "Tensor"], True)),
        ("other", "x: Tensor, n: int", (["Tensor", "int"], False)),
        ("unknown", "x", (["NoneType"], False)),
    ):
        mine = tmp_path / "mine.py"
        mine.write_text(
            f"import torch\nfrom torch import Tensor\ndef f({parameters}):\n    return x\n"
        )
        scaffold.create(slug, tmp_path, solution=mine)
        (path,) = tmp_path.glob(f"solutions/*_{slug}/properties.py")
        expected[str(path)] = list(drawn)
    done = subprocess.run(
        [sys.executable, "-c", DRAW, *expected], cwd=ROOT, capture_output=True, text=True
    )
    assert json.loads(done.stdout) == expected, done.stderr


def test_an_exercise_goes_where_it_is_wanted(tmp_path):
    """`--after 1` puts it there, under the next free number; comments in the file stay."""
    for slug in ("one", "two"):
        scaffold.create(slug, tmp_path)
    file = tmp_path / course.COURSE_FILE
    file.write_text(file.read_text().replace('slug = "two"', 'slug = "two"  # the second'))
    scaffold.create("between", tmp_path, after="one")
    assert [e.stem for e in course.load(tmp_path).exercises] == [
        "ex01_one",
        "ex03_between",
        "ex02_two",
    ]
    assert "# the second" in file.read_text()
    assert tomllib.loads(file.read_text())["format"] == course.FORMAT


@pytest.mark.parametrize(
    ("slug", "options", "said"),
    [
        ("Mask-1", {}, "cannot be a slug"),
        ("../x", {}, "cannot be a slug"),
        ("one", {}, "has an exercise 'one' already"),
        ("mask", {"after": "7"}, "no exercise '7'"),
        ("mask", {"solution": "absent.py"}, "cannot be read"),
        ("mask", {"solution": "broken.py"}, "not valid Python: line 1"),
        ("mask", {"solution": "private.py"}, "no public function"),
        ("mask", {"solution": "class.py"}, "has the class Mask: --class Mask asks for it"),
        ("there", {}, "is there already"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_is_written(tmp_path, slug, options, said):
    """A bad name, one that is taken, a file that is no answer: an error, and no change."""
    scaffold.create("one", tmp_path)
    (tmp_path / "broken.py").write_text("def f(:\n")
    (tmp_path / "private.py").write_text("def _f():\n    pass\n")
    (tmp_path / "class.py").write_text("class Mask:\n    pass\n")
    (tmp_path / "exercises" / "ex02_there.py").write_text("")
    before = texts(tmp_path)
    if "solution" in options:
        options = {"solution": tmp_path / options["solution"]}
    with pytest.raises(UsageError) as caught:
        scaffold.create(slug, tmp_path, **options)
    assert said in caught.value.problem
    assert texts(tmp_path) == before


@pytest.mark.slow
def test_right_answers_are_tried_on_every_seed(tmp_path, forkserver, monkeypatch):
    """`grade validate 1 --right FILE` holds for a right answer, and names where another fails."""
    assert prove.SEEDS == 20  # three are enough to see that there are several
    monkeypatch.setattr(prove, "SEEDS", 3)
    monkeypatch.setattr(prove, "Forkserver", lambda: contextlib.nullcontext(forkserver))
    really, seeds = prove.grade, []
    monkeypatch.setattr(
        prove, "grade", lambda *a, seed, **k: seeds.append(seed) or really(*a, seed=seed, **k)
    )

    def validated(*answers):
        options = [word for each in answers for word in ("--right", str(each))]
        return CliRunner().invoke(cli.app, ["validate", "1", *options, "--course", str(tmp_path)])

    scaffold.create("double", tmp_path)
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text("def double(x):\n    return 2 * x\n")
    wrong.write_text("def double(x):\n    return x * x\n")
    good = validated(right)
    assert (good.exit_code, good.stdout.count("✓")) == (0, 1)
    assert len(set(seeds)) == 3
    both = validated(right, wrong)
    assert both.exit_code == 1
    assert "wrong.py" in next(line for line in both.stdout.splitlines() if line[:1] == "✗")
    unclear = grade("validate", "--right", right, "--course", ROOT, cwd=tmp_path)
    assert (unclear.returncode, unclear.stdout) == (2, "")
    assert "--right speaks of one exercise" in unclear.stderr


@pytest.mark.slow
def test_a_class_is_asked_for_with_its_methods(tmp_path):
    """`grade new mask --class Mask`: a course of format 2, a stub that is not started, a reference
    that the properties pass; an older course file is brought to that format."""
    scaffold.create("double", tmp_path)
    scaffold.create("mask", tmp_path, class_name="Mask")
    assert tomllib.loads((tmp_path / course.COURSE_FILE).read_text())["format"] == 2
    exercise = course.load(tmp_path).exercise("mask")
    assert exercise.unwritten == ("Mask.__init__", "Mask.forward")
    assert "not_started" in grade("exercise", "mask", cwd=tmp_path).stdout.replace(" ", "_")
    reference = exercise.room / "reference.py"
    done = grade("exercise", "mask", "-s", reference, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    with pytest.raises(UsageError, match="cannot be a class"):
        scaffold.create("other", tmp_path, class_name="a mask")
