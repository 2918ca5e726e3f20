"""What else is in the environment of whoever grades changes no verdict, and no text."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from quality import WHOLE

from grader.judge.wrong import wrong_answers

ROOT = Path(__file__).resolve().parent.parent
ROOM = ROOT / "solutions" / "ex03_attention_scoring"
WRONG = next(each.source for each in wrong_answers(ROOM) if each.name == "detached")
BROKEN = "raise SystemExit('a file of the user was run')\n"
# Files that a user may have in a folder of theirs, which break whoever imports them.
FILES = (
    *("sitecustomize.py", "usercustomize.py", "conftest.py", "evil.py", "startup.py"),
    *("torch.py", "hypothesis.py", "pytest.py", "numpy.py", "properties.py", "reference.py"),
)
# Of a folder, `{folder}`; each alone.
VARIABLES = {
    "PYTEST_PLUGINS": "evil",
    "PYTEST_ADDOPTS": "-k nothing --collect-only -p evil",
    "PYTEST_DEBUG": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "",
    "PYTHONSTARTUP": "{folder}/startup.py",
    "PYTHONINSPECT": "1",
    "PYTHONBREAKPOINT": "evil.run",
    "PYTHONWARNINGS": "error::UserWarning",
    "PYTHONHASHSEED": "7",
    "PYTHONDEVMODE": "1",
    "PYTHONOPTIMIZE": "2",
    "PYTHONUSERBASE": "{folder}",
    "PYTHONSAFEPATH": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONTRACEMALLOC": "1",
    "HYPOTHESIS_STORAGE_DIRECTORY": "{folder}/none",
    "HYPOTHESIS_PROFILE": "ci",
    "TORCH_LOGS": "+dynamo",
    "TORCH_SHOW_CPP_STACKTRACES": "1",
    "PYTORCH_JIT": "0",
    "OMP_NUM_THREADS": "7",
    "CUDA_VISIBLE_DEVICES": "",
}


@pytest.fixture
def folder(tmp_path):
    """A folder with files of the user's."""
    for name in FILES:
        (tmp_path / name).write_text(BROKEN)
    return tmp_path


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    """An answer with one mistake."""
    path = tmp_path_factory.mktemp("wrong") / "answer.py"
    path.write_text(WRONG)
    return path


def graded(answer, cwd=ROOT, **variables):
    """What a report says of an answer with one mistake, the seconds and versions aside."""
    command = [sys.executable, "-P", "-m", "grader", "exercise", "3", "-s", str(answer)]
    done = subprocess.run(
        [*command, "--no-speed", "--format", "json", "--course", str(ROOT)],
        cwd=cwd,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    results = [
        (p["name"], p["title"], p["status"], p["score"], p["message"], p["counterexample"])
        for p in report["properties"]
    ]
    return report["status"], report["score"], report["misconception"], results


@pytest.fixture(scope="module")
def usual(wrong):
    """The report with nothing around."""
    return graded(wrong)


@pytest.mark.slow
@pytest.mark.parametrize(
    "names", [[each] for each in VARIABLES] if WHOLE else [[*VARIABLES][n::2] for n in range(2)]
)
def test_no_variable_reaches_a_grading(names, folder, wrong, usual):
    """Neither score, nor titles, nor counterexamples depend on any: several at once, or each alone
    where quality is asked for."""
    values = {name: VARIABLES[name].format(folder=folder) for name in names}
    assert graded(wrong, **values) == usual


@pytest.mark.slow
def test_no_file_around_reaches_a_grading(folder, wrong, usual):
    """Nor on what lies in the working directory."""
    assert graded(wrong, cwd=folder) == usual


@pytest.mark.slow
def test_no_folder_on_the_path_reaches_a_grading(tmp_path, wrong, usual):
    """Nor on a sitecustomize of the user's, which Python itself runs in the command alone."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        assert not name.startswith(('torch', 'hypothesis', '_pytest')), 'it was reached'\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    for name in ("torch.py", "hypothesis.py", "pytest.py", "numpy.py"):
        (tmp_path / name).write_text(BROKEN)
    assert graded(wrong, PYTHONPATH=str(tmp_path)) == usual


@pytest.mark.slow
def test_help_is_there_without_docstrings():
    """Where Python drops docstrings, help and statements are read from the source."""
    commands = (["--help"], ["hint", "--help"], ["show", "3"], ["list"])
    code = (  # the program, for one command after the other
        "import os, sys\n"
        "os._exit = sys.exit\n"
        "from grader.cli import main\n"
        f"for words in {commands}:\n"
        "    sys.argv = ['grade', *words]\n"
        "    try: main()\n"
        "    except SystemExit as end: print(f'\\f{end.code}\\f', end='', flush=True)\n"
    )
    texts = []
    for level in ("0", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONOPTIMIZE": level, "COLUMNS": "100"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        texts.append(done.stdout.split("\f"))
    assert texts[0] == texts[1]
    assert texts[0][1::2] == ["0"] * len(commands)
    assert all(len(text) > 200 for text in texts[0][:-1:2])


# Of Python's own, of what is installed, and of the program's.
MODULES = ["json", "torch", "grader_history", "tomllib", "typer", "random"]


@pytest.mark.slow
@pytest.mark.parametrize("names", [[each] for each in MODULES] if WHOLE else [MODULES], ids=str)
def test_no_module_of_the_users_is_taken_for_another(names, tmp_path):
    """What lies on PYTHONPATH comes after Python's own modules and what is installed: all at once,
    or each alone where quality is asked for."""
    for name in names:
        (tmp_path / f"{name}.py").write_text(BROKEN)
    for command in (["list"], ["doctor"]):
        done = subprocess.run(
            [sys.executable, "-P", "-m", "grader", *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
            capture_output=True,
            text=True,
        )
        assert "Traceback" not in done.stderr
        assert "a file of the user was run" not in done.stderr
        assert done.stdout
