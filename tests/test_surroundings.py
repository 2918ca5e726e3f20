# ruff: noqa: E501 - a row of the table is a line
"""What is around an answer: the student's own modules, libraries, data files, and other students.

Each row is a right answer to `double(x)` with something around it, and what must come of that: full
marks (None), or words that the report must have. Each is tried as a Python file, as a notebook, and
in a class, and comes out the same.
"""

import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import nbformat
import pytest
from commands import GRADE
from nbformat.v4 import new_code_cell, new_notebook
from quality import WHOLE

from grader.classroom.received import roster
from grader.course import model as course
from grader.errors import UsageError
from grader.judge.grading import grade
from grader.notebook.request import Request, Run
from grader.report import Report, Status
from grader.submission import carried
from grader.submission import text as submission
from grader.submission.notebook.cells import Cell

STEM = "ex01_double"
WAYS = ["file", "notebook", "class"]
COURSE = """
title = "Tiny"
packages = ["hypothesis", "not-there-at-all as nowhere_at_all"]
[[parts]]
title = "One"
[[parts.exercises]]
number = 1
slug = "double"
title = "Double"
functions = ["double"]
forbidden = ["torch.lerp", "torch.nn.functional.relu"]
[[parts.exercises]]
number = 2
slug = "rectified"
title = "Rectified"
functions = ["rectified"]
"""
PROPERTIES = """
import pytest, torch
from hypothesis import given, strategies as st
from grader.judge.compare import agree
from grader.judge.strategies import sizes, tensors

@pytest.mark.points(100)
@given(st.data())
def test_values(student, reference, data):
    \"\"\"It is twice the input.\"\"\"
    x = data.draw(tensors(data.draw(sizes(2))))
    agree(student.double(x), reference.double(x))
"""
SCALE = "def scale(x): return 2 * x\n"
USES = "from helpers import scale\ndef double(x): return scale(x)\n"
TABLE = """
import numpy as np
import torch
T = np.full(3, 2.0)
assert np.allclose(np.linalg.inv(np.eye(64) * 2), np.eye(64) / 2)
assert np.sort(np.random.default_rng(0).normal(size=10_000))[0] < 0
assert np.fft.fft(np.ones(8))[0] == 8
BIG = np.ones((300, 300)) @ np.ones((300, 300))
def double(x):
    return torch.from_numpy(np.ascontiguousarray(x.numpy() * T[0])).to(x.dtype)
"""

