"""What calls do beside giving a result costs one property, whichever of them show it."""

import pytest

from grader.judge.effort import Effort

PROPERTIES = """
@pytest.mark.points(20)
@given(cases())
def test_first(student, reference, x):
    agree(student.double(x), reference.double(x))

@pytest.mark.points(20)
@pytest.mark.effects
@given(cases())
def test_home(student, x):
    student.double(x)

@pytest.mark.points(20)
def test_large(student, reference):
    x = torch.ones(50)
    agree(student.double(x), reference.double(x))

@pytest.mark.points(40)
def test_last(student, reference):
    x = torch.zeros(3)
    agree(student.double(x), reference.double(x))
"""
NO_HOME = PROPERTIES.replace("@pytest.mark.effects\n", "")
CHANGES = """
import torch
kept = {{}}
def double(x):
    result = x + x
    if {where}:
        {what}
    return result
"""

# Nothing is looked for that would explain it.
QUICK = {"effort": Effort.EVERY}


def failed(report) -> list[str]:
    return [p.name for p in report.properties if p.score < p.max_score]


@pytest.mark.parametrize(
    ("properties", "where", "property_"),
    [
        (PROPERTIES, "True", "test_home"),
        (PROPERTIES, "x.dtype == torch.float64", "test_home"),
        (PROPERTIES, "x.dim() == 1", "test_large"),
        (PROPERTIES, "x.shape == (3,)", "test_last"),
        (NO_HOME, "True", "test_last"),
        (NO_HOME, "x.shape == (50,)", "test_last"),
    ],
)
def test_it_costs_the_property_at_home_or_the_first_after_it(tiny, properties, where, property_):
    """At home is the one with the mark, or else the last."""
    report = tiny.grade(CHANGES.format(where=where, what="x.neg_().neg_()"), properties, **QUICK)
    assert failed(report) == [property_]
    (message,) = [p.message for p in report.properties if p.message]
    assert message.startswith("Your code writes to `x`, whose values come out the same")


def test_the_call_that_shows_it_is_shown(tiny):
    """Not one of the property that it costs."""
    report = tiny.grade(CHANGES.format(where="x.shape == (50,)", what="x.zero_()"), NO_HOME)
    (found,) = [p for p in report.properties if p.message]
    assert found.name == "test_last"
    assert "50" in found.counterexample


def test_each_kind_costs_once(tiny):
    """Two kinds, seen in other calls, cost two properties."""
    what = "torch.rand(1)\n    if x.shape == (50,):\n        x.zero_()"
    report = tiny.grade(CHANGES.format(where="x.dim() == 2", what=what), PROPERTIES, **QUICK)
    assert failed(report) == ["test_home", "test_large"]


def test_a_result_that_a_later_call_changes_is_told(tiny):
    """It was right when it was looked at."""
    what = "result = kept.setdefault(x.dtype, torch.zeros(99, dtype=x.dtype))[: x.numel()]"
    what += ".view(x.shape).copy_(x * 2)"
    report = tiny.grade(CHANGES.format(where="x.numel() < 99", what=what), PROPERTIES, **QUICK)
    assert failed(report) == ["test_home"]


def test_what_the_reference_does_is_allowed(tiny):
    """An exercise may be about a change."""
    changing = "import torch\ndef double(x):\n    torch.rand(1)\n    return x.mul_(2)"
    answer = "import torch\ndef double(x):\n    torch.rand(2)\n    x += x\n    return x"
    report = tiny.grade(answer, PROPERTIES, "", changing)
    assert report.score == 100, [p.message for p in report.properties]


RAISING = """
@pytest.mark.points(30)
@given(cases())
def test_values(student, reference, x):
    agree(student.double(x), reference.double(x))

@pytest.mark.points(30)
def test_raises(student):
    student.double.raises(ValueError, torch.ones(0))

@pytest.mark.points(40)
@pytest.mark.effects
def test_home(student, reference):
    agree(student.double(torch.ones(2)), reference.double(torch.ones(2)))
"""
REFUSES = "def double(x):\n    if not x.numel():\n        raise ValueError\n    return x * 2"
LEAVING = """
import torch
def double(x):
    {before}
    if not x.numel():
        raise ValueError
    {after}
    return x * 2
"""


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("torch.set_grad_enabled({})", "gradients"),
        ("torch.set_default_dtype([torch.float64, torch.float32][{}])", "default dtype"),
        ("torch.set_num_threads([8, torch.get_num_threads()][{}])", "number of threads"),
    ],
)
def test_what_a_call_that_raises_leaves_is_seen(tiny, setting, words):
    """Who turns something off and raises before it is on again left it off."""
    report = tiny.grade(
        LEAVING.format(before=setting.format(False), after=setting.format(True)),
        RAISING,
        "",
        REFUSES,
        **QUICK,
    )
    assert failed(report) == ["test_home"]
    (message,) = [p.message for p in report.properties if p.message]
    assert words in message


def test_a_call_that_raises_within_a_block_leaves_nothing(tiny):
    """`with` puts it back."""
    inside = "with torch.no_grad():\n        if not x.numel(): raise"
    text = LEAVING.replace("if not x.numel():\n        raise", inside)
    report = tiny.grade(text.format(before="pass", after="pass"), RAISING, "", REFUSES)
    assert report.score == 100, [p.message for p in report.properties]
