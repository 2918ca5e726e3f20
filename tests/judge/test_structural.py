"""Mistakes of structure: those that are told, and what only looks like one."""

import pytest

from grader.judge.effort import Effort

PROPERTIES = """
from hypothesis import settings


@pytest.mark.points(100)
@settings(max_examples=12)
@given(cases(), st.booleans())
def test_values(student, reference, case, shift):
    \"\"\"The result is right.\"\"\"
    for dtype in (torch.float64, torch.float32):
        x = case.to(dtype)
        b = torch.linspace(1, 2, case.shape[1]).to(dtype)
        args = (x, b, 3, shift)
        agree(student.double(*args), reference.double(*args))
        agree(student.double.gradients(*args, seed=1), reference.double.gradients(*args, seed=1))
"""
REFERENCE = """
import torch


def double(x, b, times=2, shift=False):
    scores = x * times + b
    if shift:
        scores = scores + 0.5
    return scores, torch.exp(scores).sum(0)
"""
PARTS = "    return scores, torch.exp(scores).sum(0)\n"
# What differs from the reference, and the name of the mistake; None where it only looks like one.
ANSWERS = {
    "swapped": (PARTS, "    return torch.exp(scores).sum(0), scores\n", "ResultsSwapped"),
    "one alone": (PARTS, "    return scores\n", "OneResultOnly"),
    "transposed": (PARTS, "    return scores.T, torch.exp(scores).sum(0)\n", "Transposed"),
    "reshaped": (
        PARTS,
        "    return scores.reshape(scores.T.shape), torch.exp(scores).sum(0)\n",
        "ReshapedForTransposed",
    ),
    "flipped": (PARTS, "    return scores.flip(0), torch.exp(scores).sum(0)\n", "Flipped"),
    "flipped, but for two rows": (
        PARTS,
        "    return (scores.flip(0) if len(scores) != 2 else scores + 0.1), scores.exp().sum(0)\n",
        None,
    ),
    "sign": (PARTS, "    return -scores, torch.exp(scores).sum(0)\n", "Sign"),
    "factor": (PARTS, "    return scores, 1.5 * torch.exp(scores).sum(0)\n", "Factor"),
    "factor that depends on a size": (
        PARTS,
        "    return scores, len(x) * 1.5 * torch.exp(scores).sum(0)\n",
        None,
    ),
    "offset": (PARTS, "    return scores + 1e-5, torch.exp(scores).sum(0)\n", "Offset"),
    "offset that is not constant": (
        PARTS,
        "    return scores + 1e-5 * scores.abs(), torch.exp(scores).sum(0)\n",
        None,
    ),
    "no bias": ("* times + b", "* times + 0 * b", "ArgumentZero"),
    "bias twice": ("* times + b", "* times + 2 * b", "ArgumentTwice"),
    "bias of the first column": ("* times + b", "* times + b[:1]", "FirstOfArgumentForAll"),
    "argument ignored": ("x * times", "x * 2", "OptionIgnored"),
    "option ignored": ("if shift:", "if False:", "OptionIgnored"),
    "option negated": ("if shift:", "if not shift:", "OptionNegated"),
    "last left at zero": (
        PARTS,
        "    keep = (torch.arange(len(x)) < len(x) - 1).to(x.dtype).unsqueeze(1)\n"
        + PARTS.replace("return scores", "return keep * scores"),
        "LastZero",
    ),
    "last cut off": (PARTS, "    return scores[:-1], torch.exp(scores).sum(0)\n", "LastMissing"),
    "detached": (PARTS, "    return scores.detach(), scores.detach().exp().sum(0)\n", "Detached"),
    "one argument detached": ("* times + b", "* times + b.detach()", "ArgumentDetached"),
    "single precision": (
        PARTS,
        "    return scores.float().to(x.dtype), scores.float().exp().sum(0).to(x.dtype)\n",
        "LowPrecision",
    ),
    "a small error that is no rounding": (
        PARTS,
        "    return scores, (scores * (1 + 1e-7 * x)).exp().sum(0)\n",
        None,
    ),
    "samples mixed": (
        PARTS,
        "    return scores.mean(0, keepdim=True).expand_as(scores), torch.exp(scores).sum(0)\n",
        "MeanForAll",
    ),
    "columns mixed": (
        PARTS,
        "    scores = scores / scores.var()\n" + PARTS,
        "Coupled",
    ),
    "columns mixed, and none of them alone": (
        PARTS,
        "    scores = scores - scores.mean(1, keepdim=True)\n" + PARTS,
        "Coupled",
    ),
    "rows mixed, which are summed up anyway": (
        PARTS,
        "    scores = scores * (1 + scores.abs().amax(0))\n" + PARTS,
        None,
    ),
    "another result for a single column": (
        PARTS,
        "    scores = scores + x * x * (x.shape[1] == 1)\n" + PARTS,
        None,
    ),
    "another result each time": (
        PARTS,
        "    scores = scores + torch.rand_like(scores) * scores.mean()\n" + PARTS,
        None,
    ),
    "one dtype only": (
        PARTS,
        "    if x.dtype == torch.float32:\n        scores = scores * 1.5 + x * x\n" + PARTS,
        "InOneDtype",
    ),
    "kept between calls": (
        "    scores = x * times + b\n",
        "    KEPT.append(1)\n    scores = x * times + b * (1 if len(KEPT) < 2 else len(KEPT))\n",
        "StateKept",
    ),
    "random": (PARTS, "    return scores + torch.rand(()), torch.exp(scores).sum(0)\n", None),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_a_mistake_of_structure_is_named(tiny, what):
    """An answer that has it is told so, without a misconception; what only looks like it is not."""
    line, instead, name = ANSWERS[what]
    assert line in REFERENCE
    answer = REFERENCE.replace(line, instead) + "\n\nKEPT = []\n"
    report = tiny.grade(answer, PROPERTIES, "", REFERENCE, effort=Effort.NAMED)
    assert report.score < report.max_score
    assert (report.misconception and report.misconception.name) == name
