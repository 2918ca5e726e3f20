"""What is right for small inputs and for those of the clock, and wrong between: not full marks.

Each file in `attacks_on_sizes` is one submission to exercise 3. `EARNS` is what its honest parts
are worth at most, its running time left out.
"""

import re
from pathlib import Path

import pytest

from grader.report import PropertyStatus

HERE = Path(__file__).parent
ATTACKS = {path.stem: path for path in sorted((HERE / "attacks_on_sizes").glob("*.py"))}


@pytest.mark.slow
@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_wrong_between_small_and_large_is_wrong(grade_source, name):
    """The sizes between are tried, also where nobody takes the time."""
    text = ATTACKS[name].read_text(encoding="utf-8")
    report = grade_source("3", text, speed=False)
    failed = {each.name for each in report.properties if each.status is PropertyStatus.FAILED}
    assert "test_middle_sizes" in failed
    assert report.score <= int(re.search(r"^EARNS = (\d+)", text, re.MULTILINE)[1]) < 100
