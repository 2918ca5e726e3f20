"""Answers to the bundled exercises that were once told a mistake that is not theirs."""

from pathlib import Path

import pytest
from quality import WHOLE

from grader.course import model as course
from grader.judge.effort import Effort
from grader.judge.grading import grade
from grader.submission.text import read

COURSE = Path(__file__).resolve().parent.parent.parent
PRE_NORM = "x + _attention(_norm(x, params, 'norm1'), params, num_heads, valid_lens)"
# The exercise, what of its reference is replaced and by what, the name, None where there is none
# for it, and a property that shows it: in the suite nothing else is tried.
ANSWERS = {
    "the update gate inverted, as in the textbook": (
        "15",
        "return (1 - z) * n + z * h",
        "return z * n + (1 - z) * h",
        "UpdateInverted",
        "test_step",
    ),
    "the norm before the attention": (
        "39",
        '_norm(x + _attention(x, params, num_heads, valid_lens), params, "norm1")',
        PRE_NORM,
        "norm_before_attention",
        "test_norms",
    ),
    "no gradient for a bias of zeros": (
        "11",
        "return y if bias is None else y + bias[:, None, None]",
        "return y + bias[:, None, None] if bias is not None and bias.any() else y",
        None,
        "test_gradients",
    ),
    "what a property seeds is told of, too": (
        "44",
        "outputs.append(output.flip(0) if suffix else output)",
        "outputs.append(output)",
        "NotReversedBack",
        "test_state",
    ),
    "the product of the channels checked": (
        "6",
        "if in_channels % groups or out_channels % groups:",
        "if (out_channels * in_channels) % groups:",
        "product_checked",
        "test_indivisible",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", ANSWERS)
def test_a_mistake_is_not_taken_for_another(what, forkserver):
    """The name that is given is the mistake's own, or there is none."""
    number, line, instead, name, shown_by = ANSWERS[what]
    exercise = course.find(COURSE).exercise(number)
    base = read(exercise.room / "reference.py")
    assert line in base.source
    report = grade(
        exercise,
        base.with_source(base.source.replace(line, instead)),
        device="cpu",
        speed=False,
        forkserver=forkserver,
        effort=Effort.NAMED,
        only=None if WHOLE else shown_by,
    )
    assert report.score < report.max_score
    assert (report.misconception and report.misconception.name) == name
