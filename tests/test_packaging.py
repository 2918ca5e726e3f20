"""What an installed wheel can do, and that the README speaks the truth about commands."""

import os
import subprocess
import sys
import venv
import zipfile
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


def test_the_wheel_carries_the_course(wheel):
    """Stubs, references and properties travel as package data."""
    names = zipfile.ZipFile(wheel).namelist()
    assert "grader/bundled/exercises/course.toml" in names
    assert "grader/bundled/exercises/ex03_attention_scoring.py" in names
    assert "grader/bundled/solutions/ex03_attention_scoring/properties.py" in names
    assert "grader/templates/report/report.html.j2" in names
    assert "grader/py.typed" in names
    assert not [name for name in names if name.endswith(".pyc")]


def test_an_installed_wheel_grades_outside_a_checkout(wheel, tmp_path):
    """`grade exercise 3 --submission my.py` works from any folder, with the bundled course."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False, symlinks=True)
    site = next((environment / "lib").glob("python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # The dependencies are those of the environment that runs the tests.
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (site / "dependencies.pth").write_text("\n".join(ours))
    answer = tmp_path / "my.py"
    room = ROOT / "solutions" / "ex03_attention_scoring"
    answer.write_text((room / "reference.py").read_text())
    code = "import grader.cli; print(grader.__file__); grader.cli.main()"
    done = subprocess.run(
        [environment / "bin" / "python", "-c", code, "exercise", "3", "--submission", answer],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(site) in done.stdout
    assert "100 / 100" in done.stdout


def test_ci_runs_the_command_of_the_readme():
    """`.ci/run` is the README's test command, word for word."""
    command = next(line for line in README.splitlines() if line.endswith("-m pytest"))
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()


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
    heading, *rest = done.stdout.strip().splitlines()
    assert "\n".join(rest[1:]) in README
    assert heading.startswith("Exercise 3. Attention scoring")
