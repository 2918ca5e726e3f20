"""How the program is installed: under its name, in versions that go together, beside others."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import hypothesis
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from grader.judge import versions
from grader.judge.profile import FEW, no_local_constants

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CI = ROOT / ".github" / "workflows" / "ci.yml"
PINS = {
    each.name.lower(): each.specifier
    for line in (ROOT / "constraints.txt").read_text().splitlines()
    if line and not line.startswith("#")
    for each in [Requirement(line)]
}
NEEDED = [
    Requirement(text)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in group
    if not text.startswith(PROJECT["name"])
]


# --- versions -------------------------------------------------------------------------------------


def test_what_the_project_needs_is_pinned_within_its_bounds():
    """One version of each library in constraints.txt, which pyproject.toml allows; no other."""
    assert {each.name.lower() for each in NEEDED} == set(PINS)
    for each in NEEDED:
        (pin,) = PINS[each.name.lower()]
        assert pin.operator == "=="
        assert pin.version in each.specifier, f"{each}: constraints.txt has {pin.version}"


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_who_installs_a_checkout_takes_those_versions(file):
    """Every line that installs from a checkout names the file."""
    lines = (ROOT / file).read_text().splitlines()
    found = [line for line in lines if re.search(r"install [^|]*-e \S", line)]
    assert found
    assert [line for line in found if "-c constraints.txt" not in line] == []


def test_the_matrix_is_within_the_bounds(tmp_path):
    """GitHub can read it; Pythons and torches are those that the metadata allows, and each cell has
    a line that says whether it was run."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    subprocess.run([*command, "vendor.github-workflows", CI], check=True, cwd=tmp_path)
    matrix = yaml.safe_load(CI.read_text())["jobs"]["cells"]["strategy"]["matrix"]
    (torch,) = (each for each in NEEDED if each.name == "torch")
    assert all(version in torch.specifier for version in matrix["torch"])
    assert matrix["torch"][0].startswith(str(min(each.version for each in torch.specifier)))
    assert all(versions.is_tried(each) for each in matrix["torch"])
    (pin,) = PINS["torch"]
    assert pin.version in Requirement(versions.REQUIREMENT).specifier
    python = SpecifierSet(PROJECT["requires-python"])
    assert all(version in python for version in matrix["python"])
    table = (ROOT / "docs" / "versions.md").read_text()
    for system in matrix["system"]:
        assert system.partition("-")[0] in table.lower()
    for version in matrix["python"]:
        assert re.search(rf"^\|.*\b{re.escape(version)}\b.*\|", table, re.MULTILINE)


def test_hypothesis_still_has_what_is_taken_from_its_inside():
    """`no_local_constants` puts a function of its own into Hypothesis. Where Hypothesis calls it
    something else, or asks it no more, draws would depend on where this program lies."""
    said = (
        f"Hypothesis {hypothesis.__version__} has moved it: see no_local_constants in"
        " grader/judge/profile.py, and hold `hypothesis<` this version until it is mended."
    )
    for name in ("_get_local_constants", "GLOBAL_CONSTANTS", "CONSTANTS_CACHE"):
        assert hasattr(providers, name), f"{name}: {said}"
    assert hasattr(providers.CONSTANTS_CACHE, "cache"), said
    asked, found = [], []

    @hypothesis.seed(1)
    @FEW
    @given(st.integers() | st.floats() | st.text())
    def draw(value: object) -> None:
        found.append(value)

    with no_local_constants():
        ours = providers._get_local_constants
        providers._get_local_constants = lambda: asked.append(True) or ours()
        draw()
    assert found
    assert asked, said
    assert providers._get_local_constants is not ours


# --- names ----------------------------------------------------------------------------------------