ROWS: dict[str, tuple[str, dict[str, str], tuple[str, ...] | None]] = {
    # libraries
    "numpy": (TABLE, {}, None),
    "numpy in a module": ("from tables import double\n", {"tables.py": TABLE}, None),
    "a package of the course": ("import hypothesis\n" + SCALE + "double = scale", {}, None),
    "one that is nowhere": ("import no_such_thing\ndef double(x): return no_such_thing.f(x)", {}, ("torch, numpy, hypothesis", "no_such_thing.py")),
    "one that is nowhere, in a call": (
        "def double(x):\n    import no_such_thing\n", {}, ("no_such_thing.py",)),
    "one that the grader lacks": ("import nowhere_at_all\ndef double(x): return nowhere_at_all.f(x)", {}, ("no fault of yours", "pip install")),
    "one that the grader lacks, in a call": (
        "def double(x):\n    import nowhere_at_all\n", {}, ("no fault of yours", "pip install")),
    # modules
    "a helper": (USES, {"helpers.py": SCALE}, None),
    "import as": ("import helpers as h\ndef double(x): return h.scale(x)", {"helpers.py": SCALE}, None),
    "a star": ("from helpers import *\ndouble = scale", {"helpers.py": SCALE}, None),
    "in a function": (
        "def double(x):\n    from helpers import scale\n    return scale(x)", {"helpers.py": SCALE}, None),
    "importlib": (
        "import importlib\nh = importlib.import_module('helpers')\ndouble = h.scale",
        {"helpers.py": SCALE}, None),
    "a helper of a helper": (
        USES, {"helpers.py": "from more import scale\n", "more.py": SCALE}, None),
    "helpers in a circle": (
        USES, {"helpers.py": "import more\n" + SCALE, "more.py": "import helpers\n"}, None),
    "a relative import": ("from .helpers import scale\ndef double(x): return scale(x)",
                          {"helpers.py": SCALE}, None),
    "from dot": ("from . import helpers\ndef double(x): return helpers.scale(x)",
                 {"__init__.py": "", "helpers.py": SCALE}, None),
    "a package": ("from pack.inner import scale\ndouble = scale",
                  {"pack/__init__.py": "", "pack/inner.py": SCALE}, None),
    "a package's relative import": (
        "from pack import scale\ndouble = scale",
        {"pack/__init__.py": "from .inner import scale\n", "pack/inner.py": "from .deep.er import scale\n",
         "pack/deep/er.py": SCALE}, None),
    "two dots in a package": (
        "import pack.deep.er\ndef double(x): return pack.deep.er.scale(x)",
        {"pack/__init__.py": "", "pack/inner.py": SCALE, "pack/deep/__init__.py": "",
         "pack/deep/er.py": "from ..inner import scale\n"}, None),
    "a folder without __init__": ("import pack.inner\ndouble = pack.inner.scale", {"pack/inner.py": SCALE}, None),
    "an earlier answer": (
        "from ex02_rectified import rectified\ndef double(x): return rectified(x) - rectified(-x) + x",
        {"ex02_rectified.py": "def rectified(x): return x.clamp(min=0)\n"}, None),
    "an earlier answer with what is forbidden here, unused": (
        "from ex02_rectified import scale\ndouble = scale",
        {"ex02_rectified.py": "import torch\n" + SCALE + "def rectified(x): return torch.nn.functional.relu(x)\n"},
        None),
    "a class of a helper": (
        "from helpers import Two\ndef double(x): return Two(2).of(x)",
        {"helpers.py": "import dataclasses\n@dataclasses.dataclass\nclass Two:\n    n: int\n    def of(self, x): return x * self.n\n"},
        None),
    "latin-1": (USES, {"helpers.py": "# -*- coding: latin-1 -*-\n# \u00e9t\u00e9\n" + SCALE}, None),
    # what is wrong in one is told by its own file and line
    "an error at load": (USES, {"helpers.py": "\n1 / 0\n"}, ("ZeroDivisionError", "at helpers.py, line 2: 1 / 0")),
    "an error in a call": (
        USES, {"helpers.py": "def scale(x):\n    return x.boom\n"}, ("AttributeError", "at helpers.py, line 2: return x.boom")),
    "a syntax error": (USES, {"helpers.py": "x = 1\ndef scale(x:\n"}, ("SyntaxError", "helpers.py, line 2")),
    "a forbidden function": (
        USES, {"helpers.py": "import torch\ndef scale(x):\n    return torch.lerp(x, x, 2)\n"},
        ("helpers.py, line 3 uses `torch.lerp`",)),
    "a forbidden function by another name": (
        "from helpers import f\ndef double(x): return f(x, x, 2.0) + x",
        {"helpers.py": "import torch\nf = getattr(torch, 'le' + 'rp'[::1])\n"}, ("torch.lerp",)),
    "a forbidden function, found at run time": (
        USES, {"helpers.py": "import torch\ndef scale(x):\n    n = ''.join(['le', 'rp'])\n    return getattr(torch, n)(x, x, 2.0) + x\n"},
        ("helpers.py, line 4 calls `torch.lerp`",)),
    "a forbidden function that only a string names": (
        "import helpers\ndef double(x): return vars(helpers)['hidden'](x, x, 2.0) + x",
        {"helpers.py": "import torch\ndef hidden(*a): return torch.lerp(*a)\n"}, ("torch.lerp",)),
    "a detour": (
        USES, {"helpers.py": "import ctypes\ndef scale(x):\n    ctypes.CDLL(None)\n    return 2 * x\n"},
        ("helpers.py, line 3", "ctypes")),
    "a detour, found at run time": (
        USES, {"helpers.py": "import importlib\ndef scale(x):\n    m = importlib.import_module('cty' + 'pes')\n    m.CDLL(None)\n    return 2 * x\n"},
        ("ctypes",)),
    "no such name in it": ("from helpers import other\ndouble = other", {"helpers.py": SCALE}, ("ImportError", "cannot import name 'other'")),
    "no such module in a package": ("import pack.other\ndouble = pack.other.f", {"pack/__init__.py": ""}, ("no module `pack.other`",)),
    # what is not taken is told
    "a name of Python's own": (
        "from random import scale\ndouble = scale", {"random.py": SCALE}, ("random.py was not taken",)),
    "torch.py": ("from torch import scale\ndouble = scale", {"torch.py": SCALE}, ("torch.py was not taken",)),
    "above the folder": ("from ..helpers import scale\ndouble = scale", {"helpers.py": SCALE}, ("relative import", "not those above")),
    "a data file": ("T = open('table.csv').read()\ndef double(x): return x * float(T)", {"table.csv": "1"}, ("`table.csv`", "Data files do not go along")),
    "a data file by numpy": (
        "import numpy as np\nT = np.loadtxt('table.csv')\n" + SCALE + "def double(x): return scale(x) * T", {"table.csv": "1"},
        ("`table.csv`", "Data files do not go along")),
    "a data file in a call": (
        "import torch\ndef double(x): return torch.load('w.pt') * x", {"w.pt": "1"}, ("`w.pt`", "Data files")),
    # walls, each told with what to do
    "breakpoint": ("def double(x):\n    breakpoint()\n    return 2 * x", {}, ("Nobody can type",)),
    "set_trace": ("import pdb\ndef double(x):\n    pdb.set_trace()\n    return 2 * x", {}, ("Nobody can type",)),
    "input": ("def double(x):\n    return x * float(input())", {}, ("Nobody can type",)),
    "a URL": ("from urllib.request import urlopen\ndef double(x):\n    urlopen('https://example.com')\n    return 2 * x", {}, ("There is no network",)),
    "torch.hub": ("import torch\ndef double(x):\n    torch.hub.load('pytorch/vision', 'resnet18')\n    return 2 * x", {}, ("There is no network",)),
    "torch.save": ("import torch\ndef double(x):\n    torch.save(x, '/x.pt')\n    return 2 * x", {}, ("Nothing is kept",)),
    "subprocess": ("import subprocess\ndef double(x):\n    subprocess.run(['ls'])\n    return 2 * x", {}, ("No other process",)),
    "multiprocessing": ("import multiprocessing\ndef double(x):\n    multiprocessing.Process(target=print).start()\n    return 2 * x", {}, ("No other process",)),
    # torch's state
    "gradients switched off": ("import torch\ntorch.set_grad_enabled(False)\n" + SCALE + "double = scale", {}, None),
    "anomalies looked for": ("import torch\ntorch.autograd.set_detect_anomaly(True)\n" + SCALE + "double = scale", {}, None),
    "another default dtype": ("import torch\ntorch.set_default_dtype(torch.float16)\n" + SCALE + "double = scale", {}, None),
    "another default device": ("import torch\ntorch.set_default_device('meta')\n" + SCALE + "double = scale", {}, None),
    "deterministic algorithms": ("import torch\ntorch.use_deterministic_algorithms(True)\n" + SCALE + "double = scale", {}, None),
    "threads": ("import torch\ntorch.set_num_threads(4)\n" + SCALE + "double = scale", {}, None),
    "warnings as errors": ("import warnings\nwarnings.simplefilter('error')\n" + SCALE + "double = scale", {}, None),
    # what comes back
    "None": ("def double(x):\n    y = 2 * x", {}, ("None", "forget `return`")),
    "a generator": ("def double(x):\n    yield 2 * x", {}, ("generator", "`return`")),
    "a coroutine": ("async def double(x):\n    return 2 * x", {}, ("coroutine", "write `def`")),
    "a dataclass": ("import dataclasses\n@dataclasses.dataclass\nclass Out:\n    y: object\ndef double(x):\n    return Out(2 * x)", {}, ("a dataclass, Out",)),
    "an array": ("def double(x):\n    return 2 * x.detach().numpy()", {}, ("ndarray", "torch.as_tensor")),
    # what does not end, and what is not Python
    "an endless loop": ("def double(x):\n    while True:\n        pass", {}, ("did not come back within", "It was at")),
    "a file cut off": ("def double(x):\n    return (2 * x", {}, ("not valid Python",)),
    "emoji and Chinese": ("# 翻倍 😀\ndef double(x):\n    '翻倍'\n    return 2 * x", {}, None),
}  # fmt: skip


