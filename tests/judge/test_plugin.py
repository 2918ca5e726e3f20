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
