"""Grading with pytest itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "tests" / "classroom" / "odd_course"
HOSTILE = """def double(x):
    raise ValueError("a\\n::set-output name=a::b\\r::add-mask::1\\n##[error]c\\x1b]52;c;eA==\\x07")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["-k", "nothing"], 5, "No property was chosen: there is no score."),
        (["-x"], 1, "of 2 properties were tried: there is no score."),
        ([], 1, "0 of 100 points: failed"),
    ],
)
def test_what_was_not_to_be_tried_is_nobodys_fault(tmp_path, options, code, words):
    """With a choice that chooses nothing, or an end at the first failure, pytest's own exit code
    stands, and nothing is said of a fault of the grader's."""
    path = tmp_path / "ex01_double.py"
    path.write_text("def double(x):\n    return x + 2\n")
    room = COURSE / "solutions" / "ex01_double" / "properties.py"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", room, "--submission", path]
    done = subprocess.run(
        [*command, "--no-speed", *options], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout
    assert "at fault" not in done.stdout


@pytest.mark.slow
def test_no_log_takes_orders_from_a_student(tmp_path):
    """What a submission raises is shown, and steers neither a terminal nor what keeps the log."""
    path = tmp_path / "ex01_double.py"
    path.write_text(HOSTILE)
    room = COURSE / "solutions" / "ex01_double" / "properties.py"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", room, "--submission", path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "set-output" in done.stdout
    assert "\x1b" not in done.stdout
    for line in done.stdout.splitlines():
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)