@pytest.fixture(scope="module")
def exercise(tmp_path_factory: pytest.TempPathFactory) -> course.Exercise:
    home = tmp_path_factory.mktemp("tiny") / "course"
    room = home / "solutions" / STEM
    room.mkdir(parents=True)
    (home / "exercises").mkdir()
    (home / "exercises" / "course.toml").write_text(COURSE)
    (room / "reference.py").write_text("def double(x):\n    return x + x\n")
    (room / "properties.py").write_text(PROPERTIES)
    (room / "misconceptions.py").write_text("")
    return course.load(home).exercise("1")


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("latin-1" if "latin-1" in text else "utf-8"))
    return folder


def handed_in(
    way: str, folder: Path, main: str, files: dict[str, str], exercise: course.Exercise
) -> submission.Submission:
    """An answer with its files, read in one of three ways."""
    if way == "notebook":
        write(folder, files)
        folder.mkdir(exist_ok=True)
        path = folder / f"{STEM}.ipynb"
        path.write_text(nbformat.writes(new_notebook(cells=[new_code_cell(main)])))
        return submission.read_with_modules(path, exercise.packages).answer_to(exercise)
    if way == "file":
        write(folder, {**files, f"{STEM}.py": main})
        return submission.read_with_modules(folder / f"{STEM}.py", exercise.packages)
    # A class, where somebody else has files of the same names.
    write(folder / "ann", {**files, f"{STEM}.py": main})
    write(folder / "bob", {**dict.fromkeys(files, "raise SystemError\n"), f"{STEM}.py": "x = 1\n"})
    found = roster.discover(folder, course.load(exercise.course).exercises, [exercise])
    (answer,) = [each for each in found.answers if each.student == "ann"]
    assert answer.submission is not None, answer.file.problem
    return answer.submission


