"""A third party's course: the one that docs/writing-exercises.md builds, with the same tools."""

import csv
import re
import subprocess
import textwrap
from pathlib import Path

import nbformat
import pytest
from commands import GRADE
from quality import WHOLE

from grader.course import model as course
from grader.judge import compare, laws, strategies
from grader.judge import laws_of_modules as modules
from grader.judge.prove.validate import SEEDS, checks
from grader.judge.wrong import wrong_answers

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "tests" / "example_course"
CLASSES = ROOT / "tests" / "example_classes"
GUIDE = (ROOT / "docs" / "writing-exercises.md").read_text()
API = (ROOT / "docs" / "authoring-api.md").read_text()
BLOCKS = re.findall(r"`([\w/]+\.(?:py|toml))`:\n\n```\w+\n(.*?)```", GUIDE, re.DOTALL)


def grade(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The real program, on the example course."""
    return subprocess.run(
        [*GRADE, *map(str, arguments), "--course", str(EXAMPLE)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.slow
def test_the_mutants_of_the_example_course_die():
    """All of them, or they are declared."""
    done = grade("validate", "--mutants")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("folder", [EXAMPLE, CLASSES], ids=lambda each: each.name)
def test_the_example_courses_validate(folder, forkserver):
    """What the guide builds, and its chapter on classes, grades fairly. On two seeds, without the
    names of the misconceptions, and with a part of the answers. (All of it: `scripts/check
    --quality`.)"""
    (exercise,) = course.load(folder).exercises
    seeds, every = (SEEDS, 1) if WHOLE else (2, 2)
    found = list(checks(exercise, forkserver, seeds=seeds, named=WHOLE, every=every))
    assert len(found) > 12
    assert not [check.text for check in found if not check.holds]


@pytest.mark.slow
def test_the_example_course_is_graded_like_any_other(tmp_path):
    """Stub, right and wrong answers get what they should from `grade exercise --course`."""
    room = EXAMPLE / "solutions" / "ex01_rms_norm"
    assert grade("exercise", "1").returncode == 1
    assert grade("exercise", "rms_norm", "-s", room / "right" / "by_norm.py").returncode == 0
    (detached,) = (each for each in wrong_answers(room) if each.name == "detached")
    path = tmp_path / "detached.py"
    path.write_text(detached.source)
    wrong = grade("exercise", "1", "-s", path)
    assert wrong.returncode == 1
    assert "Gradients reach every argument and are right." in wrong.stdout


@pytest.mark.slow
def test_a_course_of_classes_is_used_like_any_other(tmp_path):
    """A class is graded in a run, out of a file or of several cells; the call that fails becomes a
    script; a release holds the stub alone."""
    source = (CLASSES / "solutions" / "ex01_rms_layer" / "reference.py").read_text()
    begun, _, rest = source.partition("    def forward")
    put = "def into(cls):\n    return lambda f: setattr(cls, f.__name__, f)"
    method = "@into(RMSNorm)\n" + textwrap.dedent(f"    def forward{rest}")
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in (begun, put, method)]
    )
    wrong = source.replace(") * self.weight", ")")  # which its first property shows
    assert wrong != source
    texts = {"ada.py": source, "bob.ipynb": nbformat.writes(book), "cy.py": wrong}
    for name, text in texts.items():
        path = tmp_path / "in" / Path(name).stem / f"ex01_rms_layer{Path(name).suffix}"
        path.parent.mkdir(parents=True)
        path.write_text(text)

    def of_classes(*arguments):
        command = [*GRADE, *map(str, arguments), "--course", str(CLASSES)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    done = of_classes("class", "in", "-o", "graded", "-j", 1, "--seed", 1)
    assert done.returncode == 0, done.stderr
    lines = csv.DictReader((tmp_path / "graded" / "gradebook.csv").open())
    scores = {line["student"]: float(line["total"]) for line in lines}
    assert (scores["ada"], scores["bob"]) == (100, 100)
    assert scores["cy"] < 100
    script = of_classes("debug", 1, "-s", tmp_path / "in" / "cy" / "ex01_rms_layer.py")
    assert "Wrong: this call does not give what it should." in script.stdout + script.stderr
    assert of_classes("release", tmp_path / "out").returncode == 0
    given = [path.read_text() for path in (tmp_path / "out" / "students").rglob("*.py")]
    assert any("class RMSNorm" in text for text in given)
    assert not any("nn.Parameter(" in text for text in given)


@pytest.mark.parametrize(("name", "block"), BLOCKS, ids=[name for name, _ in BLOCKS])
def test_the_guide_shows_the_course_as_it_is(name, block):
    """Every block of the guide is a part of the file that it names."""
    path = EXAMPLE / name
    assert block in (path if path.is_file() else CLASSES / name).read_text()


def test_the_guide_shows_every_kind_of_file():
    """Stub, reference, properties, misconceptions, wrong answers, course file, declarations."""
    assert {Path(name).name for name, _ in BLOCKS} >= {
        "ex01_rms_norm.py",
        "reference.py",
        "properties.py",
        "misconceptions.py",
        "wrong.py",
        "course.toml",
        "equivalent.toml",
    }


@pytest.mark.parametrize("module", [laws, strategies, compare, modules], ids=lambda m: m.__name__)
def test_what_an_author_may_import_is_there(module):
    """The names that the page of the API lists under a module exist in it, and the laws are all
    there are."""
    section = API.split(f"`{module.__name__}`\n", 1)[1].split("\n## ", 1)[0]
    names = set(re.findall(r"^\| `(\w+)", section, re.MULTILINE))
    assert names
    assert all(hasattr(module, name) for name in names)
    if module in (laws, modules):
        public = {
            name
            for name, value in vars(module).items()
            if getattr(value, "__module__", "") == module.__name__
            and callable(value)
            and not name.startswith("_")
        }
        assert names == public
