"""What an installed wheel can do, and that the README speaks the truth about commands."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
def test_the_wheel_carries_the_course(wheel):
    """Stubs, references and properties travel as package data."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "grader/bundled/exercises/course.toml" in names
    assert "grader/bundled/exercises/ex03_attention_scoring.py" in names
    assert "grader/bundled/solutions/ex03_attention_scoring/properties.py" in names
    assert "grader/templates/report/report.html.j2" in names
    assert "grader/py.typed" in names
    assert not [name for name in names if name.endswith(".pyc")]


@dataclass
class Installed:
    """`grade` of a wheel that is installed in `site`, apart from this checkout."""

    python: Path
    site: Path

    def __call__(self, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
        code = "import grader.cli as c, sys; assert sys.prefix in c.__file__; c.main()"
        apart = ("PYTHONPATH", "GRADE_HISTORY", "CI")
        return subprocess.run(
            [self.python, "-c", code, *map(str, arguments)],
            cwd=cwd,
            env={k: v for k, v in os.environ.items() if k not in apart},
            capture_output=True,
            text=True,
        )


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory) -> Installed:
    """The wheel, installed beside the dependencies of the environment that runs the tests."""
    environment = tmp_path_factory.mktemp("installed")
    venv.create(environment, with_pip=False, symlinks=True)
    site = next((environment / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(ours))
    return Installed(environment / "bin" / "python", site)


@pytest.mark.slow
def test_an_installed_wheel_grades_outside_a_checkout(installed, tmp_path):
    """`grade exercise 6 --submission my.py` works from any folder, with the bundled course."""
    answer = tmp_path / "my.py"
    room = ROOT / "solutions" / "ex06_count_conv_params"
    answer.write_text((room / "reference.py").read_text())
    done = installed("exercise", "6", "--submission", answer, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 / 100" in done.stdout
    listed = installed("list", cwd=tmp_path).stdout
    assert "✓ 100" in listed
    assert (tmp_path / ".grade.sqlite").is_file()


@pytest.mark.slow
def test_an_installed_wheel_begins_a_workspace(installed, tmp_path):
    """Who has no stubs is told how to have them; in the workspace everything is at hand, the
    answers too, which lie with the program."""
    for arguments in (["list"], ["next"], ["show", "3"], ["exercise", "3"], ["reset", "3"]):
        done = installed(*arguments, cwd=tmp_path)
        assert "grade init my-exercises" in done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []
    assert installed("init", "my-exercises", cwd=tmp_path).returncode == 0
    mine = tmp_path / "my-exercises"
    assert "exercises/ex01_lstm_step.py" in installed("next", cwd=mine).stdout
    assert "not started" in installed("exercise", "3", cwd=mine).stdout
    assert "torch.softmax" in installed("solution", "3", "--give-up", cwd=mine).stdout
    (reference,) = installed.site.glob("grader/bundled/solutions/ex03_*/reference.py")
    answer = mine / "exercises" / "ex03_attention_scoring.py"
    answer.write_text(f"{reference.read_text()}\nopen({str(reference)!r})\n")
    assert "PermissionError" in installed("exercise", "3", cwd=mine).stdout


def test_ci_runs_the_command_of_the_readme():
    """`.ci/run` is the README's test command, word for word."""
    command = next(line for line in README.splitlines() if "-m pytest" in line)
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.slow
def test_the_transcript_of_the_readme_is_real(tmp_path):
    """The failing report that the README shows is what the program prints."""
    answer = tmp_path / "ex03_attention_scoring.py"
    room = ROOT / "solutions" / "ex03_attention_scoring"
    answer.write_text((room / "reference.py").read_text().replace(" / math.sqrt(d)", ""))
    done = subprocess.run(
        [sys.executable, "-m", "grader", "exercise", "3", "-s", answer],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
    )
    said, _, _ = done.stdout.strip().partition(" -s\n")  # which only names the file for debug
    said = re.sub(r"Look at\s+/[^:]*:", f"Look at exercises/{answer.name}:", said)
    heading, *rest = said.splitlines()
    assert "\n".join(rest[1:]) in README
    assert heading.startswith("Exercise 3. Attention scoring")