def told(report: Report) -> str:
    """All that a report says of what went wrong, on one line."""
    texts = [report.reason, *(each.message for each in report.properties)]
    return " ".join(" ".join(filter(None, texts)).split())


@pytest.mark.parametrize(
    ("row", "way"),
    # Each row in one way, which changes; in all of them where quality is asked for.
    [(row, way) for n, row in enumerate(ROWS) for m, way in enumerate(WAYS) if WHOLE or n % 3 == m],
)
def test_a_right_answer_is_right_whatever_is_around_it(
    row: str,
    way: str,
    exercise: course.Exercise,
    tmp_path: Path,
    forkserver: Any,
    request: pytest.FixtureRequest,
) -> None:
    main, files, words = ROWS[row]
    if "endless" in row:  # how soon that is said does not matter here
        limits = replace(exercise.limits, property_seconds=1)
        exercise = replace(exercise, limits=limits)
    if WHOLE:
        request.getfixturevalue("within_limits")
    found = handed_in(way, tmp_path / "handed_in", main, files, exercise)
    report = grade(exercise, found, forkserver=forkserver, device="cpu", speed=False)
    if words is None:
        assert (report.status, report.score) == (Status.PASSED, 100), told(report)
        return
    for word in words:
        assert word in told(report)
    lacks = "lacks" in row
    assert (report.status is Status.UNGRADED) == lacks
    assert report.score == 0
    assert "Traceback" not in told(report)


