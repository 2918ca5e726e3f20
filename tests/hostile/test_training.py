"""What hostile training gets: no point for steps that it did not make, and nothing of ours breaks.

Each file in `attacks_on_training` is one submission to the exercise of the bundled course that it
names; `EARNS` is what its honest parts are worth at most.
"""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "attacks_on_training"
ATTACKS = {path.stem: path for path in sorted(HERE.glob("*.py"))}

pytestmark = pytest.mark.usefixtures("known_mistakes")


@pytest.mark.parametrize("name", ATTACKS)
def test_what_was_not_trained_earns_nothing(name, grade_source, processes):
    """What a worker notes of its steps is held against the reference's, and the parameters too."""
    source = ATTACKS[name].read_text()
    said = {n: int(v) for n, v in re.findall(r"^(EXERCISE|EARNS) = (\d+)", source, re.MULTILINE)}
    before = processes()
    report = grade_source(str(said["EXERCISE"]), source, speed=False)
    assert report.score <= said["EARNS"]
    assert report.status in ("failed", "partial")
    assert "broken" not in {each.status for each in report.properties}
    assert "error" not in {each.status for each in report.properties}
    assert processes() <= before