def started(path: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`grade` as an installed script starts it, with the modules of a folder first."""
    code = f"import sys; sys.path.insert(0, {str(path)!r}); import torchgrade; torchgrade.main()"
    environment = {k: v for k, v in os.environ.items() if k not in ("LC_ALL", "LC_MESSAGES")}
    return subprocess.run(
        [sys.executable, "-P", "-c", code, *words],
        cwd=path,
        env={**environment, "LANG": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
    )


def another(folder: Path, name: str = "grader", files: str = "grader/__init__.py,,\n") -> None:
    """What pip leaves of another project of that name."""
    info = folder / f"{name}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "RECORD").write_text(files)


@pytest.mark.parametrize(
    "content", ["VERSION = '1.2'\n", "import not_there_at_all\n", "raise ValueError\n"]
)
def test_another_grader_in_the_place_of_this_one_is_named(content, tmp_path):
    """Two lines: which project has it and where it lies, and what to do; in Chinese too."""
    (tmp_path / "grader").mkdir()
    (tmp_path / "grader" / "__init__.py").write_text(content)
    another(tmp_path)
    done = started(tmp_path, "list")
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert "another project's (grader 1.2: pip uninstall grader)" in first
    assert str(tmp_path / "grader") in first
    assert "install this program again" in second
    assert "另一个项目" in started(tmp_path, "list", LANG="zh_CN.UTF-8").stderr


def test_another_file_over_this_packages_own_is_named(tmp_path):
    """As where `pip install grader` came after: its `__init__.py` lies among this program's files,
    however the program is started."""
    package = tmp_path / "grader"
    package.mkdir()
    for each in (ROOT / "grader").iterdir():
        if each.name not in ("__init__.py", "__pycache__"):
            (package / each.name).symlink_to(each)
    (package / "__init__.py").write_text("# grader\n")
    another(tmp_path)
    for done in (
        started(tmp_path, "list"),
        subprocess.run(
            [sys.executable, "-m", "grader", "list"],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
            capture_output=True,
            text=True,
        ),
    ):
        assert done.returncode == 2
        assert "pip uninstall grader" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_program_starts_as_ever_where_it_is_its_own(tmp_path):
    """Whatever else is installed."""
    assert started(tmp_path, "--version").stdout.startswith("grade 0.")


def test_a_command_looks_for_garbage_once_all_is_imported():
    """While it imports it does without, which takes a tenth of the time."""
    program = (
        "import gc, grader.cli; from grader.__main__ import main;"
        " grader.cli.main = lambda: print(gc.isenabled()); main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


@pytest.mark.slow
def test_doctor_names_others_of_its_names_and_a_torch_that_nobody_tried(tmp_path):
    """One line for each project that has the module or the command; and the torches tried."""
    another(tmp_path)
    another(tmp_path, "grade", "grade/__init__.py,,\n")
    info = tmp_path / "grade-1.2.dist-info"
    (info / "entry_points.txt").write_text("[console_scripts]\ngrade = grade.cli:main\n")
    another(tmp_path, "harmless", "graders.py,,\n")
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        "import torch; torch.__version__ = '9.1.0'\n"
        "sys.argv = ['grade', 'doctor']; import torchgrade; torchgrade.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert "grader 1.2 is installed here too, and has `grader`" in done.stdout
    assert "grade 1.2 is installed here too, and has the command `grade`" in done.stdout
    assert "pip uninstall grade," in done.stdout
    assert "harmless" not in done.stdout
    assert re.search(r"torch +9\.1\.0.*not tried", done.stdout)


# --- images ---------------------------------------------------------------------------------------


def test_the_image_is_nobodys_root():
    """Its last user is not root, before anything of the program runs; its versions are pinned."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    words = [line.split() for line in lines if line and not line.startswith("#")]
    users = [each[1] for each in words if each[0] == "USER"]
    assert users == ["learner"]
    begin = words.index(["USER", "learner"])
    runs = [each for each in words if each[:2] == ["RUN", "pip"]]
    assert runs
    assert all("-c" in each for each in runs)
    assert all("grade" not in each for each in words[:begin] if each[0] == "RUN")
    assert ["RUN", "grade", "doctor", "||", "true"] in words[begin:]


def test_the_devcontainer_installs_what_a_contributor_does():
    """Torch for the CPU before the large one can be taken, the pinned versions, not as root."""
    made = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    installing = made["updateContentCommand"]
    assert "-c constraints.txt torch --index-url https://download.pytorch.org/whl/cpu" in installing
    assert installing.count("-c constraints.txt") == installing.count("pip install")
    assert made["remoteUser"] != "root"
    assert "grade doctor" in made["postCreateCommand"]