class TestWhatIsHashed:
    """A module is a part of the submission: another one makes another submission."""

    def test_another_module_another_digest(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.py": USES, "helpers.py": SCALE})
        alone = submission.read(tmp_path / "a.py").sha256
        one = submission.read_with_modules(tmp_path / "a.py").sha256
        write(tmp_path, {"helpers.py": SCALE + "# more"})
        other = submission.read_with_modules(tmp_path / "a.py").sha256
        assert len({alone, one, other}) == 3

    def test_what_is_not_imported_is_no_part_of_it(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.py": SCALE, "helpers.py": SCALE})
        found = submission.read_with_modules(tmp_path / "a.py")
        assert found == submission.read(tmp_path / "a.py")


class TestWhatIsNotFollowed:
    """Nothing but a student's own Python files, and few of them."""

    def test_links(self, tmp_path: Path) -> None:
        """Neither to a file nor through a folder: they could lead to anybody's."""
        secret = write(tmp_path / "other", {"helpers.py": SCALE, "inner.py": SCALE})
        home = write(tmp_path / "mine", {"a.py": "import helpers, pack.inner\n"})
        os.symlink(secret / "helpers.py", home / "helpers.py")
        os.symlink(secret, home / "pack")
        found = submission.read_with_modules(home / "a.py")
        assert found.modules == ()
        assert "links are not followed" in found.carried.passed_over["helpers"]
        assert "links are not followed" in found.carried.passed_over["pack"]

    def test_what_is_no_ordinary_file(self, tmp_path: Path) -> None:
        write(tmp_path, {"a.py": "import helpers\n"})
        os.mkfifo(tmp_path / "helpers.py")
        assert submission.read_with_modules(tmp_path / "a.py").modules == ()

    def test_too_many(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert carried.MOST_MODULES == 40  # each is read by a process of its own
        monkeypatch.setattr(carried, "MOST_MODULES", 4)
        names = [f"m{number}" for number in range(carried.MOST_MODULES + 1)]
        write(tmp_path, {f"{name}.py": "" for name in names})
        write(tmp_path, {"a.py": f"import {', '.join(names)}\n"})
        with pytest.raises(UsageError, match=f"More than {carried.MOST_MODULES} modules"):
            submission.read_with_modules(tmp_path / "a.py")

    def test_too_large(self, tmp_path: Path) -> None:
        half = "#" * (carried.MOST_CHARACTERS // 2 + 1)
        write(tmp_path, {"a.py": "import b, c\n", "b.py": half, "c.py": half})
        with pytest.raises(UsageError, match="1 MiB"):
            submission.read_with_modules(tmp_path / "a.py")

    @pytest.mark.parametrize(
        "lines",
        [
            "import helpers\n" + "import {}\n" * 30_000,
            "import helpers, " + "{}, " * 30_000 + "end\n",
            "import helpers\n" + "from {} import a\n" * 30_000,
            "import helpers\n" + "__import__('{}')\n" * 30_000,
            "import helpers.{}\n" * 30_000,
        ],
        ids=["lines", "one line", "from", "call", "deep"],
    )
    def test_names_without_end(self, lines: str) -> None:
        """Few of them are looked for, wherever a reader looks, and the file is refused for it."""
        asked: list[str] = []

        def look(file: str) -> str | None:
            asked.append(file)
            return SCALE if file == "helpers.py" else None

        text = lines.format(*(f"m{number}" for number in range(30_000)))
        with pytest.raises(UsageError, match=f"More than {carried.MOST_NAMES} names"):
            carried.find_modules([text], look)
        assert len(asked) < 6 * carried.MOST_NAMES

    def test_a_name_without_end(self) -> None:
        """Nor are those above it, each as long as all before."""
        asked: list[str] = []
        name = "a" + ".b" * 20_000
        carried.find_modules([f"import helpers\nimport {name}\n"], lambda file: asked.append(file))
        assert "helpers.py" in asked
        assert sum(map(len, asked)) < 1_000

    def test_cells_are_taken_apart_where_reading_is_limited(
        self, monkeypatch, within_limits
    ) -> None:
        """Not in the process that reads a whole class; what IPython times is imported too."""
        in_this_process: list[list[str]] = []
        really = submission.without_magics

        def noted(lines: list[str]) -> list[str]:
            in_this_process.append(lines)
            return really(lines)

        monkeypatch.setattr(submission, "without_magics", noted)
        cell = Cell("1", "!ls\n%time import helpers\n")
        whole = submission.Submission(Path("a.ipynb"), "", "", cells=(cell,))
        found = whole.with_modules({"helpers.py": SCALE}.get)
        assert [module.name for module in found.modules] == ["helpers"]
        assert in_this_process == []

    def test_a_bomb(self, tmp_path: Path) -> None:
        """What takes for ever to parse is not taken, and holds nobody up."""
        write(tmp_path, {"a.py": "import b\n", "b.py": "x = " + "-" * 900_000 + "1"})
        found = submission.read_with_modules(tmp_path / "a.py")
        assert [module.imports for module in found.modules] in ([], [()])

    def test_other_students(self, tmp_path: Path, exercise: course.Exercise) -> None:
        """Files that lie in one folder are still several people's."""
        pattern = r"^(?P<student>[a-z]+)_(?P<file>.+)$"
        write(tmp_path / "flat", {f"ann_{STEM}.py": USES, "bob_helpers.py": SCALE,
                                  f"bob_{STEM}.py": USES, "eve_other.py": "x = 1\n"})  # fmt: skip
        found = roster.discover(tmp_path / "flat", [exercise], [exercise], pattern)
        modules = {a.student: a.submission.modules for a in found.answers if a.submission}
        assert modules["ann"] == ()
        assert [module.name for module in modules["bob"]] == ["helpers"]

    def test_what_canvas_makes_of_names(self, tmp_path: Path, exercise: course.Exercise) -> None:
        names = {f"ann_12_34_{STEM}-2.py": USES, "ann_12_35_helpers-1.py": SCALE}
        found = roster.discover(write(tmp_path / "c", names), [exercise], [exercise], "canvas")
        assert [each.submission.modules[0].name for each in found.answers] == ["helpers"]


def test_the_judge_runs_none_of_it(tmp_path: Path) -> None:
    """Reading a submission with its modules imports none of them, wherever they lie."""
    write(tmp_path, {f"{STEM}.py": "import helpers\n", "helpers.py": "open('ran', 'w')\n"})
    code = (
        "import sys; from pathlib import Path; from grader.submission import text as submission;"
        f"found = submission.read_with_modules(Path('{STEM}.py'));"
        "print([m.name for m in found.modules], 'helpers' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "['helpers'] False False"
    assert not (tmp_path / "ran").exists()


class TestPackages:
    """What a course counts on: read from its file, looked for, and given out with a release."""

    @pytest.mark.parametrize(
        ("entry", "requirement", "module"),
        [
            ("einops", "einops", "einops"),
            ("pandas>=2", "pandas>=2", "pandas"),
            ("pandas >= 2, < 4", "pandas >= 2, < 4", "pandas"),
            ("scikit-learn as sklearn", "scikit-learn", "sklearn"),
            ("scikit-learn>=1.4 as sklearn", "scikit-learn>=1.4", "sklearn"),
            ("typing-extensions", "typing-extensions", "typing_extensions"),
            ("x[all]~=1.0", "x[all]~=1.0", "x"),
        ],
    )
    def test_entries(self, entry: str, requirement: str, module: str, tmp_path: Path) -> None:
        found = self.made(tmp_path, f'["{entry}"]')
        assert found.packages == (course.Package(requirement, module),)
        assert found.exercise("1").packages == (module,)

    @pytest.mark.parametrize(
        "entry", ["[3]", '"einops"', '["-e ."]', '["a; rm -rf x"]', '["a as b c"]', '[""]']
    )
    def test_what_is_none(self, entry: str, tmp_path: Path) -> None:
        if entry == '"einops"':
            assert self.made(tmp_path, entry).packages[0].module == "einops"
            return
        with pytest.raises(UsageError, match="packages has"):
            self.made(tmp_path, entry)

    def test_a_course_without_any(self, tmp_path: Path) -> None:
        home = write(
            tmp_path,
            {
                "exercises/course.toml": COURSE.split("[[parts]]")[0].replace("packages", "other")
                + "parts = []"
            },
        )
        assert course.load(home).packages == ()

    def made(self, folder: Path, packages: str) -> course.Course:
        text = COURSE.splitlines()
        text[2] = f"packages = {packages}"
        return course.load(write(folder, {"exercises/course.toml": "\n".join(text)}))

    @pytest.mark.slow
    def test_doctor(self, exercise: course.Exercise) -> None:
        """It says what is there and what is missing, and with which command it comes."""
        done = self.run("doctor", "--course", exercise.course, cwd=exercise.course)
        assert "package ✓ hypothesis" in done.stdout
        assert "package ✗ not-there-at-all" in done.stdout
        assert "pip install 'not-there-at-all'" in done.stdout
        assert "1 packages that the course counts on are missing" in done.stdout
        assert done.returncode == 1

    def test_a_release_of_what_is_missing_is_refused(self, exercise: course.Exercise) -> None:
        done = self.run("release", "out", cwd=exercise.course)
        assert done.returncode == 2
        assert "counts on nowhere_at_all, which this Python lacks" in done.stderr
        assert "pip install not-there-at-all" in done.stderr
        assert not (exercise.course / "out").exists()

    def test_a_release_installs_what_the_course_counts_on(self, tmp_path: Path) -> None:
        home = tmp_path / "course"
        shutil.copytree(Path(__file__).parent / "example_course", home)
        file = home / "exercises" / "course.toml"
        file.write_text(
            file.read_text().replace("format = 1\n", 'format = 1\npackages = ["hypothesis>=6"]\n')
        )
        done = self.run("release", "out", cwd=home)
        assert done.returncode == 0, done.stderr
        for part in ("students", "students-notebooks"):
            assert (
                "hypothesis>=6"
                in (home / "out" / part / "ci" / "requirements.txt").read_text().splitlines()
            )
            assert course.load(home / "out" / part).packages[0].module == "hypothesis"
        with zipfile.ZipFile(home / "out" / "teacher" / "gradescope.zip") as archive:
            assert "'hypothesis>=6'" in archive.read("setup.sh").decode()
            script = archive.read("setup.sh")
            assert "packages" in archive.read("course/exercises/course.toml").decode()
        assert subprocess.run(["bash", "-n"], input=script).returncode == 0

    def run(self, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        root = str(Path(__file__).resolve().parent.parent)
        return subprocess.run(
            [*GRADE, *map(str, arguments)],
            cwd=cwd, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root, "COLUMNS": "200"},
        )  # fmt: skip


class TestOneVerdict:
    """The commands that grade take modules along, all of them."""

    FILES: ClassVar = {f"{STEM}.py": USES, "helpers.py": SCALE}

    @pytest.mark.slow
    @pytest.mark.parametrize("named", [f"{STEM}.py", "."])
    def test_at_the_terminal(self, named: str, exercise: course.Exercise, tmp_path: Path) -> None:
        home = write(tmp_path / "mine", self.FILES)
        done = TestPackages().run(
            "exercise", "1", "--course", exercise.course, "--submission", named, cwd=home
        )
        assert "100 / 100" in done.stdout, done.stdout + done.stderr

    @pytest.mark.slow
    def test_by_pytest(self, exercise: course.Exercise, tmp_path: Path) -> None:
        home = write(tmp_path / "mine", self.FILES)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", exercise.room / "properties.py", "--submission", home,
             "-p", "grader.judge.plugin", "--grade-device", "cpu"],
            cwd=home, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
                 "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        )  # fmt: skip
        assert "100 of 100 points" in done.stdout, done.stdout + done.stderr
        assert done.returncode == 0

    @pytest.mark.slow
    def test_in_a_notebook_of_its_own(self, exercise: course.Exercise, tmp_path: Path) -> None:
        """`%grade` takes what lies in the folder of the kernel."""
        home = write(tmp_path / "mine", {"helpers.py": SCALE})
        request = Request("1", [Run(1, USES)], str(exercise.course), None, "cpu", False, "en")
        done = subprocess.run(
            [sys.executable, "-P", "-m", "grader.notebook.grade_cells"],
            input=request.as_json(), cwd=home, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
        )  # fmt: skip
        assert json.loads(done.stdout)["report"]["score"] == 100, done.stdout + done.stderr

    def test_a_class_grades_again_what_has_another_module(
        self, exercise: course.Exercise, tmp_path: Path
    ) -> None:
        keys = set()
        for text in (SCALE, SCALE + "# more\n"):
            write(tmp_path / "class" / "ann", {**self.FILES, "helpers.py": text})
            found = roster.discover(tmp_path / "class", [exercise], [exercise])
            (answer,) = found.answers
            keys.add(answer.file.sha256)
            sent = pickle.loads(pickle.dumps(answer.submission))
            assert sent == answer.submission
            assert [module.source for module in sent.modules] == [text]
        assert len(keys) == 2
