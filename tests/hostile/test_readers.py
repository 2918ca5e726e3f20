"""What hostile answers get where batches or a model are given: what their honest parts are worth.

Each file in `attacks_on_readers` is one submission to the exercise that its name begins with.
`EARNS` is what its honest parts are worth at most, `SAYS` a part of what its report tells.
"""

import re
from pathlib import Path

import pytest

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.submission import text as submission

HERE = Path(__file__).parent
ATTACKS = {path.stem: path for path in sorted((HERE / "attacks_on_readers").glob("*.py"))}

pytestmark = pytest.mark.usefixtures("known_mistakes")


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_answer_gets_what_it_earned(name, forkserver, processes):
    """Iterators and models that lie get no point for it, in time, and nothing of ours breaks."""
    number = re.match(r"ex(\d+)_", name)[1]
    text = ATTACKS[name].read_text()
    earns = int(re.search(r"^EARNS = (\d+)", text, re.MULTILINE)[1])
    says = re.search(r'^SAYS = "(.*)"', text, re.MULTILINE)[1]
    before = processes()
    report = grade(
        course.load(course.bundled()).exercise(number),
        submission.read(ATTACKS[name]),
        forkserver=forkserver,
        device="cpu",
        speed=False,
        effort=Effort.NAMED,
    )
    assert report.score <= earns < 100, [(each.name, each.status) for each in report.properties]
    assert "broken" not in {each.status for each in report.properties}
    assert report.status != "ungraded"
    assert any(says in (each.message or "") for each in report.properties)
    assert processes() <= before
