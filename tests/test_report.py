"""The report model: what is written as JSON comes back as it was."""

import json
import math

import pytest

from grader.report import (
    Comparison,
    Excerpt,
    Interval,
    Misconception,
    Part,
    PropertyResult,
    PropertyStatus,
    Report,
    Status,
    Timing,
    TimingVerdict,
)

PARTS = (
    Part(
        "scores",
        Excerpt("float64", (2, 2), (0, 0), ((math.inf, 1.0), (-math.inf, 2.0))),
        Excerpt("complex64", (1,), (0,), ("1+2j",)),
        worst=(0, 1),
        difference=math.inf,
        tolerance=1e-6,
    ),
    Part("", "None", Excerpt("bool", (), (), True)),
)
REPORT = Report(
    number=3,
    slug="attention_scoring",
    title="Attention scoring",
    path="ex03.py",
    sha256="a" * 64,
    status=Status.PARTIAL,
    score=40,
    max_score=100,
    properties=(
        PropertyResult("test_a", "A.", PropertyStatus.PASSED, 40, 40, seconds=0.5),
        PropertyResult(
            "test_b",
            "B.",
            PropertyStatus.FAILED,
            0,
            60,
            message="NUL \0 and half a character \ud800",
            counterexample="f(1)",
            comparison=Comparison("f(1)", PARTS, agreeing=("weights",), left_out=2),
            line=7,
        ),
    ),
    misconception=Misconception("Unscaled", "Divide by the root."),
    timing=Timing("cpu", TimingVerdict.OK, 3.0, 1.5, 1.0, None, Interval(1.5, 1.0, 2.0), None, 12),
    environment={"torch": "2.13", "threads": 1},
    sandbox={"seccomp": "active"},
    seconds=0.75,
)


def test_a_report_comes_back_from_json_as_it_was():
    """Every field, numbers that JSON does not know among them."""
    text = json.dumps(REPORT.as_json(), allow_nan=False)
    again = Report.from_json(json.loads(text))
    assert again == REPORT
    assert again.as_json() == REPORT.as_json()


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"status": "splendid"}, {"properties": [{"name": "x"}]}]
)
def test_what_is_no_report_is_refused(change):
    """With the reason, and as nothing but a ValueError."""
    with pytest.raises(ValueError, match=r"."):
        Report.from_json({**REPORT.as_json(), **change})
    with pytest.raises(ValueError, match="exercise"):
        Report.from_json({"schema": 1})
