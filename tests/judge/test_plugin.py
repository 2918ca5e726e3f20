"""Grading with pytest itself."""

import re
import shutil
from functools import partial
from pathlib import Path

import pytest

from grader.judge import grading

COURSE = Path(__file__).resolve().parents[1] / "classroom" / "odd_course"
HOSTILE = """def double(x):
    raise ValueError("a\\n::set-output name=a::b\\r::add-mask::1\\n##[error]c\\x1b]52;c;eA==\\x07")
"""


def arguments(folder, source):
    """Those that pytest grades this answer with. The course is a copy, which has none of these
    tests' own conftest.py above it: that would start a forkserver, which nobody here asks."""
    shutil.copytree(COURSE, folder / "course")
    path = folder / "ex01_double.py"
    path.write_text(source)
    room = folder / "course" / "solutions" / "ex01_double" / "properties.py"
    return ["-p", "no:cacheprovider", str(room), "--submission", str(path), "--no-speed"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["-k", "nothing"], 5, "No property was chosen: there is no score."),
        (["-x"], 1, "of 2 properties were tried: there is no score."),
    ],
)
def test_what_was_not_to_be_tried_is_nobodys_fault(
    tmp_path, options, code, words, forkserver, monkeypatch, capsys
):
    """With a choice that chooses nothing, or an end at the first failure, pytest's own exit code
    stands, and nothing is said of a fault of the grader's."""
    # In this process, which has torch already.
    monkeypatch.setattr(grading, "Grading", partial(grading.Grading, forkserver=forkserver))
    given = arguments(tmp_path, "def double(x):\n    return x + 2\n")
    returned = pytest.main([*given, "--capture=no", "-p", "no:xdist", *options])
    printed = capsys.readouterr().out
    assert returned == code, printed
    assert words in printed
    assert "at fault" not in printed


@pytest.mark.slow
def test_no_log_takes_orders_from_a_student_and_the_score_is_said(
    tmp_path, forkserver, monkeypatch, capfd
):
    """What a submission raises is shown, and steers neither a terminal nor what keeps the log."""
    # In this process, which has torch already.
    monkeypatch.setattr(grading, "Grading", partial(grading.Grading, forkserver=forkserver))
    returned = pytest.main([*arguments(tmp_path, HOSTILE), "-p", "no:xdist"])
    printed, _ = capfd.readouterr()
    assert returned == 1, printed
    assert "0 of 100 points: failed" in printed  # nothing was left out: there is a score
    assert "at fault" not in printed
    assert "set-output" in printed
    assert "\x1b" not in printed
    for line in printed.splitlines():
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)
